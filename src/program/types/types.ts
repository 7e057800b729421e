import {
  boundedContainers,
  type ContainerRow,
  goContainers,
  goTexts,
  goWrappers,
  rustContainers,
  rustWrappers,
  sharingWrappers,
} from '../../knowledge/containers.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { meant, takenWhole } from '../modules.ts';
import { groupBy, type Package, type SourceFile, type TypeDecl } from '../program.ts';
import { Recent } from '../recent.ts';
import { knownGoUnderlying, withoutMajor } from './go-types.ts';

/** A type as far as Headroom follows it: its canonical name, its arguments, its declaration in the workspace. */
export interface TypeRef {
  /** Built-in names as in `Kind.Type`; else the path with import aliases resolved: `std::collections::HashMap`, `sync.Map`. */
  readonly name: string;
  readonly args: readonly TypeRef[];
  readonly decl: TypeDecl | undefined;
  /** Where it is written, for anonymous structs. */
  readonly file: SourceFile;
  readonly node: NodeId;
}

/** The last segment of a Rust path or of a Go qualified name. */
export function lastSegment(name: string): string {
  for (let i = name.length - 1; i >= 0; i--) {
    const c = name.charCodeAt(i);
    if (c === COLON || c === DOT) return name.slice(i + 1);
  }
  return name;
}

/** The first segment of a Rust path. */
export function firstSegment(path: string): string {
  const end = path.indexOf('::');
  return end < 0 ? path : path.slice(0, end);
}

const COLON = 58;
const DOT = 46;

/** The paths of a table by their last segment. */
export function byLastSegment(
  table: Readonly<Record<string, unknown>>,
): ReadonlyMap<string, readonly string[]> {
  return groupBy(Object.keys(table), lastSegment);
}

/** The path of a table that a path is, or ends with. */
export function keyOf(paths: ReadonlyMap<string, readonly string[]>, path: string): string | undefined {
  const same = paths.get(lastSegment(path));
  return same?.find((known) => path === known) ?? same?.find((known) => path.endsWith(`::${known}`));
}

/** Files whose types are kept: those of a large package and of what it uses. */
export const FILES = 512;

const NONE: readonly never[] = Object.freeze([]);

/** Resolves written types. One per program; results are kept per file. */
export class Types {
  readonly #memo = new Recent((_: SourceFile) => new Map<NodeId, TypeRef>(), FILES);
  /** The same few names are written again and again. */
  readonly #names = new Recent((_: SourceFile) => new Map<string, TypeRef>(), FILES);
  readonly #following = new Set<TypeDecl>();

  /** The type written at a Type node. */
  at(file: SourceFile, node: NodeId): TypeRef | undefined {
    if (node < 0) return undefined;
    const memo = this.#memo.get(file);
    const known = memo.get(node);
    if (known) return known;
    const code = file.code;
    if (code.kind(node) !== Kind.Type) return undefined;
    const named = this.named(file, code.name(node));
    const end = code.after(node);
    let found: TypeRef[] | undefined;
    for (let c = node + 1; c < end; c = code.after(c)) {
      if (code.role(c) === Role.Count) continue;
      // Go's named results stand in the tuple with their names.
      const arg = this.at(file, code.kind(c) === Kind.Param ? code.child(c, Role.Type) : c);
      if (!arg) continue;
      // As long as it will be: most have one.
      if (found) found.push(arg);
      else found = [arg];
    }
    const args = found ?? NONE;
    const alias = args.length > 0 ? this.declaration(file, code.name(node)) : undefined;
    // What an alias stands for is written where the alias is declared: its length and fields are read there.
    const written = named.node >= 0 ? named.node : node;
    const ref: TypeRef =
      alias?.fact.kind === 'alias'
        ? { ...substitute(named, alias, args), node: written }
        : { ...named, args: args.length > 0 ? args : named.args, node: written };
    // What has no parts is found as fast by its name, and is most of what is written.
    if (end > node + 1) memo.set(node, ref);
    return ref;
  }

  /** The type of a name written in a file; aliases in the workspace are followed. */
  named(file: SourceFile, written: string): TypeRef {
    const names = this.#names.get(file);
    let type = names.get(written);
    if (!type) {
      type = this.#resolve(file, written);
      // While an alias is followed, one in terms of itself is not what it is elsewhere.
      if (this.#following.size === 0) names.set(written, type);
    }
    return type;
  }

  /** The same for what is written in the files asked for last. */
  forget(): void {
    this.#memo.clear();
    this.#names.clear();
  }

  #resolve(file: SourceFile, written: string): TypeRef {
    const decl = this.declaration(file, written);
    if (decl?.fact.kind === 'alias' && decl.fact.target >= 0 && !this.#following.has(decl)) {
      // An alias may be written in terms of itself, by mistake or because two crates share a name.
      this.#following.add(decl);
      const target = this.at(decl.file, decl.fact.target);
      this.#following.delete(decl);
      if (target && target.decl !== decl) return target;
    }
    return { name: decl ? decl.id : canonical(file, written), args: NONE, decl, file, node: -1 };
  }

