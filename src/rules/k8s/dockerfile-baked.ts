import { type Services, variableOf } from '../../budget/services.ts';
import { bytesOf } from '../../core/quantity.ts';
import { defineRule } from '../../core/rule.ts';
import { effectiveOrDefault } from '../../manifest/chart-resources.ts';
import { goMemoryLimitFor, possible, setEnv } from '../../manifest/fixes.ts';
import { parseGoMemoryLimit } from '../../manifest/gomemlimit.ts';
import { sourceOf } from '../shared/manifests/manifest.ts';
import { cpuLimitOf, linkedContainers } from '../shared/manifests/services.ts';

export default defineRule({
  id: 'k8s/dockerfile-baked',
  tier: 'M',
  severity: 'warning',
  summary: 'A setting in the image that does not fit the limits of the container',
  note: {
    why: 'A Dockerfile cannot know where its image runs. What it sets for the runtime stays when the limit changes, and whoever reads the manifest does not see it.',
    arithmetic: 'GOMEMLIMIT = 0.9 × limit',
    myth: 'optimise-once',
  },
  messages: {
    memory: 'The image bakes GOMEMLIMIT={value}; the limit{source} here is {limit}',
    workers: 'The image bakes {name}={value}; the CPU limit here is {limit}',
  },
  exemptions: {
    fits: 'what the image sets fits the limits here',
    replaced: 'the container sets the variable itself',
  },
  check({ manifests, services }: Services, report) {
    for (const linked of [...linkedContainers(services, 'go'), ...linkedContainers(services, 'rust')]) {
      const { container, service } = linked;
      for (const baked of service.link.contents?.env ?? []) {
        const at = linked.at;
        const where = { file: service.link.contents!.dockerfile.file, span: baked.span };
        const variable = variableOf(service.unit, service.link, baked.name);
        const isGo = service.review.executable.language === 'go';
        if (!/^(GOMEMLIMIT|TOKIO_WORKER_THREADS|RAYON_NUM_THREADS|GOMAXPROCS)$/.test(baked.name)) continue;
        if (!variable?.inImage) {
          report.exempt({ reason: 'replaced', at, where });
          continue;
        }
        const limit = effectiveOrDefault(manifests, container, 'limits');
        if (baked.name === 'GOMEMLIMIT' && isGo && limit.state === 'known') {
          const memory = parseGoMemoryLimit(baked.value);
          const bytes = bytesOf(limit.quantity);
          if (memory.kind !== 'bytes' || memory.bytes * 100n < bytes * 95n) {
            report.exempt({ reason: 'fits', at, where });
            continue;
          }
          const value = goMemoryLimitFor(bytes, manifests.memoryVolumeBytes(container));
          report.find({
            message: 'memory',
            at: limit.where,
            confidence: 'high',
            data: { value: baked.value, limit: limit.text, source: sourceOf(limit) },
            related: [{ ...where, message: 'the image sets it here' }],
            fixes: possible(
              // Other values of a chart bring another limit.
              value && limit.source !== 'values'
                ? setEnv(container, 'GOMEMLIMIT', value, `Set GOMEMLIMIT to ${value} here, 90 % of the limit`)
                : undefined,
            ),
          });
          continue;
        }
        const cpu = cpuLimitOf(container);
        const { cpuLimit } = container.resources;
        const workers = /^\d+$/.test(baked.value) ? Number(baked.value) : undefined;
        if (cpu === undefined || !cpuLimit || cpuLimit === 'unknown' || workers === undefined) continue;
        if (workers <= 2 * Math.max(1, Math.ceil(cpu / 1000))) {
          report.exempt({ reason: 'fits', at, where });
          continue;
        }
        const wanted = String(Math.max(1, Math.ceil(cpu / 1000)));
        report.find({
          message: 'workers',
          at: { file: linked.file.file, span: cpuLimit.span },
          confidence: 'high',
          severity: 'information',
          data: { name: baked.name, value: baked.value, limit: cpuLimit.text },
          related: [{ ...where, message: 'the image sets it here' }],
          fixes: possible(setEnv(container, baked.name, wanted, `Set ${baked.name} to ${wanted} here`)),
        });
      }
    }
  },
});
