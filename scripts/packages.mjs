// Whether the packages are installed as the lock file says. Imports nothing but Node: it is asked before they are.
import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** True when every package of the lock file is there in its version. A linked folder is somebody else's: left alone. */
export function isInstalled(root) {
  const folder = join(root, 'node_modules');
  const made = join(folder, '.package-lock.json');
  if (!existsSync(made)) return false;
  if (lstatSync(folder).isSymbolicLink()) return true;
  const packages = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;
  const have = packages(made);
  return Object.entries(packages(join(root, 'package-lock.json'))).every(
    ([path, wanted]) => path === '' || wanted.optional || have[path]?.version === wanted.version,
  );
}
