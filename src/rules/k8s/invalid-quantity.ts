import { parseQuantity } from '../../core/quantity.ts';
import { defineRule } from '../../core/rule.ts';
import { fixOf, possible, writeAmount } from '../../manifest/fixes.ts';
import type { Manifests } from '../../manifest/manifests.ts';
import { memoryAmounts, placeIn, suffixAfterAction } from '../shared/manifests/manifest.ts';

export default defineRule({
  id: 'k8s/invalid-quantity',
  tier: 'M',
  severity: 'error',
  summary: 'A memory quantity the API server rejects',
  note: {
    why: 'The API server rejects the whole object, so nothing of it is applied. Kubernetes knows Ki, Mi, Gi, Ti, Pi, Ei and k, M, G, T, P, E.',
  },
  messages: {
    invalid: '"{text}" is rejected by the API server. {hint}',
    negative: '"{text}" is rejected by the API server: memory cannot be negative',
    suffix: 'The suffix "{suffix}" is rejected by the API server. {hint}',
  },
  exemptions: {
    'template-hole': 'a template or variable supplies the value',
  },
  check(manifests: Manifests, report) {
    for (const { amount, object } of memoryAmounts(manifests)) {
      const at = placeIn(object.file, amount.span);
      const suffix = suffixAfterAction(object.file, amount);
      if (suffix) {
        const [best] = nearest(`1${suffix.text}`).map((text) => text.slice(1));
        if (best && !parseQuantity(`1${suffix.text}`)) {
          const edit = [{ span: suffix.span, newText: best }];
          report.find({
            message: 'suffix',
            at,
            confidence: 'medium',
            data: { suffix: suffix.text, hint: `Did you mean ${best}?` },
            fixes: possible(
              fixOf(
                object.file,
                `Write ${best} instead of ${suffix.text}`,
                'maybe-incorrect',
                edit,
                amount.shared,
              ),
            ),
          });
          continue;
        }
      }
      if (amount.unknown) {
        report.exempt({ reason: 'template-hole', at });
        continue;
      }
      if (amount.quantity) {
        if (amount.quantity.nano < 0n)
          report.find({ message: 'negative', at, confidence: 'high', data: { text: amount.text } });
        continue;
      }
      const better = nearest(amount.text);
      report.find({
        message: 'invalid',
        at,
        confidence: 'high',
        data: {
          text: amount.text,
          hint: better[0] ? `Did you mean ${better.join(' or ')}?` : 'Write a number with Mi or Gi',
        },
        fixes: possible(...better.map((text) => writeAmount(object.file, amount, text, `Write ${text}`))),
      });
    }
  },
});

/** Valid quantities closest to what is written: the decimal reading first where a `B` asks for it. */
function nearest(text: string): string[] {
  const match = /^\s*(\d+(?:[.,]\d+)?)\s*([a-zA-Z]+)\s*$/.exec(text);
  if (!match) return [];
  const number = match[1]!.replace(',', '.');
  const unit = match[2]!;
  const letter = unit[0]!.toUpperCase();
  if (!'KMGTPE'.includes(letter)) return unit.toUpperCase() === 'B' ? [number] : [];
  const rest = unit.slice(1).toLowerCase();
  const binary = `${number}${letter}i`;
  const decimal = `${number}${letter === 'K' ? 'k' : letter}`;
  if (rest === 'i' || rest === 'ib' || rest === 'ibi') return [binary];
  return /^(b|bytes?|byte|eg|ega|egs|igs|ig)?$/.test(rest) ? [decimal, binary] : [];
}
