/** What a container gets after the patches of a kustomization. */

import type { Place } from '../core/span.ts';
import { amountIn, amountOf } from './amounts.ts';
import type { Overlay, PatchTarget, ReplacedField } from './kustomize.ts';
import type { Effective, Manifests } from './manifests.ts';
import type { Amount, Container, JsonOperation, KubeObject, ManifestFile, Stated } from './model.ts';
import { directoryOf } from './paths.ts';
import { type Found, itemsAt, lookUp, scalarAt, textAt, type YamlNode } from './yaml.ts';

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
    overlay.base.containers.map((base) => patched(manifests, overlay, base)),
  );
}

function patched(manifests: Manifests, overlay: Overlay, base: Container): PatchedContainer {
  const limit = follow(overlay, base, 'limits', manifests.memoryLimit(base));
  const start = manifests.memoryRequest(base);
  const request = follow(overlay, base, 'requests', start);
  // A request that the API server copies from the limit moves with it, and goes with it.
  const copied = start.state === 'none' || (start.state === 'known' && start.source === 'limit');
  if (request.change || !copied || request.value !== start) return { overlay, base, limit, request };
  const { value } = limit;
  const follows: Effective = value.state === 'known' ? { ...value, source: 'limit' } : value;
  return { overlay, base, limit, request: { value: follows, change: undefined } };
}

/** What one kustomization that nobody builds upon makes of a container. */
export interface BuiltContainer {
  readonly kustomization: ManifestFile;
  readonly limit: PatchedValue;
  readonly request: PatchedValue;
}

/** A container as each kustomization builds it that is deployed; none where only its own file is applied. */
export function builtContainers(manifests: Manifests, container: Container): BuiltContainer[] {
  const { workload } = container;
  const overlays = new Map(manifests.overlaysOf(workload).map((o) => [o.kustomization, o]));
  return manifests.builtInto(workload.object).map((kustomization) => {
    const overlay = overlays.get(kustomization);
    if (overlay) {
      const { limit, request } = patched(manifests, overlay, container);
      return { kustomization, limit, request };
    }
    return {
      kustomization,
      limit: { value: manifests.memoryLimit(container), change: undefined },
      request: { value: manifests.memoryRequest(container), change: undefined },
    };
  });
}

/** What the kustomizations that apply a patch make of the containers it changes. */
export function builtWith(manifests: Manifests, patch: Container): BuiltContainer[] {
  return manifests.overlays
    .filter((overlay) => overlay.patches.some((p) => p.workloads.includes(patch.workload)))
    .flatMap((overlay) =>
      overlay.base.containers
        .filter((base) => base.name !== undefined && base.name === patch.name)
        .map((base) => {
          const { limit, request } = patched(manifests, overlay, base);
          return { kustomization: overlay.kustomization, limit, request };
        }),
    );
}

/**
 * The kustomizations that build a container, by whether one of its variables is set by a patch there.
 * @returns undefined where no patch has to do with them
 */
export function variableIn(
  manifests: Manifests,
  container: Container,
  names: readonly string[],
): { readonly set: readonly Place[]; readonly without: readonly ManifestFile[] } | undefined {
  const { workload } = container;
  const overlays = new Map(manifests.overlaysOf(workload).map((o) => [o.kustomization, o]));
  const set: Place[] = [];
  const without: ManifestFile[] = [];
  for (const kustomization of manifests.builtInto(workload.object)) {
    const overlay = overlays.get(kustomization);
    const after = overlay
      ? names.map((name) => variableAfter(overlay, container, name)).find((v) => v.changed)
      : undefined;
    if (after?.where) set.push(after.where);
    else without.push(kustomization);
  }
  return set.length > 0 ? { set, without } : undefined;
}

/** True when every kustomization that builds a container gives it another limit or request than its file does. */
export function isAlwaysPatched(manifests: Manifests, container: Container, sides: readonly Side[]): boolean {
  if (manifests.isPatch(container)) return false;
  const built = builtContainers(manifests, container);
  const isChanged = ({ value, change }: PatchedValue) =>
    change !== undefined || (value.state === 'unknown' && value.reason === 'patch');
  return (
    built.length > 0 &&
    built.every((b) => sides.some((side) => isChanged(side === 'limits' ? b.limit : b.request)))
  );
}

/** What a person calls a kustomization: its folder, with the one around it where that says more. */
export function overlayName({ file }: ManifestFile): string {
  const parts = directoryOf(file)
    .split('/')
    .filter((part) => part !== '');
  return parts.at(-1) ?? '.';
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
    for (const field of patch.replaced) result = applyReplaced(patch, field, base, side) ?? result;
  }
  return result;
}

