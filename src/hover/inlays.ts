/** What an editor shows between the words of a manifest: sums, effective values and bytes that are not written there. */

import { bytesOf, exactBytes, formatBytes } from '../core/quantity.ts';
import type { Place, Span } from '../core/span.ts';
import { parseGoMemoryLimit } from '../manifest/gomemlimit.ts';
import type { Effective, Manifests } from '../manifest/manifests.ts';
import type { Amount, Container, Stated, Workload } from '../manifest/model.ts';
import { podMemory } from '../manifest/pod-memory.ts';
import { qualityOfService } from '../manifest/quality-of-service.ts';
import { lookUp } from '../manifest/yaml.ts';

/** Kinds of inlays, each of which a person may switch off. */
export const INLAY_KINDS = ['pod', 'effective', 'bytes'] as const;
export type InlayKind = (typeof INLAY_KINDS)[number];

export interface Inlay {
  readonly kind: InlayKind;
  /** Shown behind this offset. */
  readonly offset: number;
  readonly text: string;
  /** Markdown. */
  readonly tooltip: string;
  /** Where the value comes from, when that is another place. */
  readonly where?: Place;
}

/** The inlays of a manifest, in the order of the text; none for other files. */
export function manifestInlays(manifests: Manifests, file: string): Inlay[] {
  const manifest = manifests.files.get(file);
  if (!manifest) return [];
  const inlays: Inlay[] = [];
  for (const workload of manifest.workloads) {
    if (workload.containers.some((c) => manifests.isPatch(c))) continue;
    const pod = podInlay(manifests, workload);
    if (pod) inlays.push(pod);
    for (const container of workload.containers) inlays.push(...containerInlays(manifests, container));
  }
  for (const container of manifest.values) inlays.push(...amountInlays(manifests, container));
  // One place that several aliases lead to says one thing.
  const seen = new Set<string>();
  return inlays
    .sort((a, b) => a.offset - b.offset)
    .filter(({ offset, kind }) => {
      const key = `${offset} ${kind}`;
      if (seen.has(key)) return false;
      seen.add(key);
      return true;
    });
}

/** QoS class and sums of a pod, behind `containers:`. */
function podInlay(manifests: Manifests, workload: Workload): Inlay | undefined {
  const list = lookUp(workload.podSpec, 'containers');
  if (!list || list === 'unknown') return undefined;
  const class_ = qualityOfService(workload);
  const request = podMemory(manifests, workload, 'requests');
  const limit = podMemory(manifests, workload, 'limits');
  const sums = [
    request && `request ${formatBytes(request.total)}`,
    limit && `limit ${formatBytes(limit.total)}`,
  ].filter((s) => s !== undefined);
  const parts = [class_?.name, sums.length > 0 ? `pod ${sums.join(', ')}` : undefined];
  const text = parts.filter((p) => p !== undefined).join(' · ');
  if (text === '') return undefined;
  const rows = (request ?? limit)?.parts.map(({ container }) => {
    const [r, l] = [manifests.memoryRequest(container), manifests.memoryLimit(container)];
    return `- ${container.role === 'container' ? '' : `${container.role} `}\`${container.name ?? '?'}\`: request ${shown(r)}, limit ${shown(l)}`;
  });
  return {
    kind: 'pod',
    offset: list.entry.key.span.end + 1,
    text,
    tooltip: [
      class_ && `QoS class **${class_.name}**: ${class_.reason}.`,
      rows?.join('\n'),
      'Reserved: max( max(init + sidecars started before it), Σ sidecars + Σ containers ) + overhead (KEP-753).',
    ]
      .filter((p) => p !== undefined)
      .join('\n\n'),
  };
}

function shown(value: Effective): string {
  return value.state === 'known' ? `${formatBytes(bytesOf(value.quantity))}` : value.state;
}

/** Values a container gets without stating them, behind its name. */
function containerInlays(manifests: Manifests, container: Container): Inlay[] {
  const inlays: Inlay[] = [];
  const given = [
    ['limit', container.resources.memoryLimit, manifests.memoryLimit(container)],
    ['request', container.resources.memoryRequest, manifests.memoryRequest(container)],
  ] as const;
  for (const [side, own, effective] of given) {
    if (own !== undefined || effective.state !== 'known' || effective.source === 'limit') continue;
    const from =
      effective.source === 'limit-range' ? `LimitRange ${rangeName(manifests, container)}` : 'the pod';
    inlays.push({
      kind: 'effective',
      offset: container.at.end,
      text: `${side} ${formatBytes(bytesOf(effective.quantity))} from ${from}`,
      tooltip: `The container states no memory ${side}: ${exactBytes(effective.quantity)} come from ${from}.`,
      where: effective.where,
    });
  }
  const [first] = inlays;
  // One hint is enough where both come from one place.
  const joined =
    inlays.length > 1 && first
      ? [
          {
            ...first,
            text: inlays.map((i) => i.text).join(', '),
            tooltip: inlays.map((i) => i.tooltip).join('\n\n'),
          },
        ]
      : inlays;
  return [...joined, ...amountInlays(manifests, container)];
}

function rangeName(manifests: Manifests, container: Container): string {
  const name = manifests.limitRangesFor(container.workload.object)[0]?.name;
  return name === undefined ? 'of the namespace' : `"${name}"`;
}

/** What stands behind amounts: bytes that their unit hides, and what else they become. */
function amountInlays(manifests: Manifests, container: Container): Inlay[] {
  const { memoryLimit, memoryRequest } = container.resources;
  const inlays = [memoryLimit, memoryRequest].flatMap((stated) => bytesInlay(stated) ?? []);
  const limit = known(memoryLimit);
  if (limit && memoryRequest === undefined && container.workload.object.kind !== 'Values') {
    inlays.push({
      kind: 'effective',
      offset: limit.span.end,
      text: 'also the request',
      tooltip: 'Without a memory request the API server copies the limit.',
    });
  }
  const go = container.env.findLast((e) => e.name === 'GOMEMLIMIT');
  const effective = manifests.memoryLimit(container);
  const memory = go?.value && !go.unknown ? parseGoMemoryLimit(go.value.text) : undefined;
  if (go?.value && memory?.kind === 'bytes' && effective.state === 'known') {
    const bytes = bytesOf(effective.quantity);
    if (bytes > 0n)
      inlays.push({
        kind: 'effective',
        offset: go.value.span.end,
        text: `${(memory.bytes * 100n) / bytes} % of the limit`,
        tooltip: `${exactBytes(memory.bytes)} of ${exactBytes(bytes)}. Leave 5–10 % for what the Go runtime does not see.`,
        where: effective.where,
      });
  }
  return inlays;
}

function known(stated: Stated): (Amount & { readonly span: Span }) | undefined {
  return stated && stated !== 'unknown' && stated.quantity ? stated : undefined;
}

/** `= 488.3Mi` behind `512M`: only where the unit does not say it. */
function bytesInlay(stated: Stated): Inlay | undefined {
  const amount = known(stated);
  if (!amount?.quantity || amount.quantity.nano <= 0n || /^[KMGT]i$/.test(amount.quantity.suffix))
    return undefined;
  const bytes = bytesOf(amount.quantity);
  return {
    kind: 'bytes',
    offset: amount.span.end,
    text: `= ${formatBytes(bytes)}`,
    tooltip: `\`${amount.text}\` is ${exactBytes(amount.quantity)}.`,
  };
}
