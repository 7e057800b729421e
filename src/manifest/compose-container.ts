/** A compose service in the terms of a container, so that what is said of limits and variables holds for both. */

import { resourcesOf } from './amounts.ts';
import { type ComposeService, limitOf } from './compose.ts';
import type { Amount, Container, EnvVar, KubeObject, Workload } from './model.ts';
import { lookUp, nodeAt, type YamlMap, type YamlNode, type YamlScalar } from './yaml.ts';

const NANO = 1_000_000_000n;

/** Limit and variables of a service. Its request, volumes and policies are not those of Kubernetes and left out. */
export function composeContainer(service: ComposeService): Container {
  const { file, node, name } = service;
  const object: KubeObject = {
    file,
    kind: 'Compose',
    apiVersion: '',
    root: file.compose ?? node,
    name: name.text,
    namespace: undefined,
    at: name.span,
    broken: false,
    inline: false,
  };
  const none = resourcesOf({ ...node, index: new Map(), merges: [], open: false }, []);
  const containers: Container[] = [];
  const workload: Workload = { object, podSpec: node, podResources: none, containers, volumes: [] };
  const container: Container = {
    workload,
    role: 'container',
    node,
    name: name.text,
    at: name.span,
    image: undefined,
    complete: true,
    resources: { ...none, memoryLimit: limitAmount(service) },
    env: variablesOf(service),
    envFrom: [],
    envOpen: lookUp(node, 'env_file') !== undefined || lookUp(node, 'extends') !== undefined,
    mounts: undefined,
    shared: [],
  };
  containers.push(container);
  return container;
}

function limitAmount(service: ComposeService): Amount | 'unknown' | undefined {
  const { memoryLimit } = service;
  const limit = limitOf(service);
  if (!memoryLimit || memoryLimit === 'unknown' || !limit) return memoryLimit ? 'unknown' : undefined;
  return {
    scalar: limit.scalar,
    span: limit.scalar.span,
    text: limit.text,
    quantity: limit.bytes === undefined ? undefined : { nano: limit.bytes * NANO, suffix: '' },
    unknown: limit.bytes === undefined,
    entry: memoryLimit.entry,
    shared: memoryLimit.shared,
  };
}

/** `environment` as a map, or as a list of `NAME=value` whose values are parts of its items. */
function variablesOf({ node }: ComposeService): EnvVar[] {
  return variablesIn(node, nodeAt(node, 'environment'));
}

/** Variables that a map or a list of `NAME=value` below a node states. */
export function variablesIn(node: YamlMap, environment: YamlNode | undefined): EnvVar[] {
  const variable = (name: YamlScalar, text: string, value: YamlScalar | undefined): EnvVar => ({
    name: text,
    nameScalar: name,
    node,
    value,
    unknown: value !== undefined && (value.open || /\$/.test(value.text)),
    fieldRef: undefined,
    keyRef: undefined,
    shared: [],
  });
  if (environment?.kind === 'map') {
    return environment.entries.map(({ key, value }) =>
      variable(key, key.text, value?.kind === 'scalar' ? value : undefined),
    );
  }
  if (environment?.kind !== 'list') return [];
  return environment.items.flatMap(({ node: item }) => {
    if (item.kind !== 'scalar') return [];
    const at = item.text.indexOf('=');
    if (at < 0) return [variable(item, item.text, undefined)];
    const text = item.text.slice(at + 1);
    // In quotes the value ends before the closing one; its own text is written without any.
    const end = item.span.end - (item.style === 'plain' ? 0 : 1);
    const value: YamlScalar = {
      ...item,
      anchor: undefined,
      style: 'plain',
      text,
      span: { start: end - text.length, end },
    };
    return [variable(item, item.text.slice(0, at), value)];
  });
}
