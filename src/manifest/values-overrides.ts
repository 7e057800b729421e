/** Values files that override a chart's defaults, such as `values-production.yaml` beside `values.yaml`. */

import type { Manifests } from './manifests.ts';
import type { Container, ManifestFile } from './model.ts';
import { directoryOf } from './paths.ts';

export interface Overridden {
  /** The overriding file. */
  readonly file: string;
  readonly base: Container;
  readonly over: Container;
}

/** Containers whose resources are stated both by a chart's defaults and by a values file that overrides them. */
export function overriddenValues(manifests: Manifests): Overridden[] {
  return [...manifests.files.values()].flatMap((file) => {
    const defaults = manifests.inScope(file.file) ? defaultsOf(manifests, file) : undefined;
    if (!defaults) return [];
    return file.values.flatMap((over) => {
      const path = pathOf(file, over);
      const base = path && defaults.values.find((c) => pathOf(defaults, c) === path);
      return base ? [{ file: file.file, base, over }] : [];
    });
  });
}

/** `values.yaml` of the folder for one of its other values files. */
function defaultsOf(manifests: Manifests, file: ManifestFile): ManifestFile | undefined {
  if (!file.root || /(^|\/)values\.ya?ml$/.test(file.file)) return undefined;
  const folder = directoryOf(file.file);
  return manifests.files.get(folder === '' ? 'values.yaml' : `${folder}/values.yaml`);
}

/** Keys from the root of the values to a container's map, joined by dots. */
export function pathOf(file: ManifestFile, container: Container): string | undefined {
  const search = (node: unknown, path: readonly string[]): string | undefined => {
    if (node === container.node) return path.join('.') || '.';
    const map = node as ManifestFile['root'];
    if (map?.kind !== 'map' || path.length > 8) return undefined;
    for (const { key, value, alias } of map.entries) {
      const found = alias ? undefined : search(value, [...path, key.text]);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return search(file.root, []);
}
