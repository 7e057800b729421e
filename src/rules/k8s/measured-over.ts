import { percentAbove } from '../../core/quantity.ts';
import { defineRule } from '../../core/rule.ts';
import { possible } from '../../manifest/fixes.ts';
import type { Manifests } from '../../manifest/manifests.ts';
import { setMeasuredLimit } from '../../manifest/measured-fixes.ts';
import { isAlwaysPatched } from '../../manifest/overlay.ts';
import { needed, peakOf, roomFor } from '../../measure/measurement.ts';
import { measuredBytes, measuredLimits, momentOf, relatedMeasurement } from '../shared/manifests/measured.ts';
import { OVERLAID } from '../shared/manifests/overlays.ts';

export default defineRule({
  id: 'k8s/measured-over',
  tier: 'M',
  severity: 'warning',
  summary: 'A memory limit without room above the peak that was measured',
  note: {
    why: 'The kernel kills at the highest moment, start included, and not at the mean. A limit at the peak that was seen is passed by the first one that is a little higher.',
    arithmetic: 'limit = max(start-up peak, traffic peak) × 1.25 (20 to 30 per cent of room)',
    silence: 'nothing was measured of the container',
    myth: 'average-for-limits',
  },
  messages: {
    over: 'Measured peak {peak} ({moment}) + {room} % = {needed} > limit {limit}. Peaks kill pods, averages do not',
  },
  exemptions: {
    roomy: 'the limit leaves {percent} % above the measured peak',
    killed: 'it was killed, so that the peak is not known: k8s/oom-seen reports it',
    ...OVERLAID,
  },
  check(manifests: Manifests, report) {
    for (const { container, measured, amount, bytes, at } of measuredLimits(manifests)) {
      const headroom = manifests.headroom(at.file);
      const [peak, need] = [peakOf(measured), needed(measured, headroom)];
      if (!peak || need === undefined) continue;
      if (isAlwaysPatched(manifests, container, ['limits'])) {
        report.exempt({ reason: 'overlaid', at });
        continue;
      }
      if (peak.phase === 'killed') {
        report.exempt({ reason: 'killed', at, where: measured.at });
        continue;
      }
      if (need <= bytes) {
        const percent = percentAbove(bytes, BigInt(Math.ceil(peak.bytes)));
        report.exempt({ reason: 'roomy', at, where: measured.at, data: { percent } });
        continue;
      }
      report.find({
        message: 'over',
        at,
        confidence: 'high',
        data: {
          peak: measuredBytes(peak.bytes),
          moment: momentOf(peak),
          room: roomFor(measured, headroom),
          needed: measuredBytes(need),
          limit: amount.text,
        },
        related: relatedMeasurement(measured),
        fixes: possible(setMeasuredLimit(manifests, container)),
      });
    }
  },
});
