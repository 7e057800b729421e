import type { Services } from '../../budget/services.ts';
import { defineRule } from '../../core/rule.ts';
import { placeIn } from '../shared/manifests/manifest.ts';
import { cpuLimitOf, isAtLeast, linkedContainers, setElsewhere } from '../shared/manifests/services.ts';

export default defineRule({
  id: 'k8s/fractional-cpu',
  tier: 'M',
  severity: 'information',
  summary: 'A CPU limit that Rust rounds down and Go rounds up',
  note: {
    why: 'Rust rounds the CPU limit down when it counts workers, and Go from 1.25 on rounds it up: of 1500m Rust uses 1 and Go 2. Half a CPU is paid for and not used, or shared by one thread too many.',
    myth: 'optimise-once',
  },
  messages: {
    rust: 'Rust sees {down} CPU of the limit {limit} (rounded down). Workers and their buffers are for {down}',
    go: 'Go {version} sees {up} CPUs of the limit {limit} (rounded up). Two threads share what is left of the last one',
  },
  exemptions: {
    below: 'below one CPU every runtime starts at least one worker',
    set: 'the number of workers is set',
    elsewhere: 'something that is not read here may set the number of workers',
  },
  check({ manifests, services }: Services, report) {
    for (const language of ['rust', 'go'] as const)
      for (const linked of linkedContainers(services, language)) {
        const { container, service, file } = linked;
        const cpu = cpuLimitOf(container);
        const { cpuLimit } = container.resources;
        if (cpu === undefined || !cpuLimit || cpuLimit === 'unknown' || cpu % 1000 === 0) continue;
        const at = placeIn(file, cpuLimit.span);
        if (cpu < 1000) {
          report.exempt({ reason: 'below', at });
          continue;
        }
        const { goVersion, ownProcessors, ownWorkers, threads } = service.review.facts;
        if (language === 'go' ? !isAtLeast(goVersion, '1.25') : !threads) continue;
        const own = language === 'go' ? ownProcessors : ownWorkers;
        if (own) {
          report.exempt({ reason: 'set', at, where: own });
          continue;
        }
        const set = setElsewhere(manifests, linked, [
          'GOMAXPROCS',
          'TOKIO_WORKER_THREADS',
          'RAYON_NUM_THREADS',
        ]);
        if (set) {
          report.exempt({ reason: set.reason, at, where: set.where });
          continue;
        }
        if (language === 'rust')
          report.find({
            message: 'rust',
            at,
            confidence: 'medium',
            data: { down: Math.floor(cpu / 1000), limit: cpuLimit.text },
          });
        else
          report.find({
            message: 'go',
            at,
            confidence: 'medium',
            data: { version: goVersion, up: Math.ceil(cpu / 1000), limit: cpuLimit.text },
          });
      }
  },
});
