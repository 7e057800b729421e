import { bytesOf, formatBytes } from '../../core/quantity.ts';
import { defineRule } from '../../core/rule.ts';
import { possible, setSizeLimit } from '../../manifest/fixes.ts';
import type { Manifests } from '../../manifest/manifests.ts';
import type { Volume, Workload } from '../../manifest/model.ts';
import { placeIn, SHARED_EXEMPTIONS } from '../shared/manifests/manifest.ts';

export default defineRule({
  id: 'k8s/memory-emptydir',
  tier: 'M',
  severity: 'warning',
  summary: 'A tmpfs that may fill the memory limit',
  note: {
    why: 'What is written to a memory emptyDir is charged to the container that writes it, and without `sizeLimit` it may grow up to the memory limit of the pod. GOMEMLIMIT and heap profiles do not see it.',
    arithmetic: 'limit ≥ program + sizeLimit of every memory volume it writes',
    myth: 'low-heap-is-safe',
  },
  messages: {
    limited:
      'The {volume} has no sizeLimit. It counts against the memory limit and may grow to {limit} (pod limit)',
    unlimited:
      'The {volume} has no sizeLimit. It counts as the memory of the container that writes and may fill the node',
  },
  exemptions: {
    'template-hole': SHARED_EXEMPTIONS['template-hole'],
    broken: SHARED_EXEMPTIONS.broken,
    patch: SHARED_EXEMPTIONS.patch,
    unmounted: 'no container mounts the volume',
  },
  check(manifests: Manifests, report) {
    for (const workload of manifests.workloads) {
      const { file, broken } = workload.object;
      for (const volume of workload.volumes) {
        if (volume.medium?.text !== 'Memory' || !volume.emptyDir) continue;
        const at = placeIn(file, volume.medium.span);
        if (volume.sizeLimit === 'unknown') report.exempt({ reason: 'template-hole', at });
        if (volume.sizeLimit !== undefined) continue;
        if (broken) {
          report.exempt({ reason: 'broken', at });
          continue;
        }
        if (limitedInBase(manifests, workload, volume)) {
          report.exempt({ reason: 'patch', at });
          continue;
        }
        const mounting = workload.containers.filter((c) => !c.mounts || c.mounts.includes(volume.name ?? ''));
        const partial =
          workload.containers.some((c) => manifests.isPatch(c)) || workload.containers.length === 0;
        if (mounting.length === 0 && !partial && volume.name !== undefined) {
          report.exempt({ reason: 'unmounted', at });
          continue;
        }
        const limit = podLimit(manifests, workload);
        const name = volume.name === undefined ? 'tmpfs volume' : `tmpfs "${volume.name}"`;
        const writer = mounting.length === 1 ? manifests.memoryLimit(mounting[0]!) : undefined;
        const smallest = writer?.state === 'known' ? bytesOf(writer.quantity) : limit;
        const rest = {
          at,
          confidence: 'high',
          fixes: possible(setSizeLimit(file, volume, smallest)),
        } as const;
        if (limit === undefined) report.find({ message: 'unlimited', data: { volume: name }, ...rest });
        else report.find({ message: 'limited', data: { volume: name, limit: formatBytes(limit) }, ...rest });
      }
    }
  },
});

/** True when the volume of the same name in the object a patch changes has a limit. */
function limitedInBase(manifests: Manifests, workload: Workload, volume: Volume): boolean {
  const bases = workload.containers.flatMap((c) => manifests.basesOf(c)).map((c) => c.workload);
  return bases.some((base) => base.volumes.some((v) => v.name === volume.name && v.sizeLimit !== undefined));
}

/** Sum of the limits of the pod's running containers; undefined when one of them has none that is known. */
function podLimit(manifests: Manifests, workload: Workload): bigint | undefined {
  const { memoryLimit } = workload.podResources;
  if (memoryLimit && memoryLimit !== 'unknown' && memoryLimit.quantity) return bytesOf(memoryLimit.quantity);
  let sum = 0n;
  const running = workload.containers.filter((c) => c.role !== 'init');
  for (const container of running) {
    const limit = manifests.memoryLimit(container);
    if (limit.state !== 'known') return undefined;
    sum += bytesOf(limit.quantity);
  }
  return running.length > 0 ? sum : undefined;
}
