/** Which manifests no finding stands in, told from names and first lines, before anything is parsed. */

import { TEST_FOLDERS } from '../knowledge/test-folders.ts';
import { directoryOf } from './paths.ts';

/** Folders whose folders are places to deploy to: `overlays/test` runs somewhere. */
const ENVIRONMENTS =
  /^(overlays?|env(ironment)?s?|clusters?|stages?|deploy(ments?)?|k8s|kubernetes|kustomize|manifests)$/;

/** Of the folders of tests those whose name may be that of a place to deploy to. */
const PLACES = /^(tests?|testing|e2e|bench(es|marks?)?)$/;
/** Folders of texts that are shown to readers; nothing is deployed from them. */
const SHOWN = /^(docs?|documentation|designs?|proposals?|snippets?|samples?|tutorials?|website)$/;
/** Folders of what builds and tests a repository. */
const BUILDING = /^\.(ci|github|gitlab|circleci|buildkite|devcontainer)$/;
/** `helm-tests`, `load_tests`: a place to deploy to is one, not several. */
const OF_TESTS = /[-_]tests$/;
/** Folders of a release: what was published under a version is not edited any more. */
const RELEASED = /^v?\d+\.\d+\.\d+([-+.]\w+)*$/;

/** Manifests of tests and examples run in no service, and what a tool writes is corrected where it comes from. */
export function isLeftOut(
  { file, text }: { readonly file: string; readonly text: string },
  root: string,
): boolean {
  const below = root !== '' && file.startsWith(`${root}/`) ? file.slice(root.length + 1) : file;
  return (
    directoryOf(below)
      .split('/')
      .some(
        (folder, i, path) =>
          (TEST_FOLDERS.has(folder.replace(/^_+/, '')) ||
            [OF_TESTS, SHOWN, RELEASED, BUILDING].some((named) => named.test(folder))) &&
          !(PLACES.test(folder) && ENVIRONMENTS.test(path[i - 1] ?? '')),
      ) ||
    /\.golden\.ya?ml$/.test(file) ||
    isGenerated(text)
  );
}

/** True when the comments a text begins with say that a tool wrote it. */
function isGenerated(text: string): boolean {
  for (const line of text.slice(0, 4000).split('\n', 40)) {
    if (!/^\s*(?:#|---|$)/.test(line)) return false;
    if (/\bdo not (?:manually )?edit\b|\bauto-?generated\b|\bcode generated\b/i.test(line)) return true;
  }
  return false;
}
