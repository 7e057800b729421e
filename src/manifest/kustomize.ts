/** Which kustomization reads which files, and which workloads its patches change. */

import { contains, type Place } from '../core/span.ts';
import { amountOf } from './amounts.ts';
import type {
  FieldAddress,
  Generator,
  JsonOperation,
  KubeObject,
  Kustomization,
  KustomizePatch,
  ManifestFile,
  Replacement,
  Stated,
  Workload,
} from './model.ts';
import { directoryOf, resolvePath } from './paths.ts';
import { type Found, lookUp, nodeAt, textAt, type YamlList, type YamlNode } from './yaml.ts';

/** A patch that changes a workload. */
export interface PatchTarget {
  readonly kustomization: Kustomization;
  readonly where: Place;
  /** The patch's text, wherever it is written. */
  readonly text: string;
  /** File in which the patch is written. */
  readonly file: ManifestFile;
  /** What a strategic merge patch says of the workload. */
  readonly workloads: readonly Workload[];
  /** What a JSON patch does to it. */
  readonly operations: readonly JsonOperation[];
  /** Fields of it that are replaced by values from elsewhere. */
  readonly replaced: readonly ReplacedField[];
}

/** A field of a workload into which a kustomization copies a value. */
export interface ReplacedField {
  readonly path: readonly string[];
  /** `unknown` when the source is not in the workspace. */
  readonly value: Stated;
  readonly source: ManifestFile | undefined;
}

/** A workload as one kustomization builds it: the patches on the way, the innermost first. */
export interface Overlay {
  readonly kustomization: ManifestFile;
  readonly base: Workload;
  readonly patches: readonly PatchTarget[];
}

interface Bound {
  /** Files that are patches of some kustomization. */
  readonly patchFiles: ReadonlySet<string>;
  basesOf(object: KubeObject): readonly Workload[];
  patchesOf(object: KubeObject): readonly PatchTarget[];
  /** Workloads that some kustomization patches. */
  readonly overlays: readonly Overlay[];
  /** Those of one workload. */
  overlaysOf(workload: Workload): readonly Overlay[];
  namespacesOf(object: KubeObject): ReadonlySet<string>;
  /** Kustomizations that build an object and that no other one builds upon. */
  builtInto(object: KubeObject): readonly ManifestFile[];
  /** ConfigMaps and Secrets that the kustomizations around an object make. */
  generatorsFor(
    object: KubeObject,
  ): readonly { readonly generator: Generator; readonly file: ManifestFile }[];
  /** True when one kustomization reads both files. */
  together(a: string, b: string): boolean;
}

/** Paths that kustomizations name, resolved once for each text: they are asked for after every change of any file. */
const resolved = new WeakMap<ManifestFile, readonly string[]>();

/** What a kustomization reads, in the terms of the workspace. */
function targetsOf(file: ManifestFile): readonly string[] {
  let targets = resolved.get(file);
  if (!targets) {
    const { resources, components } = file.kustomization!;
    targets = [...resources, ...components].flatMap((path) => resolvePath(file.file, path) ?? []);
    resolved.set(file, targets);
  }
  return targets;
}

