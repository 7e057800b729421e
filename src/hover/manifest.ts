/** What a person should know about a memory quantity or a runtime variable of a manifest, finding or not. */

import { bytesOf, exactBytes, formatBytes, parseQuantity } from '../core/quantity.ts';
import type { Span } from '../core/span.ts';
import type { MythId } from '../knowledge/myths.ts';
import { amountIn } from '../manifest/amounts.ts';
import { parseGoMemoryLimit } from '../manifest/gomemlimit.ts';
import type { Effective, Manifests } from '../manifest/manifests.ts';
import type {
  Amount,
  Container,
  EnvVar,
  KubeObject,
  ManifestFile,
  Stated,
  Volume,
  Workload,
} from '../manifest/model.ts';
import { qualityOfService } from '../manifest/quality-of-service.ts';
import { itemsAt, lookUp, scalarAt, type YamlEntry, type YamlNode } from '../manifest/yaml.ts';
import { mythSection } from './markdown.ts';

/** What a hover says of a fact, the place it speaks of, and the myth such a line invites. */
interface Hover {
  readonly span: Span;
  readonly markdown: string;
  readonly myth: MythId | undefined;
}

/**
 * The hover at an offset of a manifest, or undefined where nothing bears on memory.
 * @param withMyth false where a finding already speaks of one.
 */
export function manifestSection(
  manifests: Manifests,
  file: string,
  offset: number,
  withMyth: boolean,
): { readonly span: Span; readonly markdown: string } | undefined {
  const hover = hoverIn(manifests, file, offset);
  if (!hover) return undefined;
  const myth = withMyth && hover.myth ? `\n\n${mythSection(hover.myth)}` : '';
  return { span: hover.span, markdown: hover.markdown + myth };
}

function hoverIn(manifests: Manifests, file: string, offset: number): Hover | undefined {
  const manifest = manifests.files.get(file);
  if (!manifest) return undefined;
  for (const workload of manifest.workloads) {
    const { podSpec } = workload;
    if (!reaches(podSpec, offset) && !workload.containers.some((c) => c.shared.length > 0)) continue;
    for (const container of workload.containers) {
      const found = containerHover(manifests, container, offset);
      if (found) return found;
    }
    for (const volume of workload.volumes) {
      const found = volumeHover(manifests, workload, volume, offset);
      if (found) return found;
    }
    const found = podLevelHover(workload, offset);
    if (found) return found;
  }
  for (const container of manifest.values) {
    const found = containerHover(manifests, container, offset);
    if (found) return found;
  }
  for (const object of manifest.objects) {
    if (!reaches(object.root, offset)) continue;
    const found = objectHover(manifests, manifest, object, offset);
    if (found) return found;
  }
  return undefined;
}

function reaches(node: YamlNode, offset: number): boolean {
  const end = node.kind === 'scalar' ? node.span.end : node.reach;
  return node.span.start <= offset && offset <= end;
}

function within(span: Span | undefined, offset: number): span is Span {
  return span !== undefined && span.start <= offset && offset <= span.end;
}

/** The key or value of an entry that an offset is on. */
function onEntry(entry: YamlEntry, value: Span | undefined, offset: number): Span | undefined {
  if (within(entry.key.span, offset)) return entry.key.span;
  return within(value, offset) ? value : undefined;
}

function onAmount(
  stated: Stated,
  offset: number,
): { readonly amount: Amount; readonly span: Span } | undefined {
  if (!stated || stated === 'unknown') return undefined;
  const span = onEntry(stated.entry, stated.span, offset);
  return span && { amount: stated, span };
}

function page(span: Span, paragraphs: readonly (string | undefined)[], myth?: MythId): Hover {
  const parts = paragraphs.filter((p): p is string => p !== undefined && p !== '');
  return { span, markdown: parts.join('\n\n'), myth };
}

/** `**Memory limit** 512Mi = 536,870,912 bytes`. */
function title(name: string, amount: Amount): string {
  if (amount.unknown)
    return `**${name}** – the value is not in this file: a template or variable supplies it`;
  if (!amount.quantity) return `**${name}** \`${amount.text}\` – not a quantity: the API server rejects it`;
  const exact = exactBytes(amount.quantity);
  const shown = formatBytes(bytesOf(amount.quantity));
  const same = shown === amount.text || shown === exact;
  return `**${name}** \`${amount.text}\` = ${exact}${same ? '' : ` (${shown})`}`;
}

const AT_THE_LIMIT =
  'When the container’s usage meets this and nothing can be reclaimed, the kernel ends its processes (`OOMKilled`). Usage is every touched page: heap, stacks, page cache in use, tmpfs, kernel stacks and socket buffers. Reserved address space is not counted.';
