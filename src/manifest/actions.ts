/** What can be done about memory at a place of a manifest, finding or not. */

import type { Fix } from '../core/finding.ts';
import { bytesOf, formatBytes, parseQuantity, percentAbove, writeQuantity } from '../core/quantity.ts';
import type { Span } from '../core/span.ts';
import {
  goMemoryLimitFor,
  possible,
  setContainerMemory,
  setEnv,
  setSizeLimit,
  writeAmount,
} from './fixes.ts';
import { parseGoMemoryLimit } from './gomemlimit.ts';
import type { Manifests } from './manifests.ts';
import { limitFix, requestFix } from './measured-fixes.ts';
import type { Amount, Container, ManifestFile, Stated } from './model.ts';

/** Actions for the container, amount or volume that a span touches. */
export function manifestActions(manifests: Manifests, file: string, span: Span): Fix[] {
  const manifest = manifests.files.get(file);
  if (!manifest) return [];
  const fixes: Fix[] = [];
  const containers = [...manifest.workloads.flatMap((w) => w.containers), ...manifest.values];
  for (const container of containers) {
    if (!touches(lines(manifest, container.node.span), span)) continue;
    fixes.push(...containerActions(manifests, manifest, container, span));
  }
  for (const workload of manifest.workloads) {
    for (const volume of workload.volumes) {
      const place = volume.emptyDir?.value?.span;
      if (volume.medium?.text !== 'Memory' || volume.sizeLimit !== undefined || !place) continue;
      if (
        !touches(lines(manifest, place), span) &&
        !(volume.nameScalar && touches(volume.nameScalar.span, span))
      )
        continue;
      const writer = workload.containers.find(
        (c) => volume.name !== undefined && c.mounts?.includes(volume.name),
      );
      const limit = writer ? manifests.memoryLimit(writer) : undefined;
      fixes.push(
        ...possible(
          setSizeLimit(manifest, volume, limit?.state === 'known' ? bytesOf(limit.quantity) : undefined),
        ),
      );
    }
  }
  return fixes;
}

function touches(a: Span, b: Span): boolean {
  return a.start <= b.end && b.start <= a.end;
}

/** A span without the blank lines a block reaches over. */
function lines(file: ManifestFile, span: Span): Span {
  let end = span.end;
  while (end > span.start && /\s/.test(file.text[end - 1]!)) end--;
  return { start: span.start, end };
}

function containerActions(manifests: Manifests, file: ManifestFile, container: Container, span: Span): Fix[] {
  const { memoryLimit, memoryRequest } = container.resources;
  const limit = manifests.memoryLimit(container);
  const onLimit = isOn(memoryLimit, span);
  const onRequest = isOn(memoryRequest, span);
  const fixes: (Fix | undefined)[] = [];
  if (onLimit) fixes.push(...unitActions(file, onLimit));
  if (onRequest) fixes.push(...unitActions(file, onRequest));
  if (memoryLimit === undefined || onLimit) fixes.push(limitFix(manifests, container));
  if (limit.state === 'known') {
    const equal =
      memoryRequest && memoryRequest !== 'unknown' && memoryRequest.quantity?.nano === limit.quantity.nano;
    if (!equal && (memoryRequest === undefined || onRequest || onLimit)) {
      fixes.push(
        setContainerMemory(
          container,
          'requests',
          limit.text,
          `Set the memory request to the limit, ${limit.text}`,
          'maybe-incorrect',
        ),
      );
    }
    fixes.push(goAction(manifests, container, span, bytesOf(limit.quantity), onLimit !== undefined));
  } else if (memoryRequest === undefined) {
    fixes.push(requestFix(manifests, container));
  }
  return possible(...fixes);
}

function isOn(stated: Stated, span: Span): Amount | undefined {
  if (!stated || stated === 'unknown') return undefined;
  const place = {
    start: stated.entry.key.span.start,
    end: Math.max(stated.span.end, stated.entry.key.span.end),
  };
  const inOrder = place.start <= stated.span.start ? place : stated.span;
  return touches(inOrder, span) ? stated : undefined;
}

/** Offered on the limit, on GOMEMLIMIT itself and wherever a Go program is known to run. */
function goAction(
  manifests: Manifests,
  container: Container,
  span: Span,
  limit: bigint,
  onLimit: boolean,
): Fix | undefined {
  const known = container.env.findLast((e) => e.name === 'GOMEMLIMIT');
  const onVariable = known !== undefined && touches(known.node.span, span);
  const isGo =
    manifests.linkedLanguage(container) === 'go' ||
    container.env.some((e) => /^(GOGC|GOMEMLIMIT|GODEBUG|GOMAXPROCS)$/.test(e.name));
  if (!onVariable && !(onLimit && (isGo || manifests.linkedLanguage(container) === undefined)) && !isGo)
    return undefined;
  const value = goMemoryLimitFor(limit, manifests.memoryVolumeBytes(container));
  if (!value) return undefined;
  const present = known?.value && !known.unknown ? parseGoMemoryLimit(known.value.text) : undefined;
  const wanted = parseGoMemoryLimit(value);
  if (present?.kind === 'bytes' && wanted.kind === 'bytes' && present.bytes === wanted.bytes)
    return undefined;
  const forWhom = isGo ? '' : ' (for a Go program)';
  return setEnv(container, 'GOMEMLIMIT', value, `Set GOMEMLIMIT to ${value}, 90 % of the limit${forWhom}`);
}

/** The same number of bytes in another spelling, and the binary unit for a decimal one. */
function unitActions(file: ManifestFile, amount: Amount): Fix[] {
  if (!amount.quantity || amount.quantity.nano <= 0n) return [];
  const bytes = bytesOf(amount.quantity);
  const fixes: (Fix | undefined)[] = [];
  const exact = writeQuantity(bytes);
  if (amount.quantity.nano === bytes * 1_000_000_000n && exact !== amount.text && /[KMG]i$/.test(exact)) {
    fixes.push(writeAmount(file, amount, exact, `Write ${exact}: the same bytes`, 'machine-applicable'));
  }
  if (/^[kMGT]$/.test(amount.quantity.suffix)) {
    const suffix = amount.quantity.suffix === 'k' ? 'Ki' : `${amount.quantity.suffix}i`;
    const binary = `${amount.text.trim().slice(0, -1)}${suffix}`;
    const more = parseQuantity(binary);
    if (more) {
      const percent = percentAbove(bytesOf(more), bytes);
      fixes.push(
        writeAmount(
          file,
          amount,
          binary,
          `Write ${binary} (${formatBytes(bytesOf(more))}, ${percent} % more)`,
        ),
      );
    }
  }
  return possible(...fixes);
}