/** Follows the paths of all kustomizations. */
export function bindKustomizations(files: ReadonlyMap<string, ManifestFile>): Bound {
  const byDirectory = new Map<string, ManifestFile>();
  for (const file of files.values()) if (file.kustomization) byDirectory.set(directoryOf(file.file), file);

  const closures = new Map<string, ReadonlySet<string>>();
  const closureOf = (file: ManifestFile): ReadonlySet<string> => {
    const known = closures.get(file.file);
    if (known) return known;
    const reached = new Set<string>();
    const queue = [file];
    const seen = new Set<string>([file.file]);
    for (let next = queue.pop(); next; next = queue.pop()) {
      for (const target of targetsOf(next)) {
        const nested = byDirectory.get(target);
        if (nested && !seen.has(nested.file)) {
          seen.add(nested.file);
          queue.push(nested);
        } else if (files.has(target)) reached.add(target);
      }
    }
    closures.set(file.file, reached);
    return reached;
  };

  const kustomizations = [...byDirectory.values()];
  /** A kustomization with the components it takes in, which act before it does, on what it reads. */
  const layersOf = (file: ManifestFile, seen = new Set<ManifestFile>()): ManifestFile[] => {
    if (seen.has(file)) return [];
    seen.add(file);
    const components = file.kustomization!.components.flatMap((path) => {
      const component = byDirectory.get(resolvePath(file.file, path) ?? '/');
      return component ? layersOf(component, seen) : [];
    });
    return [...components, file];
  };
  const patchFiles = new Set<string>();
  for (const file of kustomizations) {
    for (const { path } of file.kustomization!.patches) {
      const target = path === undefined ? undefined : resolvePath(file.file, path);
      if (target !== undefined && files.has(target)) patchFiles.add(target);
    }
  }

  /** Kustomizations that one reads, itself last. */
  const chainOf = (file: ManifestFile, seen = new Set<ManifestFile>()): ManifestFile[] => {
    if (seen.has(file)) return [];
    seen.add(file);
    const nested = targetsOf(file).flatMap((target) => {
      const inner = byDirectory.get(target);
      return inner && !inner.kustomization!.component ? chainOf(inner, seen) : [];
    });
    return [...nested, file];
  };
  /** Names an object has before a kustomization renames it: as written, and as those below it renamed it. */
  const namesBefore = (file: ManifestFile) => {
    const renaming = chainOf(file).filter(
      (f) => f !== file && (f.kustomization!.namePrefix !== '' || f.kustomization!.nameSuffix !== ''),
    );
    return (object: KubeObject): readonly string[] => {
      if (object.name === undefined) return [];
      const names = [object.name];
      for (const inner of renaming) {
        const { namePrefix, nameSuffix } = inner.kustomization!;
        if (closureOf(inner).has(object.file.file)) names.push(`${namePrefix}${names.at(-1)}${nameSuffix}`);
      }
      return names;
    };
  };

  const patchTargets = new Map<KubeObject, PatchTarget[]>();
  const bases = new Map<KubeObject, Workload[]>();
  const readers = new Map<string, ManifestFile[]>();
  const targetsIn = new Map<ManifestFile, Map<Workload, PatchTarget[]>>();
  for (const file of kustomizations) {
    const closure = closureOf(file);
    for (const reached of closure) push(readers, reached, file);
    // A component acts on what others read.
    if (file.kustomization!.component) continue;
    const built = [...closure].filter((f) => !patchFiles.has(f)).flatMap((f) => files.get(f) ?? []);
    const targets = new Map<Workload, PatchTarget[]>();
    targetsIn.set(file, targets);
    const add = (workload: Workload, target: PatchTarget) => {
      push(patchTargets, workload.object, target);
      push(targets, workload, target);
      for (const w of target.workloads) push(bases, w.object, workload);
    };
    const names = namesBefore(file);
    for (const layer of layersOf(file)) {
      for (const patch of layer.kustomization!.patches) {
        for (const workload of built.flatMap((f) => f.workloads)) {
          const target = targetOf(files, layer, patch, workload, names(workload.object));
          if (target) add(workload, target);
        }
      }
      for (const replacement of replacementsIn(files, layer)) {
        const value = sourceOf(replacement, layer, built);
        for (const workload of built.flatMap((f) => f.workloads)) {
          const replaced = replacement.targets
            .filter((t) => isAddressed(t, workload.object, names(workload.object)))
            .map(({ path }) => ({ path, ...value }));
          if (replaced.length > 0) add(workload, replacementTarget(layer, replacement, replaced));
        }
      }
    }
  }

  const chains = new Map(kustomizations.map((file) => [file, chainOf(file)]));
  // Also those that add nothing of their own to what the ones below them patch.
  const overlays: Overlay[] = [...targetsIn.keys()].flatMap((file) => {
    const chain = chains.get(file)!;
    const bases = new Set(chain.flatMap((f) => [...(targetsIn.get(f)?.keys() ?? [])]));
    return [...bases].map((base) => ({
      kustomization: file,
      base,
      patches: chain.flatMap((f) => targetsIn.get(f)?.get(base) ?? []),
    }));
  });

  const overlaysByBase = new Map<Workload, Overlay[]>();
  for (const overlay of overlays) push(overlaysByBase, overlay.base, overlay);

  // Built upon by others, or a component that they take in.
  const builtUpon = new Set(
    kustomizations.flatMap((file) => [
      ...chains.get(file)!.filter((f) => f !== file),
      ...layersOf(file).filter((f) => f !== file),
    ]),
  );
  return {
    patchFiles,
    builtInto: (object) => (readers.get(object.file.file) ?? []).filter((f) => !builtUpon.has(f)),
    generatorsFor: (object) =>
      (readers.get(object.file.file) ?? []).flatMap((f) =>
        f.kustomization!.generators.map((generator) => ({ generator, file: f })),
      ),
    basesOf: (object) => bases.get(object) ?? [],
    patchesOf: (object) => patchTargets.get(object) ?? [],
    overlays,
    overlaysOf: (workload) => overlaysByBase.get(workload) ?? [],
    namespacesOf: (object) => {
      const names = new Set<string>();
      for (const reader of readers.get(object.file.file) ?? [])
        if (reader.kustomization!.namespace) names.add(reader.kustomization!.namespace);
      if (object.namespace) names.add(object.namespace);
      return names;
    },
    together: (a, b) => (readers.get(a) ?? []).some((r) => (readers.get(b) ?? []).includes(r)),
  };
}

function replacementsIn(files: ReadonlyMap<string, ManifestFile>, file: ManifestFile): Replacement[] {
  const { replacements, replacementFiles } = file.kustomization!;
  return [
    ...replacements,
    ...replacementFiles.flatMap((path) => files.get(resolvePath(file.file, path) ?? '')?.replacements ?? []),
  ];
}

function isAddressed(address: FieldAddress, object: KubeObject, names: readonly string[]): boolean {
  if (address.kind !== undefined && address.kind !== object.kind) return false;
  return address.name === undefined || object.name === undefined || names.includes(address.name);
}

