import { defineRule } from '../../core/rule.ts';
import { deadValues } from '../../manifest/chart-use.ts';
import type { Manifests } from '../../manifest/manifests.ts';
import { placeIn } from '../shared/manifests/manifest.ts';

export default defineRule({
  id: 'k8s/values-dead',
  tier: 'M',
  severity: 'warning',
  summary: 'A memory value of a chart that no template reads',
  note: {
    why: 'Whoever sets it believes that the container is limited. The template reads another key, so the container runs without.',
    myth: 'fix-without-measuring',
  },
  messages: {
    dead: '"{path}" is not used by any template of the chart: setting it limits nothing',
  },
  exemptions: {
    subchart: 'the values are those of another chart',
    unread: 'the templates of the chart hand on all values, or are not all read',
  },
  check(manifests: Manifests, report) {
    for (const { file, path, amount, state } of deadValues(manifests)) {
      const at = placeIn(file, amount.entry.key.span);
      if (state !== 'dead') report.exempt({ reason: state, at });
      else report.find({ message: 'dead', at, confidence: 'medium', data: { path } });
    }
  },
});
