/** The files that say which image is built from what: each kind of file gives the same plain data. */

import type { Place } from '../core/span.ts';
import { directoryOf } from '../manifest/paths.ts';
import { bakeTargets } from './bake.ts';
import type { ImageName } from './image.ts';
import { isMakefile } from './recipes.ts';
import { shellBuilds } from './shell-builds.ts';
import { tiltBuilds } from './tilt.ts';
import { goreleaserBuilds, koBuilds, skaffoldBuilds, workflowBuilds } from './yaml-builds.ts';

export type BuildTool =
  | 'Skaffold'
  | 'compose'
  | 'Tilt'
  | 'bake'
  | 'ko'
  | 'GoReleaser'
  | 'GitHub workflow'
  | 'make'
  | 'Dockerfile';

/** One image that a file of the workspace builds. */
export interface ImageBuild {
  readonly tool: BuildTool;
  /** Where it says so. */
  readonly at: Place;
  readonly image: ImageName;
  /** What manifests below the folder of the file call it until kustomize is told its name: `controller`. */
  readonly placeholders?: readonly string[];
  /** Folders that relative paths may start from, the likeliest first. */
  readonly bases: readonly string[];
  /** As written; undefined: the base itself. */
  readonly context: string | undefined;
  /** As written; undefined: `Dockerfile` in the context. */
  readonly dockerfile: string | undefined;
  /** True when `dockerfile` is relative to the context, as for Skaffold and compose. */
  readonly inContext: boolean;
  readonly target: string | undefined;
  readonly args: ReadonlyMap<string, string>;
  /** Go packages or names of programs that go in without a Dockerfile, as ko and GoReleaser do. */
  readonly programs: readonly string[];
}

/** Reads what a file builds; a file of no known kind builds nothing. Never throws. */
export function readBuilds(file: string, text: string): ImageBuild[] {
  const name = file.slice(file.lastIndexOf('/') + 1);
  if (/^skaffold[\w.-]*\.ya?ml$/.test(name)) return skaffoldBuilds(file, text);
  if (/^\.?goreleaser[\w.-]*\.ya?ml$/.test(name)) return goreleaserBuilds(file, text);
  if (/^\.ko\.ya?ml$/.test(name)) return koBuilds(file, text);
  if (/(^|\/)\.github\/workflows\/[^/]+\.ya?ml$/.test(file)) return workflowBuilds(file, text);
  if (/^Tiltfile/.test(name)) return tiltBuilds(file, text);
  if (/\.(hcl|json)$/.test(name)) return bakeTargets(file, text);
  if (isMakefile(file)) return shellBuilds(file, text, [directoryOf(file), '']);
  return [];
}
