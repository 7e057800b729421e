import { defineRule } from '../../core/rule.ts';
import { possible } from '../../manifest/fixes.ts';
import { parseGoMemoryLimit, repairGoMemoryLimit } from '../../manifest/gomemlimit.ts';
import type { Manifests } from '../../manifest/manifests.ts';
import { goMemoryLimits, ninetyPercent, placeIn, setGoMemoryLimit } from '../shared/manifests/manifest.ts';

export default defineRule({
  id: 'k8s/gomemlimit-malformed',
  tier: 'M',
  severity: 'error',
  summary: 'A GOMEMLIMIT with which the Go runtime aborts at start',
  note: {
    why: 'The Go runtime aborts at start: `fatal error: malformed GOMEMLIMIT`. It takes an integer with B, KiB, MiB, GiB or TiB, or `off`.',
    arithmetic: 'What Kubernetes writes as 512Mi, Go writes as 512MiB',
  },
  messages: {
    malformed: 'Go aborts at start: malformed GOMEMLIMIT "{text}". {hint}',
  },
  exemptions: {
    'template-hole': 'a template or variable supplies the value',
  },
  check(manifests: Manifests, report) {
    for (const go of goMemoryLimits(manifests)) {
      const { variable, file } = go;
      const { value } = variable;
      if (!value) continue;
      const at = placeIn(file, value.span);
      if (variable.unknown) {
        report.exempt({ reason: 'template-hole', at });
        continue;
      }
      if (parseGoMemoryLimit(value.text).kind !== 'malformed') continue;
      const repair = repairGoMemoryLimit(value.text);
      report.find({
        message: 'malformed',
        at,
        confidence: 'high',
        data: {
          text: value.text,
          hint: repair ? `Use ${repair.value}` : 'Use an integer with MiB or GiB',
        },
        fixes: possible(
          repair &&
            setGoMemoryLimit(
              go,
              repair.value,
              `Write ${repair.value}`,
              repair.certain ? 'machine-applicable' : 'maybe-incorrect',
            ),
          repair ? undefined : ninetyPercent(manifests, go),
        ),
      });
    }
  },
});