const WHAT_IS_SHOWN =
  '`kubectl top`, HPA and VPA show the *working set* (usage less inactive file cache, sampled every 15–60 s); `RSS` is only the anonymous part. A peak between two samples is not seen: read `memory.peak` of the cgroup.';

function containerHover(manifests: Manifests, container: Container, offset: number): Hover | undefined {
  const { resources } = container;
  const limit = onAmount(resources.memoryLimit, offset);
  if (limit) {
    const request = manifests.memoryRequest(container);
    const tight = isTight(limit.amount, request);
    return page(
      limit.span,
      [
        title('Memory limit', limit.amount),
        qos(container.workload),
        AT_THE_LIMIT,
        WHAT_IS_SHOWN,
        relationToRequest(limit.amount, request),
        goBelow(container, limit.amount),
        sharedWith(limit.amount),
      ],
      tight ? 'tighter-is-better' : 'oom-is-a-crash',
    );
  }
  const request = onAmount(resources.memoryRequest, offset);
  if (request) {
    return page(
      request.span,
      [
        title('Memory request', request.amount),
        qos(container.workload),
        'The scheduler reserves this much of a node. Under node pressure, pods that use more than their request are evicted first. Nothing is limited by it.',
        effectiveLimit(manifests.memoryLimit(container)),
        'A limit without a request makes the request equal to the limit.',
        sharedWith(request.amount),
      ],
      'average-for-limits',
    );
  }
  for (const variable of container.env) {
    const found = variableHover(manifests, container, variable, offset);
    if (found) return found;
  }
  return undefined;
}

function qos(workload: Workload): string | undefined {
  if (workload.object.kind === 'Values') return 'A template hands this value to a container.';
  const found = qualityOfService(workload);
  return found
    ? `QoS class **${found.name}**: ${found.reason}.`
    : 'QoS class: depends on values that a template renders.';
}

function isTight(limit: Amount, request: Effective): boolean {
  if (!limit.quantity || request.state !== 'known' || request.source === 'limit') return false;
  const { nano } = request.quantity;
  return nano < limit.quantity.nano && limit.quantity.nano * 5n < nano * 6n;
}

function relationToRequest(limit: Amount, request: Effective): string | undefined {
  if (!limit.quantity) return undefined;
  if (request.state === 'none') return 'There is no memory request: the scheduler counts 0 bytes.';
  if (request.state === 'unknown') return undefined;
  if (request.source === 'limit') return 'There is no memory request, so the request is this limit.';
  const [l, r] = [bytesOf(limit.quantity), bytesOf(request.quantity)];
  if (r === l) return 'The request equals the limit: no eviction for using more than requested, and no swap.';
  if (r > l || r <= 0n) return undefined;
  const ratio = Number((l * 10n) / r) / 10;
  return `The limit is ${ratio} × the request (\`${request.text}\`): the pod may be evicted once it uses more than that.`;
}

function effectiveLimit(limit: Effective): string | undefined {
  if (limit.state === 'none') return 'There is no memory limit: the container may use the whole node.';
  if (limit.state === 'unknown') return undefined;
  const from = {
    own: '',
    base: ' (from the base)',
    limit: '',
    'limit-range': ' (from a LimitRange)',
    'pod-level': ' (of the pod)',
    values: ' (the chart’s default)',
  };
  return `Effective limit: \`${limit.text}\` = ${exactBytes(limit.quantity)}${from[limit.source]}.`;
}

function goBelow(container: Container, limit: Amount): string | undefined {
  const variable = container.env.findLast((e) => e.name === 'GOMEMLIMIT');
  if (!variable) return undefined;
  const share = shareOfLimit(variable, limit.quantity ? bytesOf(limit.quantity) : undefined);
  return share && `\`GOMEMLIMIT\` is ${share}; the Go runtime does not read the container’s limit by itself.`;
}

function shareOfLimit(variable: EnvVar, limit: bigint | undefined): string | undefined {
  if (variable.fieldRef) return 'set to the whole of it';
  if (!variable.value || variable.unknown || limit === undefined || limit === 0n) return undefined;
  const memory = parseGoMemoryLimit(variable.value.text);
  if (memory.kind !== 'bytes') return undefined;
  return `${(memory.bytes * 100n) / limit} % of the limit`;
}

function sharedWith(amount: Amount): string | undefined {
  const [anchor] = amount.shared;
  return anchor && `This text is used in ${anchor.uses + 1} places through \`&${anchor.name}\`.`;
}

