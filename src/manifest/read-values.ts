/** What a chart's values hold for containers, in the shapes that charts have. */

import type { Span } from '../core/span.ts';
import { resourcesIn, resourcesOf } from './amounts.ts';
import { variablesIn } from './compose-container.ts';
import { readContainer } from './containers.ts';
import type {
  Amount,
  Container,
  EnvVar,
  KubeObject,
  ManifestFile,
  ResourcePaths,
  Resources,
  Stated,
  Workload,
} from './model.ts';
import { cross, type Found, lookUp, nodeAt, type YamlMap, type YamlNode } from './yaml.ts';

/** `resources`, or `controllerResources` and the like. */
const RESOURCES = /^(?:resources|\w+Resources)$/;
/** Where charts keep variables of a container. */
const VARIABLES = ['env', 'extraEnv', 'envVars', 'extraEnvVars', 'environment'];
/** Values are maps in maps, but nobody nests deeper. */
const MAX_DEPTH = 8;

/** Shapes besides that of the API, by a chart that has it. */
const SHAPES: readonly { readonly paths: ResourcePaths; readonly fits: (value: YamlNode) => boolean }[] = [
  {
    paths: { limits: ['limits', 'memory'], requests: ['requests', 'memory'] },
    fits: (v) => nodeAt(v, 'limits')?.kind === 'map' || nodeAt(v, 'requests')?.kind === 'map',
  },
  // linkerd: `memory: {limit: …, request: …}`
  {
    paths: { limits: ['memory', 'limit'], requests: ['memory', 'request'] },
    fits: (v) => ['limit', 'request'].some((key) => nodeAt(v, 'memory', key) !== undefined),
  },
  // akri: `memoryLimit: …`
  {
    paths: { limits: ['memoryLimit'], requests: ['memoryRequest'] },
    fits: (v) => ['memoryLimit', 'memoryRequest'].some((key) => nodeAt(v, key) !== undefined),
  },
];

/** Where a map of values that holds resources keeps them; undefined for a map of another kind. */
export function shapeOf(value: YamlNode | undefined): ResourcePaths | undefined {
  return value?.kind === 'map' ? SHAPES.find((s) => s.fits(value))?.paths : undefined;
}

/**
 * Charts hand `resources` of their values to a container as they stand; what lies beside it, such as `env`,
 * usually goes to the same container.
 */
export function readValues(file: ManifestFile, root: YamlMap, broken: boolean): Container[] {
  const object: KubeObject = {
    file,
    kind: 'Values',
    apiVersion: '',
    root,
    name: undefined,
    namespace: undefined,
    at: root.span,
    broken,
    inline: false,
  };
  const none: Resources = resourcesOf({ ...root, index: new Map(), merges: [], open: false }, []);
  const containers: Container[] = [];
  const workload: Workload = { object, podSpec: root, podResources: none, containers, volumes: [] };
  const seen = new Set<YamlNode>();
  const walk = (node: YamlNode | undefined, depth: number): void => {
    if (node?.kind !== 'map' || depth > MAX_DEPTH || seen.has(node)) return;
    seen.add(node);
    for (const { key } of node.entries) {
      if (!RESOURCES.test(key.text)) continue;
      const found = lookUp(node, key.text);
      const paths = found && found !== 'unknown' ? shapeOf(found.value) : undefined;
      if (paths) containers.push(containerOf(workload, node, found as Found, paths, key.span));
    }
    for (const entry of node.entries) walk(entry.value, depth + 1);
  };
  walk(root, 0);
  return containers;
}

function containerOf(
  workload: Workload,
  node: YamlMap,
  found: Found,
  paths: ResourcePaths,
  at: Span,
): Container {
  const read = readContainer(workload, node, 'container', cross(node, []));
  const resources = resourcesIn(found, paths);
  return {
    ...read,
    // Many charts take variables as a map, which a template turns into a list.
    env: [...read.env, ...VARIABLES.flatMap((key) => mapOf(node, key))],
    complete: true,
    at,
    resources: {
      ...resources,
      memoryLimit: given(resources.memoryLimit),
      memoryRequest: given(resources.memoryRequest),
    },
  };
}

function mapOf(node: YamlMap, key: string): EnvVar[] {
  const variables = nodeAt(node, key);
  return variables?.kind === 'map' ? variablesIn(node, variables) : [];
}

/** An empty text is how values say "not set". */
function given(stated: Stated): Stated {
  return stated && stated !== 'unknown' && isUnset(stated) ? undefined : stated;
}

function isUnset(amount: Amount): boolean {
  return !amount.unknown && amount.text === '';
}
