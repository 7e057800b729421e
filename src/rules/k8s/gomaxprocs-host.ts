import type { Services } from '../../budget/services.ts';
import { defineRule } from '../../core/rule.ts';
import { possible, setEnv } from '../../manifest/fixes.ts';
import { placeIn } from '../shared/manifests/manifest.ts';
import {
  cpuLimitOf,
  isAtLeast,
  linkedContainers,
  SETTING_EXEMPTIONS,
  setElsewhere,
} from '../shared/manifests/services.ts';

export default defineRule({
  id: 'k8s/gomaxprocs-host',
  tier: 'M',
  severity: 'information',
  summary: 'A Go program that counts the CPUs of its node instead of its limit',
  note: {
    why: 'Before Go 1.25 GOMAXPROCS is the number of CPUs of the node, whatever the CPU limit says. Caches of the allocator, workers of the collector and pools per processor scale with it.',
    arithmetic: 'memory per processor × CPUs of the node',
    myth: 'optimise-once',
  },
  messages: {
    host: 'GOMAXPROCS counts the CPUs of the node, not of the limit {limit} (go.mod says Go {version}). Per-processor caches scale with it',
  },
  exemptions: {
    ...SETTING_EXEMPTIONS,
    own: 'the program sets it itself',
    'new-go': 'from Go 1.25 on the runtime reads the CPU limit',
  },
  check({ manifests, services }: Services, report) {
    for (const linked of linkedContainers(services, 'go')) {
      const { container, service, file } = linked;
      const { goVersion, ownProcessors } = service.review.facts;
      const limit = cpuLimitOf(container);
      const { cpuLimit } = container.resources;
      if (limit === undefined || !cpuLimit || cpuLimit === 'unknown' || goVersion === '') continue;
      const at = placeIn(file, cpuLimit.span);
      if (isAtLeast(goVersion, '1.25')) {
        report.exempt({ reason: 'new-go', at });
        continue;
      }
      if (ownProcessors) {
        report.exempt({ reason: 'own', at, where: ownProcessors });
        continue;
      }
      const set = setElsewhere(manifests, linked, ['GOMAXPROCS']);
      if (set) {
        report.exempt({ reason: set.reason, at, where: set.where });
        continue;
      }
      const wanted = String(Math.max(1, Math.ceil(limit / 1000)));
      report.find({
        message: 'host',
        at,
        confidence: 'high',
        data: { limit: cpuLimit.text, version: goVersion },
        related: [{ ...service.review.executable.main, message: `the program: ${service.link.evidence}` }],
        fixes: possible(
          setEnv(container, 'GOMAXPROCS', wanted, `Set GOMAXPROCS to ${wanted}, the CPU limit rounded up`),
        ),
      });
    }
  },
});