/** A field of a container by its path in a workload: `rest` is what follows the container. */
function fieldOf(path: readonly string[], base: Container): readonly string[] | undefined {
  const at = path.findIndex((step) => step === 'containers' || step === 'initContainers');
  if (at < 0 || (path[at] === 'containers') !== (base.role === 'container')) return undefined;
  const [selector = ''] = path.slice(at + 1);
  const siblings = base.workload.containers.filter(
    (c) => (c.role === 'container') === (base.role === 'container'),
  );
  const chosen =
    selector === '*' || selector === `[name=${base.name}]` || siblings[Number(selector)] === base;
  return chosen ? path.slice(at + 2) : undefined;
}

function applyReplaced(
  patch: PatchTarget,
  { path, value, source }: ReplacedField,
  base: Container,
  side: Side,
): PatchedValue | undefined {
  const field = fieldOf(path, base);
  if (!field || field.join('/') !== `resources/${side}/memory`) return undefined;
  if (!value || value === 'unknown' || !source) return { value: UNKNOWN, change: undefined };
  return {
    value: effective(base.workload.object, value, source),
    change: { kind: 'set', file: patch.file, where: patch.where, container: undefined, operation: undefined },
  };
}

/** A strategic merge patch sets what it states and removes what it sets to null. */
function applyMerge(patch: PatchTarget, container: Container, side: Side): PatchedValue | undefined {
  const { object } = container.workload;
  const stated = side === 'limits' ? container.resources.memoryLimit : container.resources.memoryRequest;
  if (stated === 'unknown' || textAt(container.node, '$patch') === 'delete')
    return { value: UNKNOWN, change: undefined };
  const common = { file: patch.file, container, operation: undefined };
  if (stated) {
    const where = { file: patch.file.file, span: stated.span };
    return { value: effective(object, stated), change: { kind: 'set', where, ...common } };
  }
  let found = lookUp(container.node, 'resources');
  for (const key of [side, 'memory']) {
    if (!found || found === 'unknown') return undefined;
    if (isNull(found) || textAt(found.value, '$patch') === 'replace') break;
    found = lookUp(found.value, key);
  }
  if (!found || found === 'unknown') return undefined;
  if (!isNull(found) && textAt(found.value, '$patch') !== 'replace') return undefined;
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

/** An environment variable as an overlay leaves it. */
export interface PatchedVariable {
  /** Undefined when it has no literal value: a reference, a removed variable, or one that is not known. */
  readonly text: string | undefined;
  readonly where: Place | undefined;
  /** True when a patch of the overlay sets, changes or removes it, or may do so. */
  readonly changed: boolean;
}

/** Follows one variable of a container through the patches of an overlay. */
export function variableAfter(overlay: Overlay, base: Container, name: string): PatchedVariable {
  const own = base.env.findLast((e) => e.name === name);
  const { file } = base.workload.object;
  let result: PatchedVariable = {
    text: own?.value && !own.unknown ? own.value.text : undefined,
    where: own && { file: file.file, span: own.value?.span ?? own.nameScalar.span },
    changed: false,
  };
  for (const patch of overlay.patches) {
    for (const workload of patch.workloads) {
      const patched = workload.containers.find((c) => c.name === base.name && c.name !== undefined);
      const variable = patched?.env.findLast((e) => e.name === name);
      if (!variable) continue;
      const { value, unknown, nameScalar } = variable;
      result = {
        text: value && !unknown ? value.text : undefined,
        where: { file: patch.file.file, span: value?.span ?? nameScalar.span },
        changed: true,
      };
    }
    const touched = patch.operations.some((o) => touchesEnv(o, base, name));
    const replaced = patch.replaced.some(({ path }) => fieldOf(path, base)?.[0] === 'env');
    if (touched || replaced) result = { text: undefined, where: patch.where, changed: true };
  }
  return result;
}

/** True when an operation may set or remove a variable of a container. */
function touchesEnv(operation: JsonOperation, base: Container, name: string): boolean {
  const field = fieldOf(operation.path.text.split('/').slice(1), base);
  if (field?.[0] !== 'env') return false;
  const [, index] = field;
  const written = operation.value?.value;
  const names = [written, ...(written?.kind === 'list' ? written.items.map((i) => i.node) : [])];
  if (names.some((node) => node?.kind === 'map' && textAt(node, 'name') === name)) return true;
  if (index === undefined) return true;
  const items = itemsAt(base.node, 'env');
  return scalarAt(items[Number(index)]?.node, 'name')?.text === name;
}
