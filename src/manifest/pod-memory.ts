/** What a whole pod reserves or may use: the arithmetic of KEP-753, sidecars and init containers included. */

import { bytesOf } from '../core/quantity.ts';
import { amountIn } from './amounts.ts';
import type { Manifests } from './manifests.ts';
import type { Container, Workload } from './model.ts';
import { lookUp } from './yaml.ts';

export type Side = 'limits' | 'requests';

export interface PodMemory {
  /** Bytes of containers and native sidecars, which run together. */
  readonly running: bigint;
  /** The init container that needs most while it runs: its own bytes and those of the sidecars started before it. */
  readonly start: { readonly container: Container; readonly bytes: bigint } | undefined;
  /** What the scheduler reserves (or the limit of all together): the larger of the two, and the pod's overhead. */
  readonly total: bigint;
  /** The containers with their bytes, in the order of the text. */
  readonly parts: readonly { readonly container: Container; readonly bytes: bigint }[];
}

/**
 * `max( max_i(init_i + Σ sidecars before i), Σ sidecars + Σ containers ) + overhead`, or what the pod itself states.
 * Source: KEP-753, "Resources calculation".
 * @returns undefined when a part is not known or not bounded
 */
export function podMemory(manifests: Manifests, workload: Workload, side: Side): PodMemory | undefined {
  const parts: { container: Container; bytes: bigint }[] = [];
  let before = 0n;
  let running = 0n;
  let start: PodMemory['start'];
  for (const container of workload.containers) {
    const value = side === 'limits' ? manifests.memoryLimit(container) : manifests.memoryRequest(container);
    // A container without a value of its own lives on that of the pod.
    const ownless = value.state === 'known' && value.source === 'pod-level';
    if (value.state !== 'known' || value.quantity.nano < 0n) return undefined;
    const bytes = ownless ? 0n : bytesOf(value.quantity);
    parts.push({ container, bytes });
    if (container.role === 'init') {
      if (!start || before + bytes > start.bytes) start = { container, bytes: before + bytes };
    } else {
      running += bytes;
      if (container.role === 'sidecar') before += bytes;
    }
  }
  if (parts.length === 0) return undefined;
  const pod = side === 'limits' ? workload.podResources.memoryLimit : workload.podResources.memoryRequest;
  if (pod === 'unknown' || (pod && !pod.quantity)) return undefined;
  const overhead = amountIn(lookUp(workload.podSpec, 'overhead'), 'memory');
  const extra = overhead && overhead !== 'unknown' && overhead.quantity ? bytesOf(overhead.quantity) : 0n;
  const larger = start && start.bytes > running ? start.bytes : running;
  return { running, start, total: pod ? bytesOf(pod.quantity!) : larger + extra, parts };
}
