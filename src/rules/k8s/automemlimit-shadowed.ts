import type { Services } from '../../budget/services.ts';
import { defineRule } from '../../core/rule.ts';
import { replaceScalar } from '../../manifest/edit.ts';
import { fixOf, possible } from '../../manifest/fixes.ts';
import { nameOf, placeIn } from '../shared/manifests/manifest.ts';
import { linkedContainers, removeVariable } from '../shared/manifests/services.ts';

export default defineRule({
  id: 'k8s/automemlimit-shadowed',
  tier: 'M',
  severity: 'warning',
  summary: 'automemlimit beside a variable that keeps it from working',
  note: {
    why: 'automemlimit reads the limit of the container and does nothing when GOMEMLIMIT is set. When the limit changes, the literal stays, and nobody notices before the next OOM kill.',
    myth: 'optimise-once',
  },
  messages: {
    shadowed:
      'automemlimit does nothing in {container} because GOMEMLIMIT is set. The value stays when the limit changes',
    ratio:
      'AUTOMEMLIMIT "{text}" is no share of the limit, so it is ignored. It must be above 0 and at most 1, or "off"',
  },
  exemptions: {
    off: 'automemlimit is switched off',
  },
  check({ manifests, services }: Services, report) {
    for (const { container, service, file } of linkedContainers(services, 'go')) {
      const own = service.review.facts.ownMemoryLimit;
      const variable = container.env.findLast((e) => e.name === 'GOMEMLIMIT');
      if (own?.by !== 'automemlimit' || !variable) continue;
      const at = placeIn(file, variable.nameScalar.span);
      if (container.env.some((e) => e.name === 'AUTOMEMLIMIT' && e.value?.text === 'off')) {
        report.exempt({ reason: 'off', at });
        continue;
      }
      report.find({
        message: 'shadowed',
        at,
        confidence: 'high',
        data: { container: nameOf(container).toLowerCase() },
        related: [{ ...own.at, message: 'automemlimit is imported here' }],
        fixes: possible(
          removeVariable(container, variable, 'Remove GOMEMLIMIT: automemlimit sets it from the limit'),
        ),
      });
    }
    for (const container of manifests.containers)
      for (const variable of container.env) {
        const { value } = variable;
        if (variable.name !== 'AUTOMEMLIMIT' || !value || variable.unknown || isRatio(value.text)) continue;
        const { file } = container.workload.object;
        const percent = /^(\d{1,2}|100)\s*%?$/.exec(value.text.trim());
        const wanted = percent ? String(Number(percent[1]) / 100) : '0.9';
        report.find({
          message: 'ratio',
          at: placeIn(file, value.span),
          confidence: 'high',
          data: { text: value.text },
          fixes: possible(
            fixOf(file, `Write ${wanted}`, 'maybe-incorrect', replaceScalar(value, wanted), variable.shared),
          ),
        });
      }
  },
});

function isRatio(text: string): boolean {
  return text === '' || text === 'off' || (/^[\d.]+$/.test(text) && Number(text) > 0 && Number(text) <= 1);
}
