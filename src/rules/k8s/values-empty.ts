import { defineRule } from '../../core/rule.ts';
import { openDefaults } from '../../manifest/chart.ts';
import { setAt } from '../../manifest/edit.ts';
import { fixOf, LIMIT_PLACEHOLDER, possible } from '../../manifest/fixes.ts';
import type { Manifests } from '../../manifest/manifests.ts';
import { placeIn } from '../shared/manifests/manifest.ts';

export default defineRule({
  id: 'k8s/values-empty',
  tier: 'M',
  severity: 'information',
  summary: 'A chart whose default values set no memory limit',
  note: {
    why: 'Most installations run with the defaults. Without a limit there the container may use the whole node, and nobody was asked.',
    myth: 'fix-without-measuring',
  },
  messages: {
    empty:
      'Chart default "{path}": no memory limit. Whoever installs it unchanged lets the container use the whole node',
  },
  exemptions: {
    unused: 'no template of the chart hands it to a container as it stands',
    parent: 'the chart around it sets {limit}',
  },
  check(manifests: Manifests, report) {
    for (const { file, path, limit, found, usedBy, parent } of openDefaults(manifests)) {
      const at = placeIn(file, found.entry.key.span);
      if (!usedBy) {
        report.exempt({ reason: 'unused', at });
        continue;
      }
      if (parent) {
        report.exempt({ reason: 'parent', at, data: { limit: parent.text } });
        continue;
      }
      const edits = setAt(file, found.map, [found.entry.key.text, ...limit], LIMIT_PLACEHOLDER);
      report.find({
        message: 'empty',
        at,
        confidence: 'high',
        data: { path },
        related: [
          { ...placeIn(usedBy, usedBy.workloads[0]!.object.at), message: 'rendered into this workload' },
        ],
        fixes: possible(
          fixOf(
            file,
            'Set a memory limit: fill in the measured peak plus 25 %',
            'has-placeholders',
            edits,
            found.shared,
          ),
        ),
      });
    }
  },
});
