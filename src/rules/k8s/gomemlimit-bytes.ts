import { exactBytes, formatBytes, MI } from '../../core/quantity.ts';
import { defineRule } from '../../core/rule.ts';
import { replaceScalar } from '../../manifest/edit.ts';
import { fixOf, possible } from '../../manifest/fixes.ts';
import { parseGoMemoryLimit } from '../../manifest/gomemlimit.ts';
import type { Manifests } from '../../manifest/manifests.ts';
import type { EnvVar, ManifestFile } from '../../manifest/model.ts';
import { goMemoryLimits, placeIn, SHARED_EXEMPTIONS } from '../shared/manifests/manifest.ts';

export default defineRule({
  id: 'k8s/gomemlimit-bytes',
  tier: 'M',
  severity: 'error',
  summary: 'A GOMEMLIMIT that counts single bytes where MiB are meant',
  note: {
    why: 'Go reads a number without a unit as bytes and accepts it. The program is above such a limit from its first line on, so the collector never stops working.',
    arithmetic: 'divisor 1Mi: 512Mi ÷ 1Mi = 512, and Go reads 512 bytes',
    myth: 'tighter-is-better',
  },
  messages: {
    literal: 'GOMEMLIMIT {text} is {bytes} for Go. The collector runs without pause; is MiB missing?',
    divisor:
      'With divisor {divisor} GOMEMLIMIT becomes a bare number, which Go reads as bytes. The collector runs without pause',
  },
  exemptions: {
    'template-hole': SHARED_EXEMPTIONS['template-hole'],
    bytes: 'a plain number of bytes, {size}',
    divisor: 'the divisor 1 leaves bytes',
  },
  check(manifests: Manifests, report) {
    for (const { variable, file } of goMemoryLimits(manifests)) {
      const { fieldRef, value } = variable;
      if (fieldRef) {
        const { divisor, resource } = fieldRef;
        if (!divisor || !/\.memory$/.test(resource.text)) continue;
        const at = placeIn(file, divisor.span);
        if (divisor.open) report.exempt({ reason: 'template-hole', at });
        else if (/^(0|1)?$/.test(divisor.text)) report.exempt({ reason: 'divisor', at });
        else {
          report.find({
            message: 'divisor',
            at,
            confidence: 'high',
            data: { divisor: divisor.text },
            fixes: possible(
              fixOf(
                file,
                'Divide by 1, so that the value is in bytes',
                'maybe-incorrect',
                [{ span: divisor.span, newText: '"1"' }],
                variable.shared,
              ),
            ),
          });
        }
        continue;
      }
      if (!value || !/^\d+B?$/.test(value.text)) continue;
      const at = placeIn(file, value.span);
      if (variable.unknown) {
        report.exempt({ reason: 'template-hole', at });
        continue;
      }
      const limit = parseGoMemoryLimit(value.text);
      if (limit.kind !== 'bytes' || limit.bytes === 0n) continue;
      if (limit.bytes >= MI) {
        report.exempt({ reason: 'bytes', at, data: { size: formatBytes(limit.bytes) } });
        continue;
      }
      report.find({
        message: 'literal',
        at,
        confidence: 'high',
        data: { text: value.text, bytes: exactBytes(limit.bytes) },
        fixes: possible(withUnit(file, variable, 'MiB'), withUnit(file, variable, 'KiB')),
      });
    }
  },
});

function withUnit(file: ManifestFile, { value, shared }: EnvVar, unit: string) {
  const text = `${value!.text.replace(/B$/, '')}${unit}`;
  return fixOf(file, `Write ${text}`, 'maybe-incorrect', replaceScalar(value!, text), shared);
}