/** The value a replacement copies: of an object the kustomization reads, or of a ConfigMap it makes. */
function sourceOf(
  { source }: Replacement,
  file: ManifestFile,
  built: readonly ManifestFile[],
): Pick<ReplacedField, 'value' | 'source'> {
  const unknown = { value: 'unknown', source: undefined } as const;
  if (!source) return unknown;
  const generator = file.kustomization!.generators.find(
    (g) => g.kind === source.kind && g.name === source.name,
  );
  if (generator) {
    const scalar = source.path[0] === 'data' ? generator.values.get(source.path[1] ?? '') : undefined;
    if (!scalar) return unknown;
    const entry = { key: scalar, value: scalar, alias: undefined, span: scalar.span };
    return { value: amountOf(entry, scalar, []), source: file };
  }
  for (const object of built.flatMap((f) => f.objects)) {
    if (!isAddressed(source, object, object.name === undefined ? [] : [object.name])) continue;
    const found = follow(object.root, source.path);
    return found ? { value: amountOf(found.entry, found.value, found.shared), source: object.file } : unknown;
  }
  return unknown;
}

/** Follows a field path; `[name=api]` and numbers choose an item of a list. */
function follow(root: YamlNode, path: readonly string[]): Found | undefined {
  let node: YamlNode | undefined = root;
  let found: Found | undefined;
  for (const step of path) {
    if (node?.kind === 'list') {
      const list: YamlList = node;
      const match = /^\[(\w+)=(.*)\]$/.exec(step);
      node = match
        ? list.items.find((i) => textAt(i.node, match[1]!) === match[2])?.node
        : list.items[Number(step)]?.node;
      continue;
    }
    const next = lookUp(node, step);
    if (!next || next === 'unknown') return undefined;
    found = next;
    node = next.value;
  }
  return found;
}

function replacementTarget(
  file: ManifestFile,
  replacement: Replacement,
  replaced: readonly ReplacedField[],
): PatchTarget {
  return {
    kustomization: file.kustomization!,
    where: replacement.place,
    text: '',
    file,
    workloads: [],
    operations: [],
    replaced,
  };
}

function push<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

/** What a patch does to a workload; undefined when it is meant for others. */
function targetOf(
  files: ReadonlyMap<string, ManifestFile>,
  file: ManifestFile,
  patch: KustomizePatch,
  workload: Workload,
  names: readonly string[],
): PatchTarget | undefined {
  const path = patch.path === undefined ? undefined : resolvePath(file.file, patch.path);
  const source = path === undefined ? file : files.get(path);
  if (!source) return undefined;
  const { object } = workload;
  const { inline } = patch;
  const written = source.workloads.filter((w) =>
    inline
      ? w.object.inline && contains(inline.span, w.object.root.span)
      : patch.path !== undefined && !w.object.inline,
  );
  const targeted = patch.targetKind !== undefined || patch.targetName !== undefined || patch.selects;
  const own = targeted ? written : written.filter((w) => sameObject(w.object, object, names));
  if (targeted ? !isTarget(patch, object, names) : own.length === 0) return undefined;
  const operations = inline ? patch.operations : source === file ? [] : source.operations;
  return {
    kustomization: file.kustomization!,
    where: { file: source.file, span: own[0]?.object.at ?? operations[0]?.path.span ?? patch.at },
    text: inline?.text ?? (source === file ? '' : source.text),
    file: source,
    workloads: own,
    operations,
    replaced: [],
  };
}

function isTarget(patch: KustomizePatch, object: KubeObject, names: readonly string[]): boolean {
  if (!hasLabels(object, patch.targetLabels)) return false;
  if (patch.targetKind !== undefined && patch.targetKind !== object.kind) return false;
  const { targetName } = patch;
  if (targetName === undefined || object.name === undefined) return true;
  // The name is a regular expression; only shapes that cannot run away are tried.
  if (!/^[\w.*|-]*$/.test(targetName) || (targetName.match(/\*/g) ?? []).length > 3) return true;
  try {
    const pattern = new RegExp(`^(?:${targetName})$`);
    return names.some((name) => pattern.test(name));
  } catch {
    return names.includes(targetName);
  }
}

/** True unless the labels of an object contradict a selector of the form `a=b,c!=d`; other forms are not tried. */
function hasLabels(object: KubeObject, selector: string | undefined): boolean {
  if (selector === undefined || /[()]/.test(selector)) return true;
  return selector.split(',').every((part) => {
    const match = /^\s*([\w./-]+)\s*(=|==|!=)\s*([\w./-]*)\s*$/.exec(part);
    const label = match && lookUp(nodeAt(object.root, 'metadata', 'labels'), match[1]!);
    if (!match || label === 'unknown') return true;
    const equal = label?.value?.kind === 'scalar' && label.value.text === match[3];
    return match[2] === '!=' ? !equal : equal;
  });
}

function sameObject(patch: KubeObject, object: KubeObject, names: readonly string[]): boolean {
  if (textAt(patch.root, 'kind') !== object.kind) return false;
  return patch.name === undefined || object.name === undefined || names.includes(patch.name);
}
