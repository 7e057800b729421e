/** Which kustomization reads which files, and which workloads its patches change. */

import type { Place } from '../core/span.ts';
import type {
  Container,
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
  /** Workloads of the patch's own file, when it is a strategic merge patch. */
  readonly workloads: readonly Workload[];
}

interface Bound {
  /** Files that are patches of some kustomization. */
  readonly patchFiles: ReadonlySet<string>;
  basesOf(object: KubeObject): readonly Workload[];
  patchesOf(object: KubeObject): readonly PatchTarget[];
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
  for (const file of kustomizations) {
    const closure = closureOf(file);
    for (const reached of closure) readers.set(reached, [...(readers.get(reached) ?? []), file]);
    const workloads = [...closure].filter((f) => !patchFiles.has(f)).flatMap((f) => files.get(f)!.workloads);
    for (const patch of file.kustomization!.patches) {
      const path = patch.path === undefined ? undefined : resolvePath(file.file, patch.path);
      const source = path === undefined ? undefined : files.get(path);
      const inFile = source?.workloads ?? [];
      for (const workload of workloads) {
        const { object } = workload;
        const own = inFile.filter(
          (w) =>
            patch.targetKind !== undefined || patch.targetName !== undefined || sameObject(w.object, object),
        );
        if (!selects(patch, object, own.length > 0)) continue;
        const text = patch.inline?.text ?? source?.text ?? '';
        const where = source
          ? { file: source.file, span: own[0]?.object.at ?? { start: 0, end: 0 } }
          : { file: file.file, span: patch.at };
        const known = patchTargets.get(object) ?? [];
        known.push({ kustomization: file.kustomization!, patch, where, text, workloads: own });
        patchTargets.set(object, known);
        for (const w of own) bases.set(w.object, [...(bases.get(w.object) ?? []), workload]);
      }
    }
  }

  return {
    patchFiles,
    basesOf: (object) => bases.get(object) ?? [],
    patchesOf: (object) => patchTargets.get(object) ?? [],
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

/** True when a patch changes an object: by its target, or by the name in a strategic merge patch. */
function selects(patch: KustomizePatch, object: KubeObject, named: boolean): boolean {
  if (patch.targetKind === undefined && patch.targetName === undefined) {
    if (named) return true;
    return patch.inline !== undefined && inlineNames(patch.inline.text, object);
  }
  if (patch.targetKind !== undefined && patch.targetKind !== object.kind) return false;
  if (patch.targetName === undefined || object.name === undefined) return true;
  try {
    return new RegExp(`^(?:${patch.targetName})$`).test(object.name);
  } catch {
    return patch.targetName === object.name;
  }
}

function inlineNames(text: string, object: KubeObject): boolean {
  const kind = /^kind:\s*["']?(\w+)/m.exec(text)?.[1];
  const name = /^\s+name:\s*["']?([\w.-]+)/m.exec(text)?.[1];
  return kind === object.kind && (object.name === undefined || name === object.name);
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
