/** The services of a compose file, as far as memory is concerned. */

import { parseComposeBytes } from './compose-bytes.ts';
import { interpolate, type Variables } from './compose-variables.ts';
import type { ManifestFile } from './model.ts';
import { directoryOf, resolvePath } from './paths.ts';
import {
  type Found,
  itemsAt,
  lookUp,
  nodeAt,
  scalarAt,
  textAt,
  type YamlMap,
  type YamlNode,
  type YamlScalar,
} from './yaml.ts';

/** An amount of memory in a compose file. */
export interface ComposeAmount {
  readonly scalar: YamlScalar;
  /** As written, with variables replaced where `.env` or a default supplies them. */
  readonly text: string;
  /** Undefined when compose rejects it or a variable is not known. */
  readonly bytes: bigint | undefined;
}

export interface ComposeService {
  readonly file: ManifestFile;
  readonly name: YamlScalar;
  readonly node: YamlMap;
  /** `mem_limit` or `deploy.resources.limits.memory`; `unknown` when another file or service may supply it. */
  readonly memoryLimit: Found | 'unknown' | undefined;
  /** The amounts by where they are written. */
  readonly amounts: Readonly<Record<ComposeField, ComposeAmount | undefined>>;
  /** Sizes of tmpfs mounts, of those that have one. */
  readonly tmpfs: readonly ComposeAmount[];
  /** Tmpfs mounts without a size: the text of a short one, or the volume and the type that says so. */
  readonly unsizedTmpfs: readonly { readonly scalar: YamlScalar; readonly volume: YamlMap | undefined }[];
  /** Folder that is built, in the terms of the workspace; undefined when the service only names an image. */
  readonly buildFolder: string | undefined;
  /** Names of the environment variables that the file states. */
  readonly env: readonly string[];
  /** True when the service states what to run: a part of an override file need not. */
  readonly complete: boolean;
}

export type ComposeField = keyof typeof FIELDS;

const FIELDS = {
  mem_limit: ['mem_limit'],
  'deploy.resources.limits.memory': ['deploy', 'resources', 'limits', 'memory'],
  mem_reservation: ['mem_reservation'],
  'deploy.resources.reservations.memory': ['deploy', 'resources', 'reservations', 'memory'],
  shm_size: ['shm_size'],
} as const;

/**
 * The services of a compose file in the order of the text.
 * @param files all files of the workspace: `.env` beside the file and services it extends
 */
export function composeServices(
  file: ManifestFile,
  files: ReadonlyMap<string, ManifestFile>,
): ComposeService[] {
  const services = nodeAt(file.compose, 'services');
  if (services?.kind !== 'map') return [];
  const folder = directoryOf(file.file);
  const variables = files.get(folder === '' ? '.env' : `${folder}/.env`)?.variables ?? new Map();
  return services.entries.flatMap(({ key, value }) =>
    value?.kind === 'map' && key.text !== '<<' ? [serviceOf(file, key, value, files, variables)] : [],
  );
}

/** The limit that counts, with its bytes. */
export function limitOf(service: ComposeService): ComposeAmount | undefined {
  return service.amounts.mem_limit ?? service.amounts['deploy.resources.limits.memory'];
}

function serviceOf(
  file: ManifestFile,
  name: YamlScalar,
  node: YamlMap,
  files: ReadonlyMap<string, ManifestFile>,
  variables: Variables,
): ComposeService {
  const amounts = Object.fromEntries(
    Object.entries(FIELDS).map(([field, path]) => {
      const found = follow(node, path);
      return [field, found && found !== 'unknown' ? amountOf(found.value, variables) : undefined];
    }),
  ) as ComposeService['amounts'];
  return {
    file,
    name,
    node,
    memoryLimit: limitIn(file, node, files, 0),
    amounts,
    tmpfs: tmpfsOf(node, variables),
    unsizedTmpfs: unsizedTmpfs(node, variables),
    buildFolder: buildFolder(file, node),
    env: variablesOf(nodeAt(node, 'environment')),
    complete: lookUp(node, 'image') !== undefined || lookUp(node, 'build') !== undefined,
  };
}

