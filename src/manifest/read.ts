/** Reads one YAML text into a `ManifestFile`. Never throws, whatever the text. */

import type { Notice } from '../core/finding.ts';
import { parseQuantity } from '../core/quantity.ts';
import type { Span } from '../core/span.ts';
import type {
  Container,
  ContainerRole,
  EnvVar,
  FieldRef,
  JsonOperation,
  KubeObject,
  Kustomization,
  KustomizePatch,
  ManifestFile,
  ManifestKind,
  Resources,
  Stated,
  Volume,
  Workload,
} from './model.ts';
import {
  type Anchor,
  cross,
  cutDocuments,
  type Found,
  itemsAt,
  lookUp,
  nodeAt,
  parseSlice,
  scalarAt,
  textAt,
  type YamlDocument,
  type YamlEntry,
  type YamlList,
  type YamlMap,
  type YamlNode,
  type YamlScalar,
  type YamlText,
} from './yaml.ts';

/** Larger files are data, not manifests. In UTF-16 code units. */
export const MAX_MANIFEST = 2_000_000;

/** Where each workload kind keeps its pod. */
const POD_PATHS: Readonly<Record<string, readonly string[]>> = {
  Pod: ['spec'],
  PodTemplate: ['template', 'spec'],
  Deployment: ['spec', 'template', 'spec'],
  StatefulSet: ['spec', 'template', 'spec'],
  DaemonSet: ['spec', 'template', 'spec'],
  ReplicaSet: ['spec', 'template', 'spec'],
  ReplicationController: ['spec', 'template', 'spec'],
  Job: ['spec', 'template', 'spec'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
  Rollout: ['spec', 'template', 'spec'],
};

/** Kinds without a pod that bear on memory. */
const OTHER_KINDS = [
  'LimitRange',
  'ResourceQuota',
  'HorizontalPodAutoscaler',
  'VerticalPodAutoscaler',
  'Namespace',
];

const KINDS = [...Object.keys(POD_PATHS), ...OTHER_KINDS].join('|');
/** A document without one of these has nothing for Headroom: it is not parsed. */
const RELEVANT = new RegExp(
  `\\bkind["']?\\s*:\\s*["']?(?:${KINDS}|\\w*List|Template|Kustomization|Component)\\b|\\bkind["']?\\s*:\\s*["']?x{4,}[\\s\\S]*\\bcontainers\\b`,
);
const KUSTOMIZATION_NAME = /(^|\/)(kustomization\.ya?ml|Kustomization)$/;
const VALUES_NAME = /(^|\/)values([-._][\w.-]+)?\.ya?ml$/;
const COMPOSE_NAME = /(^|\/)(docker-)?compose([.-][\w.-]+)?\.ya?ml$/;

/** Reads a manifest. What cannot be read is left out and named in a notice; an exception never escapes. */
export function readManifest(file: string, text: string): ManifestFile {
  if (text.length > MAX_MANIFEST) {
    const size = Math.round(text.length / 1_000_000);
    return nothing(file, text, [
      { file, message: `skipped: ${size} MB of YAML; Headroom reads manifests up to 2 MB, split the file` },
    ]);
  }
  const kustomization = KUSTOMIZATION_NAME.test(file);
  const compose = COMPOSE_NAME.test(file) || /^services["']?\s*:/m.test(text);
  const jsonPatch = /\bop["']?[ \t]*:/.test(text) && /\bpath["']?[ \t]*:/.test(text);
  const values = VALUES_NAME.test(file);
  if (!kustomization && !compose && !values && !jsonPatch && !/\bkind\b/.test(text))
    return nothing(file, text, []);
  if (text.includes('\0')) {
    return nothing(file, text, [
      { file, message: 'skipped: holds NUL characters, so it is not YAML text; save it as UTF-8' },
    ]);
  }
  const source = cutDocuments(text);
  const documents: YamlDocument[] = [];
  for (const slice of source.slices) {
    const part = source.blanked.text.slice(slice.start, slice.end);
    if (kustomization || compose || values || jsonPatch || RELEVANT.test(part))
      documents.push(...parseSlice(source, slice));
  }
  return new Reader(file, source, documents, kustomization).read();
}

function nothing(file: string, text: string, notices: Notice[]): ManifestFile {
  return {
    file,
    text,
    kind: 'other',
    template: false,
    blanked: { text, holes: [], template: false, regions: [] },
    objects: [],
    workloads: [],
    root: undefined,
    values: [],
    kustomization: undefined,
    operations: [],
    compose: undefined,
    notices,
  };
}

/** A field that is being filled in while its object already has references to it. */
type Draft<T> = { -readonly [K in keyof T]: T[K] };

class Reader {
  readonly source: YamlText;
  readonly documents: readonly YamlDocument[];
  readonly isKustomization: boolean;
  readonly objects: KubeObject[] = [];
  readonly workloads: Workload[] = [];
  readonly values: Container[] = [];
  readonly result: Draft<ManifestFile>;

  constructor(file: string, source: YamlText, documents: readonly YamlDocument[], isKustomization: boolean) {
    this.source = source;
    this.documents = documents;
    this.isKustomization = isKustomization;
    this.result = {
      file,
      text: source.text,
      kind: 'other',
      template: source.blanked.template,
      blanked: source.blanked,
      objects: this.objects,
      workloads: this.workloads,
      root: undefined,
      values: this.values,
      kustomization: undefined,
      operations: [],
      compose: undefined,
      notices: [],
    };
  }

  read(): ManifestFile {
    const { result } = this;
    for (const document of this.documents) {
      const { root } = document;
      if (root?.kind === 'list' && !this.isKustomization) result.operations = operationsOf(root);
      if (root?.kind !== 'map') continue;
      const broken = document.problems.length > 0;
      if (this.isKustomization) result.kustomization ??= this.kustomization(root);
      else if (isCompose(root, COMPOSE_NAME.test(result.file))) result.compose ??= root;
      else if (VALUES_NAME.test(result.file) && !lookUp(root, 'kind')) this.valuesOf(root, broken);
      else this.object(root, broken, 0, false);
    }
    result.kind = this.kindOfFile();
    if (result.kind !== 'other' && !result.template) result.notices = this.notices();
    return result;
  }

  private kindOfFile(): ManifestKind {
    if (this.result.kustomization) return 'kustomization';
    if (this.result.compose) return 'compose';
    if (this.result.root) return 'values';
    const broken = this.documents.some((d) => d.problems.length > 0);
    return this.objects.length > 0 || broken || this.result.operations.length > 0 ? 'kubernetes' : 'other';
  }

  private notices(): Notice[] {
    const { file } = this.result;
    const notices: Notice[] = [];
    for (const { problems, duplicates } of this.documents) {
      const [problem] = problems;
      if (problem) {
        const line = this.lineOf(problem.offset);
        notices.push({
          file,
          message: `line ${line}: broken YAML (${problem.message}); what stands before it was read, correct it to check the rest`,
        });
      }
      if (duplicates) {
        const more = duplicates.count > 1 ? ` (and ${duplicates.count - 1} more such keys)` : '';
        notices.push({
          file,
          message: `line ${this.lineOf(duplicates.key.span.start)}: key "${short(duplicates.key.text)}" is given twice${more}; the last one counts, delete the other`,
        });
      }
    }
    return notices;
  }

  private lineOf(offset: number): number {
    let line = 1;
    for (
      let i = this.source.text.indexOf('\n');
      i >= 0 && i < offset;
      i = this.source.text.indexOf('\n', i + 1)
    )
      line++;
    return line;
  }

  private object(root: YamlMap, broken: boolean, depth: number, inline: boolean): void {
    const kind = textAt(root, 'kind') ?? '';
    const apiVersion = textAt(root, 'apiVersion') ?? '';
    if (depth < 3 && (kind === 'Template' || kind.endsWith('List'))) {
      for (const item of itemsAt(root, kind === 'Template' ? 'objects' : 'items'))
        if (item.node.kind === 'map') this.object(item.node, broken, depth + 1, inline);
      return;
    }
    const path = POD_PATHS[kind] ?? (kind === '' && lookUp(root, 'kind') ? POD_PATHS.Deployment : undefined);
    if (!path && !OTHER_KINDS.includes(kind)) return;
    const name = scalarAt(root, 'metadata', 'name');
    const object: KubeObject = {
      file: this.result,
      kind,
      apiVersion,
      root,
      name: name && !isSupplied(name) ? name.text : undefined,
      namespace: knownText(scalarAt(root, 'metadata', 'namespace')),
      at: name?.span ?? scalarAt(root, 'kind')?.span ?? root.span,
      broken,
      inline,
    };
    this.objects.push(object);
    const podSpec = path ? nodeAt(root, ...path) : undefined;
    if (podSpec?.kind === 'map') this.workload(object, podSpec);
  }

  private workload(object: KubeObject, podSpec: YamlMap): void {
    const containers: Container[] = [];
    const volumes: Volume[] = [];
    const workload: Workload = {
      object,
      podSpec,
      podResources: resourcesOf(podSpec, []),
      containers,
      volumes,
    };
    for (const [key, role] of [
      ['initContainers', 'init'],
      ['containers', 'container'],
    ] as const) {
      const list = lookUp(podSpec, key);
      if (!list || list === 'unknown' || list.value?.kind !== 'list') continue;
      for (const item of list.value.items) {
        if (item.node.kind === 'map')
          containers.push(container(workload, item.node, role, cross(item.node, list.shared)));
      }
    }
    const list = lookUp(podSpec, 'volumes');
    if (list && list !== 'unknown' && list.value?.kind === 'list') {
      for (const item of list.value.items)
        if (item.node.kind === 'map') volumes.push(volume(item.node, cross(item.node, list.shared)));
    }
    if (containers.length > 0 || volumes.length > 0) this.workloads.push(workload);
  }

  /**
   * Reads a patch written in a block scalar where it stands, so that its spans are those of the file: the lines of
   * a block are YAML with their indentation, too.
   * @returns the operations of a JSON patch; objects of a strategic merge patch join those of the file.
   */
  private inlinePatch(scalar: YamlScalar): JsonOperation[] {
    if (scalar.style !== 'block') return [];
    const start = this.source.text.indexOf('\n', scalar.span.start) + 1;
    if (start === 0 || start >= scalar.span.end) return [];
    const operations: JsonOperation[] = [];
    for (const { root, problems } of parseSlice(this.source, { start, end: scalar.span.end })) {
      if (root?.kind === 'list') operations.push(...operationsOf(root));
      else if (root?.kind === 'map') this.object(root, problems.length > 0, 0, true);
    }
    return operations;
  }

  /**
   * Charts hand `resources` of their values to a container as they stand; what lies beside it, such as `env`,
   * usually goes to the same container.
   */
  private valuesOf(root: YamlMap, broken: boolean): void {
    this.result.root ??= root;
    const object: KubeObject = {
      file: this.result,
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
      if (node?.kind !== 'map' || depth > 8 || seen.has(node)) return;
      seen.add(node);
      const resources = lookUp(node, 'resources');
      const side = resources && resources !== 'unknown' ? resources.value : undefined;
      if (side && (nodeAt(side, 'limits')?.kind === 'map' || nodeAt(side, 'requests')?.kind === 'map')) {
        const found = container(workload, node, 'container', cross(node, []));
        containers.push({ ...found, complete: true, at: resourcesKey(node) ?? found.at });
      }
      for (const entry of node.entries) walk(entry.value, depth + 1);
    };
    walk(root, 0);
    this.values.push(...containers);
  }

  private kustomization(root: YamlMap): Kustomization {
    const paths = (key: string) =>
      itemsAt(root, key).flatMap(({ node }) => (node.kind === 'scalar' ? [node.text] : []));
    const patches: KustomizePatch[] = [];
    for (const { node, span } of itemsAt(root, 'patchesStrategicMerge')) {
      if (node.kind !== 'scalar') continue;
      const inline = node.text.includes('\n');
      patches.push({
        path: inline ? undefined : node.text,
        inline: inline ? node : undefined,
        operations: inline ? this.inlinePatch(node) : [],
        targetKind: undefined,
        targetName: undefined,
        at: span,
      });
    }
    for (const key of ['patches', 'patchesJson6902']) {
      for (const { node, span } of itemsAt(root, key)) {
        const inline = scalarAt(node, 'patch');
        patches.push({
          path: textAt(node, 'path'),
          inline,
          operations: inline ? this.inlinePatch(inline) : [],
          targetKind: textAt(node, 'target', 'kind'),
          targetName: textAt(node, 'target', 'name'),
          at: span,
        });
      }
    }
    return {
      place: { file: this.result.file, span: root.span },
      component: textAt(root, 'kind') === 'Component',
      namespace: textAt(root, 'namespace'),
      resources: [...paths('resources'), ...paths('bases'), ...paths('components')],
      patches,
    };
  }
}

function operationsOf(root: YamlList): JsonOperation[] {
  return root.items.flatMap(({ node }) => {
    const op = scalarAt(node, 'op');
    const path = scalarAt(node, 'path');
    if (node.kind !== 'map' || !op || !path) return [];
    const value = lookUp(node, 'value');
    return [{ node, op, path, value: value && value !== 'unknown' ? value.entry : undefined }];
  });
}

function isCompose(root: YamlMap, named: boolean): boolean {
  if (lookUp(root, 'kind') || lookUp(root, 'apiVersion')) return false;
  const services = nodeAt(root, 'services');
  if (services?.kind !== 'map') return false;
  if (named) return true;
  return services.entries.some(
    ({ value }) => lookUp(value, 'image') || lookUp(value, 'build') || lookUp(value, 'extends'),
  );
}

function container(
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
    // Istio fills in a container with the image `auto`, its resources included.
    complete: image !== undefined && !(image !== 'unknown' && textOf(image.value) === 'auto'),
    resources: resourcesOf(node, shared),
    env: envOf(node, shared),
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

function resourcesKey(node: YamlMap): Span | undefined {
  return node.index?.get('resources')?.at(-1)?.key.span;
}

function startOf(node: YamlMap): Span {
  return node.entries[0]?.key.span ?? { start: node.span.start, end: node.span.start };
}

function resourcesOf(node: YamlMap, shared: readonly Anchor[]): Resources {
  const found = lookUp(node, 'resources', shared);
  return {
    found: found && found !== 'unknown' && isUnknownNode(found.value) ? 'unknown' : found,
    memoryLimit: amountIn(found, 'limits', 'memory'),
    memoryRequest: amountIn(found, 'requests', 'memory'),
    cpuLimit: amountIn(found, 'limits', 'cpu'),
    cpuRequest: amountIn(found, 'requests', 'cpu'),
  };
}

function isUnknownNode(node: YamlNode | undefined): boolean {
  return node?.kind === 'scalar' && isSupplied(node);
}

/** The quantity below a field, following `path`. */
export function amountIn(found: Found | 'unknown' | undefined, ...path: readonly string[]): Stated {
  let current = found;
  for (const key of path) {
    if (current === 'unknown' || !current) return current;
    if (isUnknownNode(current.value)) return 'unknown';
    current = lookUp(current.value, key, current.shared);
  }
  if (current === 'unknown' || !current) return current;
  return amountOf(current.entry, current.value, current.shared);
}

/** The quantity an entry holds. */
export function amountOf(entry: YamlEntry, value: YamlNode | undefined, shared: readonly Anchor[]): Stated {
  if (!value) return undefined;
  if (value.kind !== 'scalar') return 'unknown';
  if (isSupplied(value)) {
    return {
      scalar: value,
      span: value.span,
      text: value.text,
      quantity: undefined,
      unknown: true,
      entry,
      shared,
    };
  }
  if (value.style === 'plain' && /^(~|null|Null|NULL)?$/.test(value.text)) return undefined;
  const text = value.style === 'plain' ? plainNumber(value.text) : value.text;
  return {
    scalar: value,
    span: value.span,
    text: value.text,
    quantity: parseQuantity(text),
    unknown: false,
    entry,
    shared,
  };
}

/** YAML numbers that JSON spells differently: the API server sees what the YAML reader made of them. */
function plainNumber(text: string): string {
  if (/^[+-]?\d[\d_]*$/.test(text)) return text.replaceAll('_', '');
  if (/^0x[\da-fA-F_]+$/.test(text)) return BigInt(text.replaceAll('_', '')).toString();
  return text;
}

/** True when something that is not in the file supplies the text: a template, a variable, a placeholder. */
export function isSupplied(scalar: YamlScalar): boolean {
  return scalar.open || /\$[({\w]|<[^>]*>|\{\{|%\w|@\w|__|^\$/.test(scalar.text);
}

function knownText(scalar: YamlScalar | undefined): string | undefined {
  return scalar && scalar.text !== '' && !isSupplied(scalar) ? scalar.text : undefined;
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

function volume(node: YamlMap, shared: readonly Anchor[]): Volume {
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

function short(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
