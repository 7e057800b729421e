/** Which manifests are read first: what is said of them needs none of the others, which are most of a large repository. */

import { isLeftOut } from './left-out.ts';
import type { ManifestFile } from './model.ts';
import { resolvePath } from './paths.ts';
import { KUSTOMIZATION_NAME } from './read.ts';

/**
 * True for what is reported on, and for what may decide about it wherever it lies: a kustomization, or defaults of a
 * namespace. Tests, examples and what tools wrote is read later.
 */
export function isFirst(file: string, text: string, root: string): boolean {
  return !isLeftOut({ file, text }, root) || KUSTOMIZATION_NAME.test(file) || text.includes('LimitRange');
}

/** The files that a kustomization builds upon or changes them with; folders and addresses elsewhere among them. */
export function filesNamedBy({ file, kustomization }: ManifestFile): string[] {
  if (!kustomization) return [];
  const { resources, components, patches, replacementFiles } = kustomization;
  const paths = [...resources, ...components, ...patches.map((p) => p.path), ...replacementFiles];
  return paths.flatMap((path) => (path === undefined ? [] : (resolvePath(file, path) ?? [])));
}
