import type { Fix } from '../../core/finding.ts';
import { exactBytes } from '../../core/quantity.ts';
import { defineRule } from '../../core/rule.ts';
import { fixOf, possible, writeAmount } from '../../manifest/fixes.ts';
import type { Manifests } from '../../manifest/manifests.ts';
import {
  memoryAmounts,
  numberOf,
  type PlacedAmount,
  placeIn,
  SMALLEST_PLAUSIBLE,
  suffixAfterAction,
} from '../shared/manifests/manifest.ts';

export default defineRule({
  id: 'k8s/milli-suffix',
  tier: 'M',
  severity: 'error',
  summary: 'A memory quantity in thousandths of a byte',
  note: {
    why: '`m` means thousandths in Kubernetes, and MiB in docker and compose. No process fits in half a byte: the container is killed at start.',
    arithmetic: '512m = 0.512 bytes; 512Mi = 536 870 912 bytes',
  },
  messages: {
    milli: '"{text}" is {bytes} in Kubernetes. Did you mean {better}?',
    quiet:
      '"{text}" is {bytes} in Kubernetes. Did you mean {better}? The API server does not warn about this value',
    template: 'The suffix "{suffix}" makes this fractions of a byte in Kubernetes. Did you mean Mi?',
  },
  exemptions: {
    plausible: 'the thousandths add up to {bytes}',
  },
  check(manifests: Manifests, report) {
    for (const placed of memoryAmounts(manifests)) {
      const { amount, object } = placed;
      // A limit this small stops the container; a request or policy this small only misleads the scheduler.
      const severity = placed.role === 'limit' ? 'error' : 'warning';
      const suffix = suffixAfterAction(object.file, amount);
      if (suffix && /^[mun]$/.test(suffix.text)) {
        const edit = [{ span: suffix.span, newText: 'Mi' }];
        report.find({
          message: 'template',
          at: placeIn(object.file, amount.span),
          confidence: 'medium',
          severity,
          data: { suffix: suffix.text },
          fixes: possible(
            fixOf(object.file, `Write Mi instead of ${suffix.text}`, 'maybe-incorrect', edit, amount.shared),
          ),
        });
        continue;
      }
      const { quantity } = amount;
      if (!quantity || !/^[mun]$/.test(quantity.suffix) || quantity.nano <= 0n) continue;
      const at = placeIn(object.file, amount.span);
      const bytes = exactBytes(quantity);
      if (quantity.nano >= SMALLEST_PLAUSIBLE) {
        report.exempt({ reason: 'plausible', at, data: { bytes } });
        continue;
      }
      const number = numberOf(amount.text);
      report.find({
        message: quantity.nano % 1_000_000_000n === 0n ? 'quiet' : 'milli',
        at,
        confidence: 'high',
        severity,
        data: { text: amount.text, bytes, better: `${number}Mi` },
        fixes: repairs(placed, number),
      });
    }
  },
});

function repairs({ object, amount }: PlacedAmount, number: string): Fix[] {
  return possible(
    writeAmount(object.file, amount, `${number}Mi`, `Write ${number}Mi (mebibytes)`),
    writeAmount(object.file, amount, `${number}M`, `Write ${number}M (megabytes)`),
  );
}
