import { bytesOf, formatBytes } from '../../core/quantity.ts';
import { defineRule } from '../../core/rule.ts';
import { amountIn } from '../../manifest/amounts.ts';
import { HORIZONTAL, scaledName } from '../../manifest/autoscalers.ts';
import type { Manifests } from '../../manifest/manifests.ts';
import type { KubeObject, Workload } from '../../manifest/model.ts';
import { podMemory } from '../../manifest/pod-memory.ts';
import { isScoped, QUOTA_SIDES } from '../../manifest/policies.ts';
import { lookUp, textAt } from '../../manifest/yaml.ts';
import { placeIn } from '../shared/manifests/manifest.ts';

export default defineRule({
  id: 'k8s/quota-exceeded',
  tier: 'M',
  severity: 'warning',
  summary: 'Workloads that together ask for more memory than the quota of their namespace',
  note: {
    why: 'The API server refuses the pod that would pass the quota. The last replicas, and every surge of a roll-out, never start.',
    arithmetic: 'Σ replicas × Σ containers, with maxReplicas where an autoscaler may go there',
  },
  messages: {
    over: 'Workloads {place} may ask {sum} of a {quota} quota ({parts})',
  },
  exemptions: {
    enough: 'the workloads of the workspace ask {sum} of it',
    unknown: 'a workload’s memory or replicas are not known here',
  },
  check(manifests: Manifests, report) {
    for (const object of manifests.objects) {
      if (object.kind !== 'ResourceQuota') continue;
      // A quota for some pods only: which ones cannot be told.
      if (isScoped(object)) continue;
      const workloads = workloadsIn(manifests, object);
      if (workloads.length === 0) continue;
      for (const { key, side } of QUOTA_SIDES) {
        const quota = amountIn(lookUp(object.root, 'spec'), 'hard', key);
        if (!quota || quota === 'unknown' || !quota.quantity) continue;
        const at = placeIn(object.file, quota.span);
        const uses = workloads.map((w) => useOf(manifests, w, side));
        const known = uses.flatMap((u) => u ?? []);
        const sum = known.reduce((n, u) => n + u.bytes, 0n);
        if (sum <= bytesOf(quota.quantity)) {
          if (known.length < uses.length) report.exempt({ reason: 'unknown', at });
          else report.exempt({ reason: 'enough', at, data: { sum: formatBytes(sum) } });
          continue;
        }
        const largest = [...known].sort((a, b) => (b.bytes > a.bytes ? 1 : b.bytes < a.bytes ? -1 : 0));
        report.find({
          message: 'over',
          at,
          confidence: 'high',
          data: {
            place: object.namespace === undefined ? 'of the namespace' : `of namespace "${object.namespace}"`,
            sum: formatBytes(sum),
            quota: quota.text,
            parts: largest
              .slice(0, 3)
              .map((u) => u.text)
              .join(', ')
              .concat(largest.length > 3 ? ', …' : ''),
          },
          related: largest.slice(0, 5).map((u) => ({
            ...placeIn(u.workload.object.file, u.workload.object.at),
            message: u.text,
          })),
        });
      }
    }
  },
});

function workloadsIn(manifests: Manifests, quota: KubeObject): Workload[] {
  return [...manifests.files.values()].flatMap((file) =>
    file.workloads.filter(
      (w) => manifests.sameNamespace(w.object, quota) && !w.containers.every((c) => manifests.isPatch(c)),
    ),
  );
}

interface Use {
  readonly workload: Workload;
  readonly bytes: bigint;
  /** `cart 6 × 1Gi`. */
  readonly text: string;
}

/** What a workload's pods may ask together; undefined when a part is not known. */
function useOf(manifests: Manifests, workload: Workload, side: 'limits' | 'requests'): Use | undefined {
  const replicas = replicasOf(manifests, workload);
  if (replicas === undefined) return undefined;
  const pod = podMemory(manifests, workload, side)?.total;
  if (pod === undefined) return undefined;
  const name = workload.object.name ?? workload.object.kind;
  return { workload, bytes: pod * replicas, text: `${name} ${replicas} × ${formatBytes(pod)}` };
}

function replicasOf(manifests: Manifests, workload: Workload): bigint | undefined {
  const { object } = workload;
  const autoscaler = HORIZONTAL.flatMap((kind) => manifests.objectsOf(kind)).find((h) => {
    const name = scaledName(h);
    return name?.kind === object.kind && name.name === object.name && manifests.sameNamespace(h, object);
  });
  if (autoscaler) {
    const most = autoscaler.kind === 'ScaledObject' ? 'maxReplicaCount' : 'maxReplicas';
    return count(textAt(autoscaler.root, 'spec', most));
  }
  switch (object.kind) {
    case 'Pod':
      return 1n;
    case 'Deployment':
    case 'StatefulSet':
    case 'ReplicaSet':
    case 'ReplicationController': {
      const spec = lookUp(object.root, 'spec');
      if (!spec || spec === 'unknown') return undefined;
      const replicas = lookUp(spec.value, 'replicas');
      return replicas === undefined
        ? 1n
        : replicas === 'unknown'
          ? undefined
          : count(textAt(spec.value, 'replicas'));
    }
    case 'Job':
      return count(textAt(object.root, 'spec', 'parallelism') ?? '1');
    default:
      // A DaemonSet runs once a node, a CronJob now and then.
      return undefined;
  }
}

function count(text: string | undefined): bigint | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? BigInt(text) : undefined;
}