  /** The declaration of a type name in the workspace, or undefined. */
  declaration(file: SourceFile, written: string): TypeDecl | undefined {
    if (!written) return undefined;
    const pkg = file.package;
    if (file.facts.language === 'go') {
      const dot = written.indexOf('.');
      if (dot < 0) {
        const named = pkg.typesNamed(written);
        return named.find((t) => !t.fact.local) ?? named.find((t) => t.file === file);
      }
      const path = file.importPath(written.slice(0, dot));
      return path === undefined
        ? undefined
        : pkg.program
            .packageAt(path)
            ?.typesNamed(written.slice(dot + 1))
            .find((t) => !t.fact.local);
    }
    const end = written.indexOf('::');
    if (end < 0) {
      const imported = file.importPath(written);
      if (imported !== undefined) return this.#rustPath(pkg, file, imported);
      const here = nearest(pkg.typesNamed(written), file);
      return here && (here.file === file || !isStdName(written)) ? here : undefined;
    }
    const path = file.importPath(written.slice(0, end));
    return this.#rustPath(pkg, file, path === undefined ? written : path + written.slice(end));
  }

  #rustPath(pkg: Package, file: SourceFile, path: string): TypeDecl | undefined {
    if (/^(std|core|alloc)\b/.test(path)) return undefined;
    const last = lastSegment(path);
    const first = firstSegment(path);
    const other = pkg.program.packageAt(first);
    if (other && other !== pkg && first !== 'crate' && first !== 'self' && first !== 'super')
      return nearest(other.typesNamed(last), file, `crate${path.slice(first.length)}`);
    const candidates = pkg.typesNamed(last);
    if (candidates.length === 0) return undefined;
    if (first === 'crate' || first === 'self' || first === 'super' || other === pkg)
      return nearest(candidates, file, path);
    // `use Subcommand as S;` in a function names what lies beside it.
    if (first === path) return nearest(candidates, file);
    // `module::Type` of a module in this crate, or a type of an unknown crate.
    return meant(candidates, file, path.split('::').slice(-2).join('::'))[0];
  }
}

function isStdName(name: string): boolean {
  return name in rustContainers || name in rustWrappers;
}

/** Of several declarations of one name the one that the path means, else one that the file has a name for, else the first. */
function nearest(candidates: readonly TypeDecl[], file: SourceFile, path = ''): TypeDecl | undefined {
  if (candidates.length < 2) return candidates[0];
  const isPath = path.includes('::');
  return (
    (isPath ? meant(candidates, file, path)[0] : undefined) ??
    candidates.find((d) => d.file === file) ??
    (isPath ? undefined : takenWhole(candidates, file)[0]) ??
    candidates[0]
  );
}

function canonical(file: SourceFile, written: string): string {
  if (file.facts.language === 'go') {
    const dot = written.indexOf('.');
    if (dot < 0) return written;
    const path = file.importPath(written.slice(0, dot));
    return path === undefined ? written : `${withoutMajor(path)}.${written.slice(dot + 1)}`;
  }
  const colon = written.indexOf('::');
  const first = colon < 0 ? written : written.slice(0, colon);
  const path = file.importPath(first);
  const full = path === undefined ? written : path + (colon < 0 ? '' : written.slice(colon));
  // `use crate::plumbing::Inlet`, which that module has taken from another crate under another name.
  return file.package.renamed(file, full) ?? full;
}

/** What lies on the way from a written type to the value inside. */
export interface Peeled {
  readonly type: TypeRef;
  /** The names of the wrappers passed, outermost first. */
  readonly wrappers: readonly string[];
}

/** Takes off references, pointers, locks, cells and options. */
export function peel(type: TypeRef): Peeled {
  let wrappers: string[] | undefined;
  let t = type;
  for (let i = 0; i < MOST_WRAPPERS; i++) {
    const inner = wrapped(t);
    if (!inner) break;
    const key = t.file.facts.language === 'rust' ? lastSegment(t.name) : t.name;
    if (wrappers) wrappers.push(key);
    else wrappers = [key];
    t = inner;
  }
  return { type: t, wrappers: wrappers ?? NONE };
}

/** The value inside, as `peel` finds it: most who ask do not ask what it is wrapped in. */
export function unwrapped(type: TypeRef): TypeRef {
  let t = type;
  for (let i = 0; i < MOST_WRAPPERS; i++) {
    const inner = wrapped(t);
    if (!inner) break;
    t = inner;
  }
  return t;
}

const MOST_WRAPPERS = 16;