function podLevelHover(workload: Workload, offset: number): Hover | undefined {
  const limit = onAmount(workload.podResources.memoryLimit, offset);
  if (limit) {
    return page(
      limit.span,
      [
        title('Memory limit of the pod', limit.amount),
        qos(workload),
        'It bounds the sum of all containers, init containers too. A container without a limit of its own may use all of it.',
        AT_THE_LIMIT,
      ],
      'oom-is-a-crash',
    );
  }
  const request = onAmount(workload.podResources.memoryRequest, offset);
  return (
    request &&
    page(
      request.span,
      [
        title('Memory request of the pod', request.amount),
        qos(workload),
        'The scheduler reserves this for the whole pod; the requests of its containers may not add up to more.',
      ],
      'average-for-limits',
    )
  );
}

function volumeHover(
  manifests: Manifests,
  workload: Workload,
  volume: Volume,
  offset: number,
): Hover | undefined {
  if (volume.medium?.text !== 'Memory' || volume.emptyDir?.value?.kind !== 'map') return undefined;
  const sized = onAmount(volume.sizeLimit, offset);
  const entry = lookUp(volume.emptyDir.value, 'medium');
  const span =
    sized?.span ??
    (entry && entry !== 'unknown' ? onEntry(entry.entry, volume.medium.span, offset) : undefined);
  if (!span) return undefined;
  const writers = workload.containers.filter(
    (c) => volume.name !== undefined && c.mounts?.includes(volume.name),
  );
  const limits = writers.flatMap((c) => {
    const limit = manifests.memoryLimit(c);
    return limit.state === 'known' ? [`\`${c.name ?? 'container'}\` ${limit.text}`] : [];
  });
  return page(
    span,
    [
      sized ? title('Size limit of a tmpfs', sized.amount) : '**tmpfs**: files in this volume are memory',
      'Every byte written is charged to the container that writes it (to the pod after a restart), counts against the memory limit, and stays until the file is deleted. `GOMEMLIMIT` does not see it.',
      volume.sizeLimit
        ? 'The tmpfs is no larger than this, than the pod’s limit and than what the node can give.'
        : 'Without `sizeLimit` it may grow to the pod’s limit, and without one to what the node can give: the container is killed instead of getting “no space left”.',
      limits.length > 0 ? `Memory limits of those who write: ${limits.join(', ')}.` : undefined,
    ],
    'low-heap-is-safe',
  );
}

function objectHover(
  manifests: Manifests,
  file: ManifestFile,
  object: KubeObject,
  offset: number,
): Hover | undefined {
  switch (object.kind) {
    case 'LimitRange':
      for (const item of itemsAt(object.root, 'spec', 'limits')) {
        for (const [key, what] of Object.entries(LIMIT_RANGE)) {
          const on = onAmount(amountIn(lookUp(item.node, key), 'memory'), offset);
          if (on)
            return page(on.span, [
              title(`LimitRange \`${key}\``, on.amount),
              what,
              'A LimitRange acts when a pod is created; pods that run are not changed.',
            ]);
        }
      }
      return undefined;
    case 'ResourceQuota':
      for (const key of ['limits.memory', 'requests.memory', 'memory']) {
        const on = onAmount(amountIn(lookUp(object.root, 'spec'), 'hard', key), offset);
        if (on) {
          const side = key === 'limits.memory' ? 'limit' : 'request';
          return page(on.span, [
            title(`Quota of memory ${side}s`, on.amount),
            `The ${side}s of all pods of the namespace may not add up to more. A container that states no memory ${side} is refused (403) unless a LimitRange supplies one.`,
          ]);
        }
      }
      return undefined;
    case 'VerticalPodAutoscaler':
      for (const item of itemsAt(object.root, 'spec', 'resourcePolicy', 'containerPolicies')) {
        for (const key of ['minAllowed', 'maxAllowed']) {
          const on = onAmount(amountIn(lookUp(item.node, key), 'memory'), offset);
          if (on)
            return page(
              on.span,
              [
                title(`VPA \`${key}\``, on.amount),
                'VPA sets the request from a decaying histogram of each day’s peak working set (90th percentile × 1.15) and keeps the ratio of limit to request: the limit moves, a literal `GOMEMLIMIT` does not.',
              ],
              'optimise-once',
            );
        }
      }
      return undefined;
    case 'HorizontalPodAutoscaler':
      return autoscalerHover(manifests, file, object, offset);
    default:
      return undefined;
  }
}

