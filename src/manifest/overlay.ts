/** What a container gets after the patches of a kustomization. */

import type { Place } from '../core/span.ts';
import type { Overlay, PatchTarget } from './kustomize.ts';
import type { Effective, Manifests } from './manifests.ts';
import type { Amount, Container, JsonOperation, KubeObject, ManifestFile, Stated } from './model.ts';
import { amountIn, amountOf } from './read.ts';
import { type Found, lookUp, type YamlNode } from './yaml.ts';

type Side = 'limits' | 'requests';

/** A limit or request as an overlay leaves it. */
export interface PatchedValue {
  readonly value: Effective;
  /** The patch that changed it last, with what it can be changed back by. */
  readonly change: Change | undefined;
}

export interface Change {
  readonly kind: 'set' | 'removed';
  readonly file: ManifestFile;
  readonly where: Place;
  /** The container of a strategic merge patch. */
  readonly container: Container | undefined;
  /** The operation of a JSON patch. */
  readonly operation: JsonOperation | undefined;
}

export interface PatchedContainer {
  readonly overlay: Overlay;
  readonly base: Container;
  readonly limit: PatchedValue;
  readonly request: PatchedValue;
}

/** Every container that some kustomization patches, once per kustomization. */
export function patchedContainers(manifests: Manifests): PatchedContainer[] {
  return manifests.overlays.flatMap((overlay) =>
    overlay.base.containers.map((base) => {
      const limit = follow(overlay, base, 'limits', manifests.memoryLimit(base));
      const start = manifests.memoryRequest(base);
      const request = follow(overlay, base, 'requests', start);
      // A request that the API server copies from the limit moves with it.
      const copied = !request.change && start.state === 'known' && start.source === 'limit';
      return { overlay, base, limit, request: copied ? { value: limit.value, change: undefined } : request };
    }),
  );
}

const UNKNOWN: Effective = { state: 'unknown', reason: 'patch' };

function follow(overlay: Overlay, base: Container, side: Side, start: Effective): PatchedValue {
  let result: PatchedValue = { value: start, change: undefined };
  for (const patch of overlay.patches) {
    for (const workload of patch.workloads) {
      for (const container of workload.containers) {
        if (container.name !== base.name || container.name === undefined) continue;
        result = applyMerge(patch, container, side) ?? result;
      }
    }
    for (const operation of patch.operations) result = applyOperation(patch, operation, base, side) ?? result;
  }
  return result;
}

/** A strategic merge patch sets what it states and removes what it sets to null. */
function applyMerge(patch: PatchTarget, container: Container, side: Side): PatchedValue | undefined {
  const { object } = container.workload;
  const stated = side === 'limits' ? container.resources.memoryLimit : container.resources.memoryRequest;
  if (stated === 'unknown') return { value: UNKNOWN, change: undefined };
  const common = { file: patch.file, container, operation: undefined };
  if (stated) {
    const where = { file: patch.file.file, span: stated.span };
    return { value: effective(object, stated), change: { kind: 'set', where, ...common } };
  }
  let found = lookUp(container.node, 'resources');
  for (const key of [side, 'memory']) {
    if (!found || found === 'unknown') return undefined;
    if (isNull(found)) break;
    found = lookUp(found.value, key);
  }
  if (!found || found === 'unknown' || !isNull(found)) return undefined;
  const where = { file: patch.file.file, span: found.entry.key.span };
  return { value: { state: 'none' }, change: { kind: 'removed', where, ...common } };
}

function isNull({ value }: Found): boolean {
  return (
    !value || (value.kind === 'scalar' && value.style === 'plain' && /^(~|null|Null|NULL)?$/.test(value.text))
  );
}

const CONTAINER = /\/(initContainers|containers)\/(\d+|-)(\/.*)?$/;

function applyOperation(
  patch: PatchTarget,
  operation: JsonOperation,
  base: Container,
  side: Side,
): PatchedValue | undefined {
  const match = CONTAINER.exec(operation.path.text);
  if (!match) return undefined;
  const [, list, index, rest = ''] = match;
  const siblings = base.workload.containers.filter(
    (c) => (c.role === 'container') === (list === 'containers'),
  );
  if (index === '-' || siblings[Number(index)] !== base) return undefined;
  const steps = rest.split('/').filter((s) => s !== '');
  const whole = ['resources', side, 'memory'];
  if (steps.some((s, i) => s !== whole[i])) return undefined;
  // Another container in its place: nothing is known of it.
  if (steps.length === 0) return { value: UNKNOWN, change: undefined };
  const common = { file: patch.file, container: undefined, operation };
  const where = { file: patch.file.file, span: operation.path.span };
  const removed: PatchedValue = { value: { state: 'none' }, change: { kind: 'removed', where, ...common } };
  switch (operation.op.text) {
    case 'remove':
      return removed;
    case 'add':
    case 'replace': {
      const amount = valueAt(operation, whole.slice(steps.length));
      if (amount === 'unknown') return { value: UNKNOWN, change: undefined };
      if (!amount) return removed;
      const at = { file: patch.file.file, span: amount.span };
      return {
        value: effective(base.workload.object, amount, patch.file),
        change: { kind: 'set', where: at, ...common },
      };
    }
    default:
      return undefined;
  }
}

/** The quantity an operation writes below its path. */
export function valueAt(operation: JsonOperation, path: readonly string[]): Stated {
  const { value } = operation;
  if (!value) return undefined;
  if (path.length === 0) return amountOf(value, value.value, []);
  const found = lookUp(operation.node as YamlNode, 'value');
  return amountIn(found, ...path);
}

function effective(object: KubeObject, amount: Amount, file: ManifestFile = object.file): Effective {
  const where = { file: file.file, span: amount.span };
  if (amount.unknown) return { state: 'unknown', reason: 'template-hole', where };
  if (!amount.quantity) return { state: 'unknown', reason: 'invalid', where };
  return { state: 'known', quantity: amount.quantity, text: amount.text, source: 'own', where, amount };
}