function wrapped({ decl, args, file, name }: TypeRef): TypeRef | undefined {
  // A defined Go type with a container or pointer underneath stays itself; see `container`. What wraps has arguments.
  if (decl || args.length === 0) return undefined;
  const index = file.facts.language === 'rust' ? rustWrappers[lastSegment(name)] : goWrappers[name];
  return index === undefined ? undefined : args[index];
}

/** `type PortMap<V> = HashMap<u16, V>`: the arguments of the alias in the place of its parameters. */
function substitute(target: TypeRef, alias: TypeDecl, args: readonly TypeRef[]): TypeRef {
  const parameters = alias.fact.generics.map((g) => g.name);
  const replace = (t: TypeRef): TypeRef => {
    const at = t.decl ? -1 : parameters.indexOf(t.name);
    if (at >= 0) return args[at] ?? t;
    return t.args.length > 0 ? { ...t, args: t.args.map(replace) } : t;
  };
  return replace(target);
}

/** A growable container: what it is, what it keeps, and what it is wrapped in. */
export interface ContainerType {
  readonly row: ContainerRow;
  readonly type: TypeRef;
  readonly wrappers: readonly string[];
  /** Name for messages: `HashMap`, `map`, `slice`, `sync.Map`. */
  readonly label: string;
  readonly key: TypeRef | undefined;
  readonly value: TypeRef | undefined;
  /** Several threads can reach it through a wrapper or by its own nature. */
  readonly shared: boolean;
}

/** The growable container a type is or wraps, or undefined. */
export function container(types: Types, type: TypeRef | undefined): ContainerType | undefined {
  if (!type) return undefined;
  const { type: inner, wrappers } = peel(type);
  const shared = wrappers.some((w) => sharingWrappers.has(w));
  if (inner.decl) {
    // `type Registry map[string]T`: the container is underneath.
    if (inner.decl.fact.kind !== 'defined' || inner.decl.fact.target < 0) return undefined;
    const under = types.at(inner.decl.file, inner.decl.fact.target);
    const c = under && under.decl !== inner.decl ? container(types, under) : undefined;
    return c && { ...c, shared: c.shared || shared, wrappers: [...wrappers, ...c.wrappers] };
  }
  // `[RwLock<HashMap>; 16]`, `Vec<Mutex<HashMap>>`: the shards are one map.
  const shard = shardOf(inner);
  const c = shard && container(types, shard);
  if (c && c.row.shape !== 'list') return { ...c, wrappers: [...wrappers, inner.name, ...c.wrappers] };
  const row = rowOf(inner, rustContainers, goContainers);
  if (!row) {
    const under = inner.file.facts.language === 'go' ? knownGoUnderlying(inner) : undefined;
    return under && container(types, under);
  }
  return {
    row,
    type: inner,
    wrappers,
    label:
      lastSegment(inner.name) === 'Map' && inner.name.startsWith('sync')
        ? 'sync.Map'
        : lastSegment(inner.name),
    key: row.shape === 'list' ? undefined : inner.args[0],
    value: row.value < 0 ? undefined : inner.args[row.value],
    shared: shared || row.shared,
  };
}

/** Go: text that is added to piece by piece, as a container of its bytes. */
export function goText(type: TypeRef | undefined): ContainerType | undefined {
  if (!type) return undefined;
  const { type: inner, wrappers } = peel(type);
  if (inner.decl || inner.file.facts.language !== 'go' || !Object.hasOwn(goTexts, inner.name))
    return undefined;
  const row = goTexts[inner.name] as ContainerRow;
  return { row, type: inner, wrappers, label: inner.name, key: undefined, value: undefined, shared: false };
}

/** What an array or list has many of, when each of them carries its own lock. */
function shardOf(type: TypeRef): TypeRef | undefined {
  const [of] = type.args;
  if (!of || !/^(array|slice|Vec)$/.test(lastSegment(type.name))) return undefined;
  const { wrappers } = peel(of);
  return wrappers.some((w) => sharingWrappers.has(w)) || (type.name === 'array' && wrappers.length > 0)
    ? of
    : undefined;
}

/** The type is an array or list of maps that carry a lock each. */
export function isSharded(types: Types, type: TypeRef | undefined): boolean {
  if (!type) return false;
  const shard = shardOf(unwrapped(type));
  const c = shard && container(types, shard);
  return c !== undefined && c.row.shape !== 'list';
}

/** What bounds a container type by its own nature, or undefined. */
export function boundedBy(type: TypeRef | undefined): string | undefined {
  if (!type) return undefined;
  const inner = unwrapped(type);
  return inner.decl ? undefined : rowOf(inner, boundedContainers, boundedContainers)?.by;
}

function rowOf<T>(
  type: TypeRef,
  rust: Readonly<Record<string, T>>,
  go: Readonly<Record<string, T>>,
): T | undefined {
  const table = type.file.facts.language === 'rust' ? rust : go;
  const key = type.file.facts.language === 'rust' ? lastSegment(type.name) : type.name;
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
