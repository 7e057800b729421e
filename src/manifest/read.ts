/** Reads one YAML text into a `ManifestFile`. Never throws, whatever the text. */

import type { Notice } from '../core/finding.ts';
import { isSupplied, knownText, resourcesOf } from './amounts.ts';
import { readContainer, readVolume } from './containers.ts';
import type {
  Container,
  JsonOperation,
  KubeObject,
  ManifestFile,
  ManifestKind,
  Volume,
  Workload,
} from './model.ts';
import { cutDocuments, parseSlice, type YamlText } from './parse-yaml.ts';
import { operationsOf, readKustomization, replacementsOf } from './read-kustomization.ts';
import { readValues } from './read-values.ts';
import { readVariables, VARIABLES_NAME } from './variables-file.ts';
import {
  cross,
  itemsAt,
  lookUp,
  nodeAt,
  scalarAt,
  textAt,
  type YamlDocument,
  type YamlMap,
  type YamlScalar,
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
  DeploymentConfig: ['spec', 'template', 'spec'],
  CloneSet: ['spec', 'template', 'spec'],
  ScaledJob: ['spec', 'jobTargetRef', 'template', 'spec'],
};

/** Kinds that share their names with others: only in this group they have a pod. */
const POD_PATHS_IN_GROUP: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'serving.knative.dev': {
    Service: ['spec', 'template', 'spec'],
    Configuration: ['spec', 'template', 'spec'],
    Revision: ['spec'],
  },
};

/** Where an object keeps its pod. Cloud Run takes the kinds of Knative and sets a limit of its own where none stands. */
function podPath(kind: string, apiVersion: string, root: YamlMap): readonly string[] | undefined {
  const grouped = POD_PATHS_IN_GROUP[apiVersion.split('/')[0] as string]?.[kind];
  if (grouped) return isCloudRun(root) ? undefined : grouped;
  return POD_PATHS[kind] ?? (kind === '' && lookUp(root, 'kind') ? POD_PATHS.Deployment : undefined);
}

function isCloudRun(root: YamlMap): boolean {
  return [['metadata'], ['spec', 'template', 'metadata']].some((path) =>
    ['annotations', 'labels'].some((key) => {
      const node = nodeAt(root, ...path, key);
      return (
        node?.kind === 'map' && node.entries.some((e) => /^(run|cloud)\.googleapis\.com\//.test(e.key.text))
      );
    }),
  );
}

/** Kinds without a pod that bear on memory. */
const OTHER_KINDS = [
  'LimitRange',
  'ResourceQuota',
  'HorizontalPodAutoscaler',
  'VerticalPodAutoscaler',
  'ScaledObject',
  'Namespace',
  'ConfigMap',
  'Secret',
];

const KINDS = [...Object.keys(POD_PATHS), ...OTHER_KINDS].join('|');
/** A document without one of these has nothing for Headroom: it is not parsed. */
const RELEVANT = new RegExp(
  `\\bkind["']?\\s*:\\s*["']?(?:${KINDS}|\\w*List|Template|Kustomization|Component)\\b|\\bserving\\.knative\\.dev/|\\bkind["']?\\s*:\\s*["']?x{4,}[\\s\\S]*\\bcontainers\\b`,
);
/** The names that make a file a kustomization. */
export const KUSTOMIZATION_NAME = /(^|\/)(kustomization\.ya?ml|Kustomization)$/;
const VALUES_NAME = /(^|\/)values([-._][\w.-]+)?\.ya?ml$/;
const COMPOSE_NAME = /(^|\/)(docker-)?compose([.-][\w.-]+)?\.ya?ml$/;

/** A ConfigMap of more than this holds files, not variables. In UTF-16 code units. */
const MAX_SETTINGS = 32 * 1024;
const SETTINGS_ONLY = /^kind["']?\s*:\s*["']?(?:ConfigMap|Secret)\b/m;

/** Reads a manifest. What cannot be read is left out and named in a notice; an exception never escapes. */
export function readManifest(file: string, text: string): ManifestFile {
  if (text.length > MAX_MANIFEST) {
    const size = Math.round(text.length / 1_000_000);
    return nothing(file, text, [
      { file, message: `skipped: ${size} MB of YAML; Headroom reads manifests up to 2 MB, split the file` },
    ]);
  }
  if (VARIABLES_NAME.test(file))
    return { ...nothing(file, text, []), kind: 'variables', variables: readVariables(text) };
  if (file.endsWith('.tpl')) return nothing(file, text, []);
  const kustomization = KUSTOMIZATION_NAME.test(file);
  const compose = COMPOSE_NAME.test(file) || /^services["']?\s*:/m.test(text);
  const jsonPatch = /\bop["']?[ \t]*:/.test(text) && /\bpath["']?[ \t]*:/.test(text);
  const replacements = /^(- )?source:/m.test(text) && /\bfieldPaths:/.test(text);
  const values = VALUES_NAME.test(file);
  const whole = kustomization || compose || values || jsonPatch || replacements;
  if (!whole && !/\bkind\b/.test(text)) return nothing(file, text, []);
  if (text.includes('\0')) {
    return nothing(file, text, [
      { file, message: 'skipped: holds NUL characters, so it is not YAML text; save it as UTF-8' },
    ]);
  }
  const source = cutDocuments(text);
  const documents: YamlDocument[] = [];
  for (const slice of source.slices) {
    const part = source.blanked.text.slice(slice.start, slice.end);
    if (whole || (RELEVANT.test(part) && !(part.length > MAX_SETTINGS && SETTINGS_ONLY.test(part))))
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
    replacements: [],
    variables: undefined,
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
      replacements: [],
      variables: undefined,
      compose: undefined,
      notices: [],
    };
  }

  read(): ManifestFile {
    const { result } = this;
    for (const document of this.documents) {
      const { root } = document;
      if (root?.kind === 'list' && !this.isKustomization) {
        result.operations = operationsOf(root);
        result.replacements = replacementsOf(result.file, root);
      }
      if (root?.kind !== 'map') continue;
      const broken = document.problems.length > 0;
      const place = { file: result.file, span: root.span };
      if (this.isKustomization)
        result.kustomization ??= readKustomization(place, root, (scalar) => this.inlinePatch(scalar));
      else if (!lookUp(root, 'kind') && nodeAt(root, 'source') && nodeAt(root, 'targets'))
        result.replacements = replacementsOf(result.file, root);
      else if (isCompose(root, COMPOSE_NAME.test(result.file))) result.compose ??= root;
      else if (VALUES_NAME.test(result.file) && !lookUp(root, 'kind')) {
        result.root ??= root;
        this.values.push(...readValues(result, root, broken));
      } else this.object(root, broken, 0, false);
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
    const path = podPath(kind, apiVersion, root);
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
          containers.push(readContainer(workload, item.node, role, cross(item.node, list.shared)));
      }
    }
    const list = lookUp(podSpec, 'volumes');
    if (list && list !== 'unknown' && list.value?.kind === 'list') {
      for (const item of list.value.items)
        if (item.node.kind === 'map') volumes.push(readVolume(item.node, cross(item.node, list.shared)));
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

function short(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
