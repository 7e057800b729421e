/** What the rules about a base say of the overlays that build it. */

import type { RelatedPlace } from '../../../core/finding.ts';
import type { Place } from '../../../core/span.ts';
import type { Manifests } from '../../../manifest/manifests.ts';
import type { Container, ManifestFile } from '../../../manifest/model.ts';
import { builtContainers, builtWith, overlayName, type PatchedValue } from '../../../manifest/overlay.ts';
import { directoryOf } from '../../../manifest/paths.ts';

/** The kustomizations that build a container, by what they make of a value that its own file does not state. */
export interface Lacking {
  /** Those that leave it out, as its file does. */
  readonly without: readonly ManifestFile[];
  /** Those that set it, or may set it, and where. */
  readonly set: readonly { readonly kustomization: ManifestFile; readonly where: Place }[];
}

/** Which kustomizations give a container, or what a patch changes, the limit or request that its file leaves out. */
export function lackingIn(manifests: Manifests, container: Container, side: 'limits' | 'requests'): Lacking {
  const without: ManifestFile[] = [];
  const set: { kustomization: ManifestFile; where: Place }[] = [];
  const all = manifests.isPatch(container)
    ? builtWith(manifests, container)
    : builtContainers(manifests, container);
  for (const built of all) {
    const { kustomization } = built;
    const patched = side === 'limits' ? built.limit : built.request;
    const isSet =
      side === 'requests'
        ? // A request that is only copied from the limit of the same file is as little written down as before.
          patched.change?.kind === 'set' || isOpen(patched) || built.limit.change?.kind === 'set'
        : patched.change?.kind === 'set' || isOpen(patched);
    const where = (patched.change ?? built.limit.change)?.where ?? startOf(kustomization);
    if (isSet) set.push({ kustomization, where });
    else without.push(kustomization);
  }
  return { without, set };
}

function isOpen({ value }: PatchedValue): boolean {
  return value.state === 'unknown' && value.reason === 'patch';
}

/** ` in overlay "dev" ("prod" sets one)`, where overlays differ; empty where all are alike. */
export function inSomeOverlays({ without, set }: Lacking): string {
  if (set.length === 0 || without.length === 0) return '';
  const names = (files: readonly ManifestFile[]) => {
    const unique = [...new Set(files.map((f) => `"${overlayName(f)}"`))];
    return unique.length <= 3
      ? unique.join(', ')
      : `${unique.slice(0, 2).join(', ')} and ${unique.length - 2} more`;
  };
  return ` in overlay ${names(without)} (${names(set.map((s) => s.kustomization))} sets it)`;
}

/** How the rules about a written value word their silence where no kustomization keeps it. */
export const OVERLAID = {
  overlaid: 'every kustomization that builds it writes another value, which is judged there',
} as const;

/** Where overlays set what the base leaves out. */
export function relatedSetters({ set }: Lacking): RelatedPlace[] {
  return set.slice(0, 3).map(({ kustomization, where }) => ({
    ...where,
    message: `overlay "${overlayName(kustomization)}" sets it`,
  }));
}

/** The overlays that build the workload a finding stands in; not a kustomization of its own folder. */
export function relatedOverlays(manifests: Manifests, { file, span }: Place): RelatedPlace[] {
  const object = manifests.files
    .get(file)
    ?.workloads.map((w) => w.object)
    .find(({ root }) => root.span.start <= span.start && span.end <= root.span.end);
  if (!object || object.inline) return [];
  const built = manifests.builtInto(object).filter((f) => directoryOf(f.file) !== directoryOf(file));
  const shown = built.slice(0, built.length > 4 ? 3 : 4);
  return shown.map((kustomization, i) => ({
    ...startOf(kustomization),
    message:
      i === shown.length - 1 && built.length > shown.length
        ? `overlay "${overlayName(kustomization)}" builds this, and ${built.length - shown.length} more do`
        : `overlay "${overlayName(kustomization)}" builds this`,
  }));
}

function startOf({ file, root }: ManifestFile): Place {
  const key = root?.kind === 'map' ? root.entries[0]?.key.span : undefined;
  return { file, span: key ?? { start: 0, end: 0 } };
}
