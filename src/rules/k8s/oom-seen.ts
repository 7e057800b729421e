import { percentAbove } from '../../core/quantity.ts';
import { defineRule } from '../../core/rule.ts';
import { possible } from '../../manifest/fixes.ts';
import type { Manifests } from '../../manifest/manifests.ts';
import { setMeasuredLimit } from '../../manifest/measured-fixes.ts';
import { isAlwaysPatched } from '../../manifest/overlay.ts';
import { timesText } from '../../measure/describe.ts';
import { needed, peakOf } from '../../measure/measurement.ts';
import { measuredBytes, measuredLimits, relatedMeasurement } from '../shared/manifests/measured.ts';
import { OVERLAID } from '../shared/manifests/overlays.ts';

export default defineRule({
  id: 'k8s/oom-seen',
  tier: 'M',
  severity: 'warning',
  summary: 'A memory limit hardly above one at which the container was killed',
  note: {
    why: 'A container that was killed never showed how much it wanted: the limit cut its peak off. What it was killed at is the least that the peak can be.',
    arithmetic: 'limit ≥ the limit it was killed at × 1.25, then measure again',
    silence: 'no kill was seen in what was measured',
    myth: 'oom-is-a-crash',
  },
  messages: {
    seen: 'OOM-killed {times} at {bound}{when}, and the limit is {limit}. The true peak is unknown: start from {bound} + {room} %',
  },
  exemptions: {
    raised: 'the limit is {percent} % above what it was killed at',
    passed: 'more than what it was killed at was measured, by which k8s/measured-over judges the limit',
    'not-recorded': 'the limit at which it was killed was not recorded',
    ...OVERLAID,
  },
  check(manifests: Manifests, report) {
    for (const { container, measured, amount, bytes, at } of measuredLimits(manifests)) {
      const killed = measured.measurements.filter((m) => m.oomKills > 0);
      if (killed.length === 0) continue;
      const room = manifests.headroom(at.file);
      const [peak, need] = [peakOf(measured), needed(measured, room)];
      if (killed.every((m) => m.limit === undefined) || !peak || need === undefined) {
        report.exempt({ reason: 'not-recorded', at, where: measured.at });
        continue;
      }
      if (peak.phase !== 'killed') {
        report.exempt({ reason: 'passed', at, where: measured.at });
        continue;
      }
      const bound = BigInt(Math.ceil(peak.bytes));
      if (bytes >= need) {
        report.exempt({
          reason: 'raised',
          at,
          where: measured.at,
          data: { percent: percentAbove(bytes, bound) },
        });
        continue;
      }
      if (isAlwaysPatched(manifests, container, ['limits'])) {
        report.exempt({ reason: 'overlaid', at });
        continue;
      }
      const until =
        killed
          .map((m) => m.until)
          .sort()
          .at(-1) ?? '';
      report.find({
        message: 'seen',
        at,
        confidence: 'high',
        data: {
          times: timesText(killed.reduce((sum, m) => sum + m.oomKills, 0)),
          bound: measuredBytes(bound),
          when: until === '' ? '' : ` until ${until}`,
          limit: amount.text,
          room,
        },
        related: relatedMeasurement(measured),
        fixes: possible(setMeasuredLimit(manifests, container)),
      });
    }
  },
});
