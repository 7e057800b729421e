import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { SettingSchema } from '../analysis/config-complete.ts';
import type { GrammarBytes } from '../syntax/parser.ts';

/** The folder of the running bundle, or of this source under a test runner. Development tools run in the root. */
const here = typeof __dirname === 'string' ? __dirname : process.cwd();

/**
 * Finds a file that is shipped with Headroom, beside the bundle or in one of the folders above it.
 * @returns undefined when it is not there
 */
export function findAsset(name: string): string | undefined {
  for (let folder = here, i = 0; i < 4; folder = dirname(folder), i++) {
    const path = join(folder, name);
    if (existsSync(path)) return path;
  }
  return undefined;
}

/**
 * The bytes of the parser.
 * @throws when the installation is incomplete
 */
export function readGrammars(): GrammarBytes {
  const read = (name: string) => {
    // The build puts them beside the bundle; in the repository they have a folder.
    const path = findAsset(name) ?? findAsset(`grammars/${name}`);
    if (!path)
      throw new Error(
        `${name} is missing beside ${here}: the installation is incomplete, install Headroom again`,
      );
    return readFileSync(path);
  };
  return {
    runtime: read('web-tree-sitter.wasm'),
    rust: read('tree-sitter-rust.wasm'),
    go: read('tree-sitter-go.wasm'),
    flatten: read('flatten.wasm'),
  };
}

/** The JSON schema of `headroom.yaml`; undefined where it is not installed or not whole. */
export function readSettingsSchema(): SettingSchema | undefined {
  const path = findAsset('schemas/headroom.schema.json');
  try {
    return path === undefined ? undefined : JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
