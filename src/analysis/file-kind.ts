import type { Language } from '../syntax/facts.ts';

/** What Headroom does with a file, told from its name alone. */
export type FileKind =
  | Language
  | 'manifest'
  | 'go-mod'
  | 'cargo'
  | 'config'
  | 'baseline'
  | 'measured'
  /** Says what an image is made of. */
  | 'dockerfile'
  /** Builds images: a Tiltfile, a bake file, a Makefile, or a Justfile. */
  | 'build';

const DOCKERFILE = /^(Dockerfile|Containerfile)([.-][\w.-]+)?$|\.([Dd]ockerfile|Containerfile)$/;
const BUILD =
  /^(Tiltfile[\w.-]*|docker-bake[\w.-]*\.(hcl|json)|(GNU)?[Mm]akefile|[\w.-]+\.mk|\.?[Jj]ustfile)$/;

/** The name of Headroom's own settings file. */
export const CONFIG_FILE = 'headroom.yaml';

/** What was measured of services. */
export const MEASURED_FILE = 'headroom-measured.yaml';

/** The findings a repository has accepted. */
export const BASELINE_FILE = 'headroom-baseline.json';

/** What Headroom reads, for a person who named something else. */
export const FILES_READ =
  'Rust, Go and YAML files, Dockerfiles and what builds images, .env files, go.mod, Cargo.toml, headroom.yaml and headroom-measured.yaml';

/** The kind of a file by its name, or undefined for a file Headroom does not read. */
export function fileKind(file: string): FileKind | undefined {
  const name = file.slice(file.lastIndexOf('/') + 1);
  if (name === 'go.mod') return 'go-mod';
  if (name === 'Kustomization' || name === '.env' || name.endsWith('.env')) return 'manifest';
  if (name === 'Cargo.toml') return 'cargo';
  if (name === CONFIG_FILE) return 'config';
  if (name === BASELINE_FILE) return 'baseline';
  if (name === MEASURED_FILE) return 'measured';
  if (name.endsWith('.rs')) return 'rust';
  if (name.endsWith('.go')) return 'go';
  if (name.endsWith('.yaml') || name.endsWith('.yml')) return 'manifest';
  // Helpers of a chart, which say what its templates include.
  if (name.endsWith('.tpl') && /(^|\/)templates\//.test(file)) return 'manifest';
  if (DOCKERFILE.test(name)) return 'dockerfile';
  if (BUILD.test(name)) return 'build';
  return undefined;
}

/** `file` relative to `folder`, or undefined when it lies elsewhere. The empty folder holds everything. */
export function within(folder: string, file: string): string | undefined {
  if (folder === '') return file;
  return file.startsWith(`${folder}/`) ? file.slice(folder.length + 1) : undefined;
}
