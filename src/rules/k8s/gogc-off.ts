import { bytesOf } from '../../core/quantity.ts';
import { defineRule } from '../../core/rule.ts';
import { removeItem } from '../../manifest/edit.ts';
import { fixOf, goMemoryLimitFor, possible, setEnv } from '../../manifest/fixes.ts';
import type { Manifests } from '../../manifest/manifests.ts';
import type { Container, EnvVar } from '../../manifest/model.ts';
import { lookUp } from '../../manifest/yaml.ts';
import { placeIn, SHARED_EXEMPTIONS } from '../shared/manifest.ts';

export default defineRule({
  id: 'k8s/gogc-off',
  tier: 'M',
  severity: 'error',
  summary: 'A Go program whose collector is off and has no memory limit to run near',
  note: {
    why: 'With `GOGC=off` and no `GOMEMLIMIT` nothing ever starts a collection: every allocation stays until the kernel kills.',
    arithmetic: 'peak = every byte ever allocated',
    myth: 'oom-is-a-crash',
  },
  messages: {
    off: 'GOGC=off without GOMEMLIMIT in "{container}": the heap grows until the OOM kill',
  },
  exemptions: {
    limited: 'GOMEMLIMIT makes the collector run near it',
    'template-hole': SHARED_EXEMPTIONS['template-hole'],
    patch: SHARED_EXEMPTIONS.patch,
    'env-from': 'the container takes variables from elsewhere, which may set GOMEMLIMIT',
  },
  check(manifests: Manifests, report) {
    for (const container of manifests.statedContainers) {
      const variable = container.env.findLast((e) => e.name === 'GOGC');
      if (variable?.value?.text !== 'off' || variable.unknown) continue;
      const { file } = container.workload.object;
      const at = placeIn(file, variable.value.span);
      const { variables, open } = manifests.environment(container);
      const limited = variables.get('GOMEMLIMIT');
      if (limited && limited.text !== 'off') {
        report.exempt({ reason: 'limited', at, where: limited.where });
        continue;
      }
      if (!limited) {
        const reason = envIsOpen(container)
          ? 'template-hole'
          : manifests.isPatch(container)
            ? 'patch'
            : open
              ? 'env-from'
              : undefined;
        if (reason) {
          report.exempt({ reason, at });
          continue;
        }
      }
      report.find({
        message: 'off',
        at,
        confidence: 'high',
        data: { container: container.name ?? 'a container' },
        fixes: possible(addLimit(manifests, container), dropVariable(container, variable)),
      });
    }
  },
});

function envIsOpen(container: Container): boolean {
  const env = lookUp(container.node, 'env');
  return env === 'unknown' || (env?.value?.open ?? false) || container.node.open;
}

function addLimit(manifests: Manifests, container: Container) {
  const limit = manifests.memoryLimit(container);
  if (limit.state !== 'known') return undefined;
  const value = goMemoryLimitFor(bytesOf(limit.quantity), manifests.memoryVolumeBytes(container));
  return value
    ? setEnv(container, 'GOMEMLIMIT', value, `Set GOMEMLIMIT to ${value}, 90 % of the limit`)
    : undefined;
}

function dropVariable(container: Container, variable: EnvVar) {
  const { file } = container.workload.object;
  const env = lookUp(container.node, 'env', container.shared);
  if (!env || env === 'unknown' || env.value?.kind !== 'list') return undefined;
  const item = env.value.items.find((i) => i.node === variable.node);
  const edits = item && removeItem(file, env.value, item);
  return fixOf(file, 'Remove GOGC: the collector then runs as usual', 'maybe-incorrect', edits, env.shared);
}
