import { bytesOf, formatBytes } from '../../core/quantity.ts';
import { defineRule } from '../../core/rule.ts';
import { limitOf } from '../../manifest/compose.ts';
import { possible, writeAmount } from '../../manifest/fixes.ts';
import type { Effective, Manifests } from '../../manifest/manifests.ts';
import type { Container } from '../../manifest/model.ts';
import { placeIn, relatedValue } from '../shared/manifests/manifest.ts';

export default defineRule({
  id: 'compose/drift',
  tier: 'M',
  severity: 'information',
  summary: 'A service with more memory in compose than in Kubernetes',
  note: {
    why: 'What fits on the laptop is killed in the cluster. Often it is only the unit: compose counts M in 1024s, Kubernetes in thousands.',
    arithmetic: '512M is 512Mi to compose and 488.3Mi to Kubernetes',
    myth: 'oom-is-a-crash',
  },
  messages: {
    unit: 'Compose reads {compose} as {ours}, Kubernetes as {theirs}. "{service}" has {percent} % less in the cluster',
    larger:
      'Compose gives "{service}" {ours}, Kubernetes {theirs}. What passes its tests here is killed in the cluster',
  },
  exemptions: {
    ambiguous: 'several containers have the name of the service',
    unknown: 'one of the limits is not known here',
    enough: 'Kubernetes gives the service {theirs}',
  },
  check(manifests: Manifests, report) {
    for (const service of manifests.composeServices) {
      const limit = limitOf(service);
      if (!limit) continue;
      const at = placeIn(service.file, limit.scalar.span);
      const containers = containersNamed(manifests, service.name.text);
      if (containers.length === 0) continue;
      const limits = containers.map((c) => manifests.memoryLimit(c));
      const [first] = limits;
      if (first?.state !== 'known' || limit.bytes === undefined) {
        report.exempt({ reason: 'unknown', at });
        continue;
      }
      if (!limits.every((l) => isSame(l, first))) {
        report.exempt({ reason: 'ambiguous', at });
        continue;
      }
      const theirs = bytesOf(first.quantity);
      const { file } = containers[0]!.workload.object;
      const data = {
        service: service.name.text,
        ours: formatBytes(limit.bytes),
        theirs: formatBytes(theirs),
      };
      const related = relatedValue(first, `${formatBytes(theirs)} in Kubernetes`);
      if (limit.bytes > theirs && limit.text.toLowerCase().replace(/b$/, '') === first.text.toLowerCase()) {
        const percent = Number(((limit.bytes - theirs) * 1000n) / limit.bytes) / 10;
        const binary = `${first.text}i`;
        report.find({
          message: 'unit',
          at,
          confidence: 'high',
          data: { ...data, compose: limit.text, percent },
          related,
          fixes: possible(
            first.source === 'own' && /^\d+(\.\d+)?[MGT]$/.test(first.text)
              ? writeAmount(file, first.amount, binary, `Write ${binary} in Kubernetes: what compose means`)
              : undefined,
          ),
        });
      } else if (limit.bytes * 10n > theirs * 11n) {
        report.find({ message: 'larger', at, confidence: 'medium', data, related });
      } else report.exempt({ reason: 'enough', at, data: { theirs: formatBytes(theirs) } });
    }
  },
});

/** Containers that have the name of a compose service, or are the only one of a workload that has it. */
function containersNamed(manifests: Manifests, name: string): Container[] {
  const workloads = new Set(manifests.everyContainer.map((c) => c.workload));
  return [...workloads].flatMap((w) => {
    const running = w.containers.filter((c) => c.role === 'container' && !manifests.isPatch(c));
    if (w.object.name === name && running.length === 1) return running;
    return running.filter((c) => c.name === name);
  });
}

function isSame(a: Effective, b: Effective): boolean {
  return a.state === 'known' && b.state === 'known' && a.quantity.nano === b.quantity.nano;
}
