import { type Services, takesMoreVariables, variableOf } from '../../budget/services.ts';
import { bytesOf } from '../../core/quantity.ts';
import { defineRule } from '../../core/rule.ts';
import { removeItem } from '../../manifest/edit.ts';
import { fixOf, goMemoryLimitFor, possible, setEnv } from '../../manifest/fixes.ts';
import type { Manifests } from '../../manifest/manifests.ts';
import type { Container, EnvVar } from '../../manifest/model.ts';
import { lookUp } from '../../manifest/yaml.ts';
import { commandVariables } from '../../workload/command-variables.ts';
import { SHARED_EXEMPTIONS } from '../shared/manifests/manifest.ts';

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
    command:
      'The command sets GOGC=off and "{container}" has no GOMEMLIMIT: the heap grows until the OOM kill',
    image: 'The image sets GOGC=off and "{container}" no GOMEMLIMIT: the heap grows until the OOM kill',
    code: '`debug.SetGCPercent(-1)` without GOMEMLIMIT in "{container}": the heap grows until the OOM kill',
  },
  exemptions: {
    limited: 'GOMEMLIMIT makes the collector run near it',
    'template-hole': SHARED_EXEMPTIONS['template-hole'],
    patch: SHARED_EXEMPTIONS.patch,
    own: 'the program sets a memory limit itself with {by}',
    'env-from': 'the container takes variables from elsewhere, which may set GOMEMLIMIT',
  },
  check({ manifests, services }: Services, report) {
    const linked = new Map(
      services.flatMap((s) => (s.unit.kind === 'container' ? [[s.unit.container, s] as const] : [])),
    );
    const readers = manifests.suppliesVariables ? manifests.everyContainer : [];
    for (const container of new Set([...manifests.statedContainers, ...readers])) {
      // What a container gets is only put together for those that may get it.
      if (container.envFrom.length === 0 && !container.env.some((e) => e.name === 'GOGC')) continue;
      const { variables, open } = manifests.environment(container);
      const set = variables.get('GOGC');
      if (set?.text !== 'off') continue;
      const variable = set.own;
      const { where } = set;
      if (!manifests.inScope(where.file)) continue;
      const at = where;
      const own = linked.get(container)?.review.facts.ownMemoryLimit;
      if (own) {
        report.exempt({ reason: 'own', at, where: own.at, data: { by: own.by } });
        continue;
      }
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
        fixes: possible(
          addLimit(manifests, container),
          variable?.value ? dropVariable(container, variable) : undefined,
        ),
      });
    }
    for (const container of manifests.statedContainers) {
      const inCommand = commandVariables(container.node);
      const set = inCommand.get('GOGC');
      if (set?.value !== 'off') continue;
      const { file } = container.workload.object.file;
      const at = { file, span: set.span };
      const service = linked.get(container);
      const own = service?.review.facts.ownMemoryLimit;
      if (own) {
        report.exempt({ reason: 'own', at, where: own.at, data: { by: own.by } });
        continue;
      }
      const { variables, open } = manifests.environment(container);
      const beside = inCommand.get('GOMEMLIMIT');
      const limited =
        (beside && { file, span: beside.span }) ??
        variables.get('GOMEMLIMIT')?.where ??
        (service && variableOf(service.unit, service.link, 'GOMEMLIMIT')?.at);
      if (limited) {
        report.exempt({ reason: 'limited', at, where: limited });
        continue;
      }
      if (open || envIsOpen(container)) {
        report.exempt({ reason: open ? 'env-from' : 'template-hole', at });
        continue;
      }
      report.find({
        message: 'command',
        at,
        confidence: 'high',
        data: { container: container.name ?? 'a container' },
        fixes: possible(addLimit(manifests, container)),
      });
    }
    for (const service of services) {
      const { unit, link, review } = service;
      if (review.executable.language !== 'go' || link.confidence === 'weak') continue;
      const { collectorOff, ownMemoryLimit } = review.facts;
      const gogc = variableOf(unit, link, 'GOGC');
      const baked = gogc?.inImage && gogc.value === 'off' ? gogc.at : undefined;
      const off = baked ?? collectorOff;
      if (!off) continue;
      const { at } = unit;
      if (ownMemoryLimit) {
        report.exempt({ reason: 'own', at, where: ownMemoryLimit.at, data: { by: ownMemoryLimit.by } });
        continue;
      }
      const limited = variableOf(unit, link, 'GOMEMLIMIT');
      if (limited || takesMoreVariables(unit)) {
        report.exempt(limited ? { reason: 'limited', at, where: limited.at } : { reason: 'env-from', at });
        continue;
      }
      report.find({
        message: baked ? 'image' : 'code',
        at,
        confidence: 'medium',
        // The code may do so on some way only.
        severity: baked ? 'error' : 'warning',
        data: { container: unit.name ?? 'a container' },
        related: [{ ...off, message: baked ? 'the image sets it here' : 'the program does it here' }],
        fixes: possible(unit.kind === 'container' ? addLimit(manifests, unit.container) : undefined),
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