const LIMIT_RANGE: Readonly<Record<string, string>> = {
  default: 'The memory limit of a container that states none.',
  defaultRequest: 'The memory request of a container that states neither request nor limit.',
  max: 'A container with a larger limit is refused (403). Without `default` it is also the default limit.',
  min: 'A container with a smaller request is refused (403).',
};

function autoscalerHover(
  manifests: Manifests,
  _file: ManifestFile,
  object: KubeObject,
  offset: number,
): Hover | undefined {
  for (const { node } of itemsAt(object.root, 'spec', 'metrics')) {
    for (const key of ['resource', 'containerResource']) {
      const name = scalarAt(node, key, 'name');
      if (name?.text !== 'memory' || !reaches(node, offset)) continue;
      const target = scalarAt(node, key, 'target', 'averageUtilization');
      const value = scalarAt(node, key, 'target', 'averageValue');
      const spot = [name, target, value].find((s) => within(s?.span, offset));
      if (!spot) continue;
      return page(
        spot.span,
        [
          '**Scaling on memory**',
          target
            ? `Utilisation is a percentage of the *request*, not of the limit${inBytes(manifests, object, target.text)}.`
            : value
              ? `The target is the average working set of the pods: \`${value.text}\`${exactly(value.text)}.`
              : undefined,
          'Replicas = ⌈present × value ÷ target⌉. Go and Rust programs keep freed memory, so the value rarely falls after load and the replicas stay.',
        ],
        'memory-falls-after-load',
      );
    }
  }
  return undefined;
}

function exactly(text: string): string {
  const quantity = parseQuantity(text);
  return quantity ? ` = ${exactBytes(quantity)}` : '';
}

/** ` (80 % of 256Mi is 204.8Mi in "api")` for the workload an autoscaler names. */
function inBytes(manifests: Manifests, object: KubeObject, percent: string): string {
  const kind = scalarAt(object.root, 'spec', 'scaleTargetRef', 'kind')?.text;
  const name = scalarAt(object.root, 'spec', 'scaleTargetRef', 'name')?.text;
  const target = manifests.workloads.find(
    (w) => w.object.kind === kind && w.object.name === name && manifests.sameNamespace(w.object, object),
  );
  if (!target || !/^\d+$/.test(percent)) return '';
  const parts = target.containers.flatMap((c) => {
    const request = manifests.memoryRequest(c);
    if (c.role === 'init' || request.state !== 'known') return [];
    const bytes = (bytesOf(request.quantity) * BigInt(percent)) / 100n;
    return [`${percent} % of ${request.text} is ${formatBytes(bytes)} in \`${c.name ?? 'container'}\``];
  });
  return parts.length > 0 ? ` (${parts.join(', ')})` : '';
}

interface VariableText {
  readonly what: string;
  readonly myth: MythId;
}

/** Variables of runtimes and allocators: meaning and defaults. */
const VARIABLES: Readonly<Record<string, VariableText>> = {
  GOMEMLIMIT: {
    what: 'A soft limit for what the Go runtime manages: heap, stacks and its own structures. Not in it: the binary, cgo, `mmap`, tmpfs, kernel memory. Near the limit the collector may take about half of the CPU; beyond that memory passes the limit. Leave 5–10 % below the container’s limit.',
    myth: 'tighter-is-better',
  },
  GOGC: {
    what: 'The heap may grow by this percentage of what is live (and of roots) before the next collection: with the default 100, plan twice the live heap.',
    myth: 'low-heap-is-safe',
  },
  GOMAXPROCS: {
    what: 'How many threads run Go code at once; caches and collector workers scale with it. From Go 1.25 (by the language version in `go.mod`) the default is the CPU limit, rounded up; before, the CPUs of the host. CPU requests never count.',
    myth: 'optimise-once',
  },
  AUTOMEMLIMIT: {
    what: 'Share of the container’s limit that the automemlimit module gives to `GOMEMLIMIT`, default 0.9. It does nothing when `GOMEMLIMIT` is set.',
    myth: 'optimise-once',
  },
  MALLOC_ARENA_MAX: {
    what: 'Largest number of arenas of glibc’s malloc; the default is 8 per CPU *of the host*, whatever the CPU limit (newer glibc lowers it). It bounds address space and fragmentation across arenas; it does not return fragmented pages. Without effect with jemalloc, mimalloc or musl.',
    myth: 'fix-without-measuring',
  },
  MALLOC_TRIM_THRESHOLD_: {
    what: 'Free memory at the top of glibc’s heap above which it is returned. Setting it turns the dynamic mmap threshold off. Without effect with jemalloc, mimalloc or musl.',
    myth: 'fix-without-measuring',
  },
  MALLOC_CONF: {
    what: 'Settings of an unprefixed jemalloc. The Rust crates prefix their symbols unless `unprefixed_malloc_on_supported_platforms` is on: then the variable is `_RJEM_MALLOC_CONF` and this one is silently ignored. Defaults: 4 arenas per CPU, dirty pages decay in 10 s, no background thread, so unused pages are purged only when the program allocates.',
    myth: 'high-memory-means-leak',
  },
  _RJEM_MALLOC_CONF: {
    what: 'Settings of jemalloc as the Rust crates build it. Defaults: 4 arenas per CPU, dirty pages decay in 10 s, no background thread, so unused pages are purged only when the program allocates.',
    myth: 'high-memory-means-leak',
  },
  TOKIO_WORKER_THREADS: {
    what: 'Worker threads of the tokio runtime; the default follows the CPU limit, rounded down, and without one the CPUs of the node. Besides them, up to 512 blocking threads; each reserves 2 MiB of stack and touches about 26 KiB.',
    myth: 'rust-unpredictable',
  },
  RAYON_NUM_THREADS: {
    what: 'Threads of rayon’s pool; the default is the number of CPUs. Each reserves a stack, and per-thread buffers multiply with it.',
    myth: 'rust-unpredictable',
  },
  RUST_MIN_STACK: {
    what: 'Stack size of threads made by std, default 2 MiB. It reserves address space: only pages that are touched count, but those stay resident while the thread lives.',
    myth: 'rust-unpredictable',
  },
};

