/** The services of a compose file, as far as memory is concerned. */

import type { ManifestFile } from './model.ts';
import { resolvePath } from './paths.ts';
import { type Found, lookUp, nodeAt, textAt, type YamlMap, type YamlNode, type YamlScalar } from './yaml.ts';

export interface ComposeService {
  readonly file: ManifestFile;
  readonly name: YamlScalar;
  readonly node: YamlMap;
  /** `mem_limit` or `deploy.resources.limits.memory`; `unknown` when another file or service may supply it. */
  readonly memoryLimit: Found | 'unknown' | undefined;
  /** Folder that is built, in the terms of the workspace; undefined when the service only names an image. */
  readonly buildFolder: string | undefined;
  /** Names of the environment variables that the file states. */
  readonly env: readonly string[];
  /** True when the service states what to run: a part of an override file need not. */
  readonly complete: boolean;
}

/** The services of a compose file in the order of the text. */
export function composeServices(file: ManifestFile): ComposeService[] {
  const services = nodeAt(file.compose, 'services');
  if (services?.kind !== 'map') return [];
  return services.entries.flatMap(({ key, value }) =>
    value?.kind === 'map' && key.text !== '<<' ? [serviceOf(file, key, value)] : [],
  );
}

function serviceOf(file: ManifestFile, name: YamlScalar, node: YamlMap): ComposeService {
  return {
    file,
    name,
    node,
    memoryLimit: limitOf(node),
    buildFolder: buildFolder(file, node),
    env: variablesOf(nodeAt(node, 'environment')),
    complete: lookUp(node, 'image') !== undefined || lookUp(node, 'build') !== undefined,
  };
}

function limitOf(node: YamlMap): Found | 'unknown' | undefined {
  const short = lookUp(node, 'mem_limit');
  if (short) return short;
  let deploy = lookUp(node, 'deploy');
  for (const key of ['resources', 'limits', 'memory']) {
    if (!deploy || deploy === 'unknown') break;
    deploy = lookUp(deploy.value, key, deploy.shared);
  }
  if (deploy) return deploy;
  // What a service takes from another one is not followed.
  return lookUp(node, 'extends') ? 'unknown' : undefined;
}

function buildFolder(file: ManifestFile, node: YamlMap): string | undefined {
  const build = lookUp(node, 'build');
  if (!build || build === 'unknown') return undefined;
  const context = build.value?.kind === 'scalar' ? build.value.text : textAt(build.value, 'context');
  return context === undefined ? undefined : resolvePath(file.file, context);
}

/** Names in `environment`, written as a map or as a list of `NAME=value`. */
function variablesOf(node: YamlNode | undefined): string[] {
  if (node?.kind === 'map') return node.entries.map((e) => e.key.text);
  if (node?.kind !== 'list') return [];
  return node.items.flatMap((i) => (i.node.kind === 'scalar' ? [i.node.text.split('=', 1)[0]!] : []));
}
