/** Which kustomization reads which files, and which workloads its patches change. */

import { contains, type Place } from '../core/span.ts';
import type {
  Container,
  JsonOperation,
  KubeObject,
  Kustomization,
  KustomizePatch,
  ManifestFile,
  Workload,
} from './model.ts';
import { directoryOf, resolvePath } from './paths.ts';
import { textAt } from './yaml.ts';

/** A patch that changes a workload. */
export interface PatchTarget {
  readonly kustomization: Kustomization;
  readonly patch: KustomizePatch;
  readonly where: Place;
  /** The patch's text, wherever it is written. */
  readonly text: string;
  /** File in which the patch is written. */
  readonly file: ManifestFile;
  /** What a strategic merge patch says of the workload. */
  readonly workloads: readonly Workload[];
  /** What a JSON patch does to it. */
  readonly operations: readonly JsonOperation[];
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
  namespacesOf(object: KubeObject): ReadonlySet<string>;
  /** True when one kustomization reads both files. */
  together(a: string, b: string): boolean;
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
      for (const path of next.kustomization!.resources) {
        const target = resolvePath(next.file, path);
        if (target === undefined) continue;
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
  const patchFiles = new Set<string>();
  for (const file of kustomizations) {
    for (const { path } of file.kustomization!.patches) {
      const target = path === undefined ? undefined : resolvePath(file.file, path);
      if (target !== undefined && files.has(target)) patchFiles.add(target);
    }
  }

  const patchTargets = new Map<KubeObject, PatchTarget[]>();
  const bases = new Map<KubeObject, Workload[]>();
  const readers = new Map<string, ManifestFile[]>();
  const targetsIn = new Map<ManifestFile, Map<Workload, PatchTarget[]>>();
  for (const file of kustomizations) {
    const closure = closureOf(file);
    for (const reached of closure) push(readers, reached, file);
    const workloads = [...closure].filter((f) => !patchFiles.has(f)).flatMap((f) => files.get(f)!.workloads);
    const targets = new Map<Workload, PatchTarget[]>();
    targetsIn.set(file, targets);
    for (const patch of file.kustomization!.patches) {
      for (const workload of workloads) {
        const target = targetOf(files, file, patch, workload);
        if (!target) continue;
        push(patchTargets, workload.object, target);
        push(targets, workload, target);
        for (const w of target.workloads) push(bases, w.object, workload);
      }
    }
  }

  /** Kustomizations that one reads, itself last. */
  const chainOf = (file: ManifestFile, seen = new Set<ManifestFile>()): ManifestFile[] => {
    if (seen.has(file)) return [];
    seen.add(file);
    const nested = file.kustomization!.resources.flatMap((path) => {
      const inner = byDirectory.get(resolvePath(file.file, path) ?? '/');
      return inner ? chainOf(inner, seen) : [];
    });
    return [...nested, file];
  };
  const overlays: Overlay[] = kustomizations.flatMap((file) => {
    const chain = chainOf(file);
    return [...targetsIn.get(file)!.keys()].map((base) => ({
      kustomization: file,
      base,
      patches: chain.flatMap((f) => targetsIn.get(f)?.get(base) ?? []),
    }));
  });

  return {
    patchFiles,
    basesOf: (object) => bases.get(object) ?? [],
    patchesOf: (object) => patchTargets.get(object) ?? [],
    overlays,
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
  const targeted = patch.targetKind !== undefined || patch.targetName !== undefined;
  const own = targeted ? written : written.filter((w) => sameObject(w.object, object));
  if (targeted ? !isTarget(patch, object) : own.length === 0) return undefined;
  const operations = inline ? patch.operations : source === file ? [] : source.operations;
  return {
    kustomization: file.kustomization!,
    patch,
    where: { file: source.file, span: own[0]?.object.at ?? operations[0]?.path.span ?? patch.at },
    text: inline?.text ?? (source === file ? '' : source.text),
    file: source,
    workloads: own,
    operations,
  };
}

function isTarget(patch: KustomizePatch, object: KubeObject): boolean {
  if (patch.targetKind !== undefined && patch.targetKind !== object.kind) return false;
  const { targetName } = patch;
  if (targetName === undefined || object.name === undefined) return true;
  // The name is a regular expression; only shapes that cannot run away are tried.
  if (!/^[\w.*|-]*$/.test(targetName) || (targetName.match(/\*/g) ?? []).length > 3) return true;
  try {
    return new RegExp(`^(?:${targetName})$`).test(object.name);
  } catch {
    return targetName === object.name;
  }
}

function sameObject(patch: KubeObject, object: KubeObject): boolean {
  if (textAt(patch.root, 'kind') !== object.kind) return false;
  return patch.name === undefined || object.name === undefined || patch.name === object.name;
}

/** True when a patch may give a container a memory limit (or request), as far as its text tells. */
export function limitsMemory(
  target: PatchTarget,
  container: Container,
  side: 'limits' | 'requests',
): boolean {
  for (const workload of target.workloads) {
    for (const patched of workload.containers) {
      if (patched.name !== container.name) continue;
      const { memoryLimit, memoryRequest } = patched.resources;
      if (side === 'limits' ? memoryLimit : (memoryRequest ?? memoryLimit)) return true;
    }
  }
  if (target.workloads.length > 0) return false;
  // A JSON patch, or one written in place: what it adds below `resources` cannot be told apart without applying it.
  return /\bresources\b/.test(target.text) && /\bmemory\b/.test(target.text);
}