const MIMALLOC: VariableText = {
  what: 'A setting of mimalloc; without effect with any other allocator. `MIMALLOC_PURGE_DELAY` is how long freed pages are kept (10 ms in version 2, 1000 ms in version 3; 0 returns them at once).',
  myth: 'rust-less-than-go',
};

function variableHover(
  manifests: Manifests,
  container: Container,
  variable: EnvVar,
  offset: number,
): Hover | undefined {
  const text = VARIABLES[variable.name] ?? (variable.name.startsWith('MIMALLOC_') ? MIMALLOC : undefined);
  if (!text) return undefined;
  const spots = [variable.nameScalar.span, variable.value?.span, variable.fieldRef?.resource.span];
  const span = spots.find((s) => within(s, offset));
  if (!span) return undefined;
  const limit = manifests.memoryLimit(container);
  return page(
    span,
    [`**${variable.name}**${valueText(variable)}`, text.what, interplay(container, variable, limit)],
    text.myth,
  );
}

function valueText(variable: EnvVar): string {
  if (variable.fieldRef) return ` from \`${variable.fieldRef.resource.text}\` of the container`;
  if (!variable.value || variable.unknown) return '';
  if (variable.name === 'GOMEMLIMIT') {
    const memory = parseGoMemoryLimit(variable.value.text);
    if (memory.kind === 'bytes') return ` \`${variable.value.text}\` = ${exactBytes(memory.bytes)}`;
    if (memory.kind === 'malformed')
      return ` \`${variable.value.text}\` – malformed: the program aborts at start`;
  }
  return ` \`${variable.value.text}\``;
}

function interplay(container: Container, variable: EnvVar, limit: Effective): string | undefined {
  const bytes = limit.state === 'known' ? bytesOf(limit.quantity) : undefined;
  switch (variable.name) {
    case 'GOMEMLIMIT': {
      if (limit.state === 'none')
        return 'The container has no memory limit; this only makes the collector work harder near it.';
      const share = shareOfLimit(variable, bytes);
      return share && `Here it is ${share}${limit.state === 'known' ? ` (\`${limit.text}\`)` : ''}.`;
    }
    case 'GOGC':
      if (variable.value?.text !== 'off') return undefined;
      return container.env.some((e) => e.name === 'GOMEMLIMIT')
        ? 'It is off: the collector runs only near `GOMEMLIMIT`.'
        : 'It is off and there is no `GOMEMLIMIT`: the heap grows until the OOM kill.';
    case 'RUST_MIN_STACK': {
      const size =
        variable.value && /^\d+$/.test(variable.value.text) ? BigInt(variable.value.text) : undefined;
      return size === undefined
        ? undefined
        : `Each thread reserves ${formatBytes(size)} = ${exactBytes(size)}.`;
    }
    case 'TOKIO_WORKER_THREADS':
    case 'GOMAXPROCS': {
      const cpu = container.resources.cpuLimit;
      return cpu && cpu !== 'unknown' && !cpu.unknown ? `CPU limit here: \`${cpu.text}\`.` : undefined;
    }
    default:
      return bytes === undefined ? undefined : `Memory limit here: ${formatBytes(bytes)}.`;
  }
}
