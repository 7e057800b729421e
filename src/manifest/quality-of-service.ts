/** The QoS class of a pod, by which the node decides whom to end first. */

import type { Container, Resources, Stated, Workload } from './model.ts';

export interface QualityOfService {
  readonly name: 'Guaranteed' | 'Burstable' | 'BestEffort';
  /** What makes it so. */
  readonly reason: string;
}

/** Undefined when a template decides. LimitRanges of the cluster could still change it. */
export function qualityOfService(workload: Workload): QualityOfService | undefined {
  const { podResources, containers } = workload;
  const pod = [
    podResources.cpuLimit,
    podResources.cpuRequest,
    podResources.memoryLimit,
    podResources.memoryRequest,
  ];
  const parts: readonly { readonly name: string; readonly resources: Resources }[] = pod.some(
    (s) => s !== undefined,
  )
    ? [{ name: 'the pod', resources: podResources }]
    : containers.map((c) => ({ name: nameOf(c), resources: c.resources }));
  let any = false;
  let open: string | undefined;
  for (const { name, resources } of parts) {
    for (const [kind, limit, request] of [
      ['cpu', resources.cpuLimit, resources.cpuRequest],
      ['memory', resources.memoryLimit, resources.memoryRequest],
    ] as const) {
      const [l, r] = [amount(limit), amount(request)];
      if (l === 'unknown' || r === 'unknown') return undefined;
      any ||= (l ?? 0n) > 0n || (r ?? 0n) > 0n;
      if (!l) open ??= `${name} has no ${kind} limit`;
      else if (r !== undefined && r !== l) open ??= `the ${kind} request of ${name} is below its limit`;
    }
  }
  if (!any) return { name: 'BestEffort', reason: 'no container states a request or limit' };
  if (open) return { name: 'Burstable', reason: open };
  return { name: 'Guaranteed', reason: 'every request equals its limit' };
}

function nameOf(container: Container): string {
  return container.name === undefined ? 'a container' : `\`${container.name}\``;
}

function amount(stated: Stated): bigint | 'unknown' | undefined {
  if (stated === undefined || stated === 'unknown') return stated;
  return stated.quantity ? stated.quantity.nano : 'unknown';
}
