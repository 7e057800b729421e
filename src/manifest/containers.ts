/** Containers, their variables and volumes, as a pod states them. */

import type { Span } from '../core/span.ts';
import { amountIn, isSupplied, knownText, resourcesOf } from './amounts.ts';
import type {
  Container,
  ContainerRole,
  EnvSource,
  EnvVar,
  FieldRef,
  KeyRef,
  Volume,
  Workload,
} from './model.ts';
import {
  type Anchor,
  cross,
  itemsAt,
  lookUp,
  nodeAt,
  scalarAt,
  textAt,
  type YamlMap,
  type YamlNode,
} from './yaml.ts';

/** Reads one item of `containers` or `initContainers`. */
export function readContainer(
  workload: Workload,
  node: YamlMap,
  listed: 'init' | 'container',
  shared: readonly Anchor[],
): Container {
  const name = scalarAt(node, 'name');
  const image = lookUp(node, 'image');
  const sidecar = listed === 'init' && textAt(node, 'restartPolicy') === 'Always';
  const role: ContainerRole = sidecar ? 'sidecar' : listed;
  const mounts = lookUp(node, 'volumeMounts', shared);
  const items = mounts && mounts !== 'unknown' && mounts.value?.kind === 'list' ? mounts.value : undefined;
  return {
    workload,
    role,
    node,
    name: knownText(name),
    at: name && name.span.end > name.span.start ? name.span : startOf(node),
    image:
      image && image !== 'unknown' && image.value?.kind === 'scalar' ? knownText(image.value) : undefined,
    // Istio fills in a container with the image `auto`, its resources included. In a template an item without a name
    // is the beginning of one, in a branch whose end the other branches share.
    complete:
      (lookUp(node, 'name') !== undefined || !workload.object.file.template) &&
      image !== undefined &&
      !(image !== 'unknown' && textOf(image.value) === 'auto'),
    resources: resourcesOf(node, shared),
    env: envOf(node, shared),
    envFrom: envSourcesOf(node),
    envOpen: isOpen(node, 'env') || isOpen(node, 'envFrom'),
    mounts:
      mounts === 'unknown' || items?.open
        ? undefined
        : (items?.items ?? []).flatMap((i) => textAt(i.node, 'name') ?? []),
    shared,
  };
}

function textOf(node: YamlNode | undefined): string | undefined {
  return node?.kind === 'scalar' ? node.text : undefined;
}

function startOf(node: YamlMap): Span {
  return node.entries[0]?.key.span ?? { start: node.span.start, end: node.span.start };
}

function envOf(node: YamlMap, shared: readonly Anchor[]): EnvVar[] {
  const list = lookUp(node, 'env', shared);
  if (!list || list === 'unknown' || list.value?.kind !== 'list') return [];
  const variables: EnvVar[] = [];
  for (const item of list.value.items) {
    if (item.node.kind !== 'map') continue;
    const name = scalarAt(item.node, 'name');
    if (!name || isSupplied(name)) continue;
    const crossed = cross(item.node, list.shared);
    const value = lookUp(item.node, 'value', crossed);
    const scalar = value && value !== 'unknown' && value.value?.kind === 'scalar' ? value.value : undefined;
    variables.push({
      name: name.text,
      nameScalar: name,
      node: item.node,
      value: scalar,
      unknown: value === 'unknown' || (scalar !== undefined && isSupplied(scalar)),
      fieldRef: fieldRefOf(item.node),
      keyRef: keyRefOf(item.node),
      shared: value && value !== 'unknown' ? value.shared : crossed,
    });
  }
  return variables;
}

function fieldRefOf(item: YamlMap): FieldRef | undefined {
  const from = lookUp(item, 'valueFrom');
  if (!from || from === 'unknown') return undefined;
  const resource = scalarAt(from.value, 'resourceFieldRef', 'resource');
  if (!resource) return undefined;
  return {
    entry: from.entry,
    resource,
    container: scalarAt(from.value, 'resourceFieldRef', 'containerName'),
    divisor: scalarAt(from.value, 'resourceFieldRef', 'divisor'),
  };
}

/** Reads one item of `volumes`. */
export function readVolume(node: YamlMap, shared: readonly Anchor[]): Volume {
  const name = scalarAt(node, 'name');
  const emptyDir = lookUp(node, 'emptyDir', shared);
  const known = emptyDir === 'unknown' ? undefined : emptyDir;
  return {
    name: knownText(name),
    nameScalar: name,
    emptyDir: known,
    medium: scalarAt(known?.value, 'medium'),
    sizeLimit: amountIn(known, 'sizeLimit'),
    shared,
  };
}

/** True when a template may add items to the list under a key, or the list itself. */
function isOpen(node: YamlMap, key: string): boolean {
  const found = lookUp(node, key);
  return found === 'unknown' || found?.value?.open === true;
}

const SOURCES = [
  ['configMapRef', 'configMapKeyRef', 'ConfigMap'],
  ['secretRef', 'secretKeyRef', 'Secret'],
] as const;

function envSourcesOf(node: YamlMap): EnvSource[] {
  return itemsAt(node, 'envFrom').flatMap((item) => {
    for (const [key, , kind] of SOURCES) {
      if (nodeAt(item.node, key) === undefined) continue;
      const prefix = textAt(item.node, 'prefix') ?? '';
      return [{ kind, name: knownText(scalarAt(item.node, key, 'name')), prefix }];
    }
    return [];
  });
}

function keyRefOf(item: YamlMap): KeyRef | undefined {
  for (const [, key, kind] of SOURCES) {
    if (nodeAt(item, 'valueFrom', key) === undefined) continue;
    const known = (field: string) => knownText(scalarAt(item, 'valueFrom', key, field));
    return { kind, name: known('name'), key: known('key') };
  }
  return undefined;
}
