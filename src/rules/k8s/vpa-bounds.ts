import type { Services } from '../../budget/services.ts';
import { bytesOf, roundUpBytes, writeQuantity } from '../../core/quantity.ts';
import { defineRule } from '../../core/rule.ts';
import { amountIn } from '../../manifest/amounts.ts';
import { scaledWorkload, verticalPolicy } from '../../manifest/autoscalers.ts';
import { possible, writeAmount } from '../../manifest/fixes.ts';
import { estimateNote, measuredLimit } from '../../manifest/measured-fixes.ts';
import { itemsAt, lookUp, textAt } from '../../manifest/yaml.ts';
import { peakOf } from '../../measure/measurement.ts';
import { measuredBytes, momentOf, relatedMeasurement } from '../shared/manifests/measured.ts';
import { certainItems, mi, mostOf, relatedItems, sumLow } from '../shared/manifests/services.ts';

export default defineRule({
  id: 'k8s/vpa-bounds',
  tier: 'M',
  severity: 'warning',
  summary: 'Bounds of a vertical autoscaler below what the program takes at start',
  note: {
    why: 'The vertical autoscaler goes down to its lower bound when the program was quiet. What the program writes at start does not become smaller with it.',
    arithmetic: 'base + Σ of what is written at start > bound',
    myth: 'average-for-limits',
  },
  messages: {
    lower: 'The autoscaler may set {bound}; the program writes {bytes} at start',
    upper: 'The autoscaler may set {bound} at most; the program writes {bytes} at start',
    measured: 'The autoscaler may set {bound} at most; the measured peak is {bytes} ({moment})',
  },
  exemptions: {
    off: 'the autoscaler only recommends',
    fits: 'the bound is above what the program writes at start, and above the measured peak',
  },
  check({ manifests, services }: Services, report) {
    for (const object of manifests.objects) {
      if (object.kind !== 'VerticalPodAutoscaler') continue;
      const workload = scaledWorkload(manifests, object);
      const policy = verticalPolicy(object);
      if (!workload || !policy) continue;
      for (const { node } of itemsAt(object.root, 'spec', 'resourcePolicy', 'containerPolicies')) {
        const wanted = textAt(node, 'containerName');
        const service = services.find(
          ({ unit, link }) =>
            unit.kind === 'container' &&
            unit.container.workload === workload &&
            link.confidence !== 'weak' &&
            (wanted === '*' || wanted === unit.name),
        );
        if (!service) continue;
        const peak = service.measured && peakOf(service.measured);
        const items = certainItems(service.ledger, ['committed']);
        const bytes = service.ledger.base.low + sumLow(items);
        for (const [key, message] of [
          ['maxAllowed', 'upper'],
          ['minAllowed', 'lower'],
        ] as const) {
          const amount = amountIn(lookUp(node, key), 'memory');
          if (!amount || amount === 'unknown' || !amount.quantity) continue;
          const at = { file: object.file.file, span: amount.span };
          const allowed = bytesOf(amount.quantity);
          const isBelowPeak =
            key === 'maxAllowed' && peak !== undefined && allowed < BigInt(Math.ceil(peak.bytes));
          const isBelowStart = items.length > 0 && allowed < BigInt(Math.ceil(bytes));
          if (items.length === 0 && (peak === undefined || key === 'minAllowed')) continue;
          if (!isBelowStart && !isBelowPeak) {
            report.exempt({ reason: 'fits', at });
            continue;
          }
          if (!policy.acts) {
            report.exempt({ reason: 'off', at });
            continue;
          }
          const { measured } = service;
          if (isBelowPeak && measured && service.unit.kind === 'container') {
            const better = measuredLimit(manifests, service.unit.container);
            report.find({
              message: 'measured',
              at,
              confidence: 'high',
              data: { bound: amount.text, bytes: measuredBytes(peak.bytes), moment: momentOf(peak) },
              related: relatedMeasurement(measured),
              fixes: possible(
                better === undefined
                  ? undefined
                  : writeAmount(
                      object.file,
                      amount,
                      writeQuantity(better),
                      `Raise the bound to ${writeQuantity(better)}, the measured peak and room${estimateNote(measured)}`,
                    ),
              ),
            });
            continue;
          }
          const value = writeQuantity(roundUpBytes(BigInt(Math.ceil(bytes * 1.25))));
          report.find({
            message,
            at,
            confidence: 'high',
            data: { bound: amount.text, bytes: mi(bytes) },
            related: relatedItems(mostOf(items)),
            fixes: possible(
              writeAmount(
                object.file,
                amount,
                value,
                `Raise the bound to ${value}, what is written at start plus 25 % (estimate)`,
              ),
            ),
          });
        }
      }
    }
  },
});
