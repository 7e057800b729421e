/** The compiler calls of a build step: which program they make and under what name. */

import { absoluteIn, baseOf } from './container-paths.ts';
import { shellCommands } from './shell.ts';

/** One program that a step makes, moves or installs. */
export type Product =
  | {
      readonly kind: 'go';
      /** Absolute path of the result; undefined: the tool's own choice. A folder when it ends in `/`. */
      readonly output: string | undefined;
      /** Absolute path in the image or an import path. */
      readonly package: string;
      readonly cwd: string;
      /** False after `CGO_ENABLED=0`; undefined when nothing says. */
      readonly cgo: boolean | undefined;
    }
  | {
      readonly kind: 'cargo';
      /** Names given by `--bin`; empty: all of what is built. */
      readonly bins: readonly string[];
      readonly packages: readonly string[];
      /** `--target`, as written. */
      readonly target: string | undefined;
    }
  /** `cp`, `mv`, `ln`: the file keeps its contents and gets another name. */
  | { readonly kind: 'move'; readonly from: string; readonly to: string }
  /** `make`, `just` and scripts: something is built that cannot be read here. */
  | { readonly kind: 'opaque'; readonly command: string };

const GO_VALUE_FLAGS =
  /^-(asmflags|buildmode|buildvcs|compiler|gccgoflags|gcflags|installsuffix|ldflags|mod|modfile|overlay|p|pgo|pkgdir|tags|toolexec|C|covermode|coverpkg)$/;

/** The commands that a call of make or just runs, where its file is in the workspace. */
export type RecipeReader = (
  folder: string,
  targets: readonly string[],
  given: ReadonlyMap<string, string>,
) => readonly string[] | undefined;

/** Reads the commands of a `RUN`; `cwd` is the working directory in front of it. */
export function productsOf(
  script: string,
  cwd: string,
  variable: (name: string) => string | undefined,
  recipe?: RecipeReader,
): Product[] {
  const products: Product[] = [];
  let at = cwd;
  let cgo = cgoOf(variable('CGO_ENABLED'));
  for (const { words, assignments } of shellCommands(script)) {
    const said = cgoOf(assignments.get('CGO_ENABLED'));
    if (said !== undefined && words.length === 0) cgo = said;
    const flags = words.filter((w) => !/^--mount|^--network|^--security/.test(w));
    const command = baseOf(flags[0] ?? '');
    if (command === 'cd' || command === 'pushd') at = absoluteIn(at, flags[1] ?? '/');
    const go = flags.findIndex((w) => /(^|\/)(xx-)?go[\d.]*$/.test(w));
    const cargo = flags.findIndex((w) => /(^|\/)(xx-|just-)?(cargo|cross)(-\w+)?$|^\$\{?CARGO\}?$/.test(w));
    if (go >= 0 && /^(build|install)$/.test(flags[go + 1] ?? ''))
      products.push(...goProducts(flags.slice(go + 1), at, said ?? cgo));
    else if (
      cargo >= 0 &&
      flags.slice(cargo).some((w) => /^(build|b|install|zigbuild|auditable|rustc)$/.test(w))
    )
      products.push(cargoProduct(flags.slice(cargo + 1)));
    else if (/^(cp|mv|ln|install)$/.test(command)) {
      const paths = flags.slice(1).filter((w) => !w.startsWith('-'));
      const to = paths.pop();
      if (to !== undefined)
        for (const from of paths)
          products.push({
            kind: 'move',
            from,
            to: /(\/|^\.)$/.test(to) || paths.length > 1 ? `${to}/${baseOf(from)}` : to,
          });
    } else if (/^(make|just|task|mage|bazel|ninja)$|(build|compile|install-bin)[\w-]*\.sh$/.test(command))
      products.push(...madeBy(command, flags.slice(1), assignments, at, variable, recipe), {
        kind: 'opaque',
        command: flags.slice(0, 3).join(' '),
      });
  }
  return products;
}

/** What a call of make or just compiles; what its own calls of make do is among its commands already. */
function madeBy(
  command: string,
  words: readonly string[],
  assignments: ReadonlyMap<string, string>,
  cwd: string,
  variable: (name: string) => string | undefined,
  recipe: RecipeReader | undefined,
): Product[] {
  if (!recipe || !/^(make|just)$/.test(command)) return [];
  const given = new Map(assignments);
  const targets: string[] = [];
  let folder = cwd;
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    const assigned = /^([A-Za-z_]\w*)=(.*)$/s.exec(word);
    if (assigned) given.set(assigned[1]!, assigned[2]!);
    else if (word === '-C' || word === '--directory') folder = absoluteIn(cwd, words[++i] ?? '.');
    else if (word === '-f' || word === '--file') i++;
    else if (!word.startsWith('-') && !/[$>|<]/.test(word)) targets.push(word);
  }
  const commands = recipe(folder, targets, given) ?? [];
  return commands
    .flatMap((text) => productsOf(text, folder, variable))
    .filter((p) => p.kind === 'go' || p.kind === 'cargo');
}

function cgoOf(value: string | undefined): boolean | undefined {
  return value === '0' ? false : value === '1' ? true : undefined;
}

function goProducts(words: readonly string[], cwd: string, cgo: boolean | undefined): Product[] {
  const [verb, ...rest] = words;
  let output: string | undefined;
  let folder = cwd;
  const packages: string[] = [];
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i]!;
    if (word === '-o') output = rest[++i];
    else if (word.startsWith('-o=')) output = word.slice(3);
    else if (word === '-C') folder = absoluteIn(cwd, rest[++i] ?? '.');
    else if (GO_VALUE_FLAGS.test(word)) i++;
    else if (!word.startsWith('-') && !/^[>|<]|^\d>/.test(word)) packages.push(word);
  }
  if (verb === 'install' && packages.some((p) => p.includes('@'))) return [];
  const places = packages.length > 0 ? packages : ['.'];
  return [...new Set(places.map((p) => p.replace(/\/\*(\.go)?$/, '').replace(/\/[^/]+\.go$/, '')))].map(
    (written): Product => {
      const plain = /^[^/]+\.go$|^\*\.go$/.test(written) ? '.' : written;
      const isImport = !plain.startsWith('.') && !plain.startsWith('/') && /^[\w-]+\.\w[\w.-]*\//.test(plain);
      return {
        kind: 'go',
        output: output === undefined ? undefined : absoluteIn(cwd, output) + (/\/$/.test(output) ? '/' : ''),
        package: isImport ? plain : absoluteIn(folder, plain),
        cwd: folder,
        cgo,
      };
    },
  );
}

function cargoProduct(words: readonly string[]): Product {
  const bins: string[] = [];
  const packages: string[] = [];
  let target: string | undefined;
  for (let i = 0; i < words.length; i++) {
    const flag = /^(--?\w[\w-]*)(?:=(.*))?$/.exec(words[i]!);
    if (!flag) continue;
    const value = () => flag[2] ?? words[++i] ?? '';
    if (flag[1] === '--bin') bins.push(value());
    else if (flag[1] === '-p' || flag[1] === '--package') packages.push(value());
    else if (flag[1] === '--target') target = value();
  }
  return { kind: 'cargo', bins, packages, target };
}