function follow(node: YamlMap, path: readonly string[]): Found | 'unknown' | undefined {
  let found = lookUp(node, path[0]!);
  for (const key of path.slice(1)) {
    if (!found || found === 'unknown') break;
    found = lookUp(found.value, key, found.shared);
  }
  return found;
}

function amountOf(node: YamlNode | undefined, variables: Variables): ComposeAmount | undefined {
  if (node?.kind !== 'scalar' || node.text === '') return undefined;
  const text = node.open ? undefined : interpolate(node.text, variables);
  return {
    scalar: node,
    text: text ?? node.text,
    bytes: text === undefined ? undefined : parseComposeBytes(text),
  };
}

/** Services may extend others; how often a limit is looked for in the next one. */
const MAX_EXTENDS = 5;

function limitIn(
  file: ManifestFile,
  node: YamlMap,
  files: ReadonlyMap<string, ManifestFile>,
  depth: number,
): Found | 'unknown' | undefined {
  const own = follow(node, FIELDS.mem_limit) ?? follow(node, FIELDS['deploy.resources.limits.memory']);
  if (own) return own;
  const extended = lookUp(node, 'extends');
  if (!extended) return undefined;
  if (extended === 'unknown' || depth >= MAX_EXTENDS) return 'unknown';
  const { value } = extended;
  const path = textAt(value, 'file');
  const other = path === undefined ? file : files.get(resolvePath(file.file, path) ?? '');
  const service = value?.kind === 'scalar' ? value.text : textAt(value, 'service');
  const base = service === undefined ? undefined : nodeAt(other?.compose, 'services', service);
  return other && base?.kind === 'map' ? limitIn(other, base, files, depth + 1) : 'unknown';
}

/** `tmpfs: /run`, written once or as a list. */
function shortTmpfs(node: YamlMap): readonly (YamlNode | undefined)[] {
  const short = nodeAt(node, 'tmpfs');
  return short?.kind === 'list' ? short.items.map((i) => i.node) : [short];
}

function unsizedTmpfs(node: YamlMap, variables: Variables): ComposeService['unsizedTmpfs'] {
  return [
    ...shortTmpfs(node).flatMap((item) => {
      if (item?.kind !== 'scalar' || item.text === '' || item.open) return [];
      // A variable that is not known here may bring the size along.
      const text = interpolate(item.text, variables);
      return text === undefined || /[:,]size=/.test(text) ? [] : [{ scalar: item, volume: undefined }];
    }),
    ...itemsAt(node, 'volumes').flatMap(({ node: volume }) => {
      const type = scalarAt(volume, 'type');
      if (type?.text !== 'tmpfs' || volume.kind !== 'map' || volume.open) return [];
      return nodeAt(volume, 'tmpfs', 'size') === undefined ? [{ scalar: type, volume }] : [];
    }),
  ];
}

/** `tmpfs: /run:size=64m` and volumes of the type `tmpfs`. */
function tmpfsOf(node: YamlMap, variables: Variables): ComposeAmount[] {
  const texts = shortTmpfs(node);
  return [
    ...texts.flatMap((item) => {
      if (item?.kind !== 'scalar') return [];
      const size = /[:,]size=([^,]+)/.exec(interpolate(item.text, variables) ?? '')?.[1];
      return size === undefined ? [] : [{ scalar: item, text: size, bytes: parseComposeBytes(size) }];
    }),
    ...itemsAt(node, 'volumes').flatMap(({ node: volume }) => {
      if (textAt(volume, 'type') !== 'tmpfs') return [];
      return amountOf(nodeAt(volume, 'tmpfs', 'size'), variables) ?? [];
    }),
  ];
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
