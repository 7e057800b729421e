import { writeQuantity } from '../../core/quantity.ts';
import { defineRule } from '../../core/rule.ts';
import { possible } from '../../manifest/fixes.ts';
import type { Manifests } from '../../manifest/manifests.ts';
import { measuredLimit, setMeasuredLimit } from '../../manifest/measured-fixes.ts';
import { isAlwaysPatched } from '../../manifest/overlay.ts';
import { gradeOf, peakOf } from '../../measure/measurement.ts';
import { measuredBytes, measuredLimits, relatedMeasurement } from '../shared/manifests/measured.ts';
import { OVERLAID } from '../shared/manifests/overlays.ts';

/** More than this many times what was measured to be enough is reported. */
const MUCH = 2n;

export default defineRule({
  id: 'k8s/measured-waste',
  tier: 'M',
  severity: 'information',
  summary: 'A memory limit of more than twice what the measured peak needs',
  note: {
    why: 'A limit far above the peak stops nothing: a leak fills the node before the kernel sees it. Where the request equals the limit, the node also keeps memory that is never used.',
    arithmetic: 'limit > 2 × (peak × 1.25)',
    silence: 'nothing was measured of the container',
    myth: 'tighter-is-better',
  },
  messages: {
    waste:
      'The limit {limit} is {ratio} × what the measured peak {peak} needs. {better} leaves room and stops a leak earlier',
  },
  exemptions: {
    near: 'the limit is {ratio} × what the measured peak needs',
    grade:
      'the measurement is of grade {grade}: only the peak of the kernel over a week is enough to lower a limit',
    ...OVERLAID,
  },
  check(manifests: Manifests, report) {
    for (const { container, measured, amount, bytes, at } of measuredLimits(manifests)) {
      const [peak, better] = [peakOf(measured), measuredLimit(manifests, container)];
      if (!peak || better === undefined || bytes <= better) continue;
      const ratio = ratioOf(bytes, better);
      if (bytes <= better * MUCH) {
        report.exempt({ reason: 'near', at, where: measured.at, data: { ratio } });
        continue;
      }
      const grade = gradeOf(measured);
      if (grade !== 'A') {
        report.exempt({ reason: 'grade', at, where: measured.at, data: { grade } });
        continue;
      }
      if (isAlwaysPatched(manifests, container, ['limits'])) {
        report.exempt({ reason: 'overlaid', at });
        continue;
      }
      report.find({
        message: 'waste',
        at,
        confidence: 'high',
        data: {
          limit: amount.text,
          ratio,
          peak: measuredBytes(peak.bytes),
          better: writeQuantity(better),
        },
        related: relatedMeasurement(measured),
        fixes: possible(setMeasuredLimit(manifests, container)),
      });
    }
  },
});

/** How many times as much, with one decimal, rounded down. */
function ratioOf(a: bigint, b: bigint): string {
  const tenths = (a * 10n) / b;
  return tenths % 10n === 0n ? `${tenths / 10n}` : `${tenths / 10n}.${tenths % 10n}`;
}
