// Packs the extension into `headroom.vsix`; run `npm run build` before. Only what .vscodeignore names is in it.
import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createVSIX, listFiles, PackageManager } from '@vscode/vsce';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** What the package may weigh, in bytes. */
export const MAX_BYTES = 1_500_000;

/** The files of the package, relative to the root, sorted. */
export async function packagedFiles() {
  return (await listFiles({ cwd: root, packageManager: PackageManager.None })).sort();
}

/**
 * @returns {Promise<{ path: string, bytes: number }>}
 */
export async function packageExtension(path = join(root, 'headroom.vsix')) {
  const { log } = console;
  // vsce prints the list of files, also to those who only want the package.
  console.log = () => {};
  try {
    await createVSIX({
      cwd: root,
      packagePath: path,
      dependencies: false,
      // The README's links stay as they are: they lead to files of the repository it is read in.
      rewriteRelativeLinks: false,
      allowMissingRepository: true,
    });
  } finally {
    console.log = log;
  }
  return { path, bytes: statSync(path).size };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { path, bytes } = await packageExtension();
  console.log(`${path}  ${(bytes / 1024).toFixed(0)} KB of ${(MAX_BYTES / 1024).toFixed(0)} KB`);
}
