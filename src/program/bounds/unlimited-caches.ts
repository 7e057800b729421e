/** Caches of libraries that are made without any limit. */
import {
  cacheLimits,
  cacheRemovals,
  goUnlimitedCaches,
  memoAttributes,
  memoLimits,
  unlimitedCaches,
} from '../../knowledge/caches.ts';
import { CALLS, type Code, kinds } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { Phases } from '../phases/phases.ts';
import type { Reach } from '../phases/reach.ts';
import type { Fn, Package } from '../program.ts';
import { Constants } from '../sizes/constants.ts';
import { byLastSegment, keyOf, lastSegment, peel, type TypeRef } from '../types/types.ts';
import { Values } from '../types/values.ts';

const METHOD_CALLS = kinds(Kind.MethodCall);

/** A cache that keeps whatever is put into it. */
export interface UnlimitedCache {
  readonly fn: Fn;
  /** The constructor, or -1 for a function with an attribute. */
  readonly node: NodeId;
  /** As written: `LruCache::unbounded`, `#[cached]`. */
  readonly verb: string;
  /** When what fills it runs. */
  readonly reach: Reach;
}

/** All such caches of a crate outside tests, in source order. */
export function unlimitedCachesOf(pkg: Package): UnlimitedCache[] {
  const phases = Phases.of(pkg.program);
  const out: UnlimitedCache[] = [];
  for (const fn of pkg.serviceFunctions) {
    const memo = memoOf(fn);
    if (memo !== undefined) out.push({ fn, node: -1, verb: memo, reach: phases.of(fn) });
    const { first: body, after } = fn;
    for (let n = fn.code.next(CALLS, body, after); n < after; n = fn.code.next(CALLS, n + 1, after)) {
      const verb = constructorOf(fn, n);
      if (verb !== undefined && !isEmptiedIn(fn, n)) out.push({ fn, node: n, verb, reach: phases.at(fn, n) });
    }
  }
  return out;
}

/** Go: caches that are made without a limit and filled while requests are handled, in source order. */
export function goUnlimitedCachesOf(pkg: Package): UnlimitedCache[] {
  const { program } = pkg;
  const [values, constants, phases] = [Values.of(program), Constants.of(program), Phases.of(program)];
  const out: UnlimitedCache[] = [];
  for (const fn of pkg.serviceFunctions) {
    const { code } = fn;
    for (
      let node = code.next(METHOD_CALLS, fn.first, fn.after);
      node < fn.after;
      node = code.next(METHOD_CALLS, node + 1, fn.after)
    ) {
      if (!code.is(node, Kind.MethodCall, 'New')) continue;
      const object = code.child(node, Role.Object);
      const path = values.goPackage(fn, object);
      const row = path === undefined ? undefined : goUnlimitedCaches[`${path}.New`];
      const limit = row && code.all(node, Role.Arg)[row.argument];
      if (!row || limit === undefined) continue;
      const { value, settings } = constants.in(fn, limit);
      if (value === undefined || value > row.none || settings.length > 0) continue;
      const reach = filledBy(pkg, keptUnder(code, node), row.fills, phases);
      if (reach) out.push({ fn, node, verb: `${code.name(object)}.New`, reach });
    }
  }
  return out;
}

/** The field or name that a value is put into. */
function keptUnder(code: Code, made: NodeId): string {
  const up = code.parent(made);
  if (code.kind(up) === Kind.FieldInit) return code.name(up);
  if (code.kind(up) === Kind.Let) return code.name(code.child(up, Role.Pattern));
  return code.kind(up) === Kind.Assign ? code.name(code.child(up, Role.Target)) : '';
}

/** A call that puts something into what is kept under a name, while requests are handled and under a key that is not written there. */
function filledBy(pkg: Package, name: string, fills: RegExp, phases: Phases): Reach | undefined {
  for (const fn of name === '' ? [] : pkg.serviceFunctions) {
    const { code } = fn;
    for (let n = fn.first; n < fn.after; n++) {
      if (code.kind(n) !== Kind.MethodCall || !fills.test(code.name(n))) continue;
      if (
        code.name(code.child(n, Role.Object)) !== name ||
        code.kind(code.child(n, Role.Arg)) === Kind.String
      )
        continue;
      const reach = phases.at(fn, n);
      if (reach.request) return reach;
    }
  }
  return undefined;
}

/** The file takes entries out by hand: the limit is another one than the number of entries. */
function isEmptiedIn({ file }: Fn, made: NodeId): boolean {
  const { code } = file;
  const init = code.ancestor(made, (a) => code.kind(a) === Kind.FieldInit || code.kind(a) === Kind.Let);
  const name =
    init < 0
      ? ''
      : code.kind(init) === Kind.Let
        ? code.name(code.child(init, Role.Pattern))
        : code.name(init);
  for (let n = 0; n < code.size; n++) {
    if (code.kind(n) !== Kind.MethodCall) continue;
    // With a key it is a cache that is popped, not a list or a heap.
    if (cacheRemovals.has(code.name(n)) || (code.name(n) === 'pop' && code.child(n, Role.Arg) >= 0))
      return true;
    // Anything has a `remove`: that of the field or local it is put into.
    if (name !== '' && code.name(n) === 'remove' && code.name(code.child(n, Role.Object)) === name)
      return true;
  }
  return false;
}

/** `#[cached]` without a size or a time, on a function whose arguments can have many values. */
function memoOf(fn: Fn): string | undefined {
  const written = fn.fact.attributes.find((a) => memoAttributes.test(a));
  if (written === undefined || memoLimits.test(written)) return undefined;
  const values = Values.of(fn.package.program);
  const isOpen = (p: NodeId) => {
    const type = values.types.at(fn.file, fn.code.child(p, Role.Type));
    return type !== undefined && hasManyValues(type);
  };
  return fn.fact.params.some(isOpen) ? `#[${/^[\w:]+/.exec(written)?.[0] ?? written}]` : undefined;
}

function hasManyValues(type: TypeRef): boolean {
  const { type: inner } = peel(type);
  if (inner.decl) return inner.decl.fact.kind !== 'enum' || inner.decl.fact.fields.length > 0;
  return !/^(bool|u8|i8|u16|i16)$/.test(lastSegment(inner.name));
}

const constructors = byLastSegment(unlimitedCaches);

/** A constructor that sets no limit, or a builder that ends without one. */
function constructorOf(fn: Fn, n: NodeId): string | undefined {
  const code = fn.code;
  const kind = code.kind(n);
  if (kind === Kind.Call) {
    const callee = code.child(n, Role.Callee);
    const written = callee < 0 ? '' : code.name(callee);
    const key = written === '' ? undefined : keyOf(constructors, fn.file.fullPath(written));
    return key !== undefined && unlimitedCaches[key]?.crate.test(fn.file.fullPath(written))
      ? written
      : undefined;
  }
  if (kind !== Kind.MethodCall || !/^(build|build_with_hasher)$/.test(code.name(n))) return undefined;
  for (let at = code.child(n, Role.Object); at >= 0; at = code.child(at, Role.Object)) {
    if (code.kind(at) === Kind.MethodCall) {
      if (cacheLimits.has(code.name(at))) return undefined;
      continue;
    }
    if (code.kind(at) !== Kind.Call) return undefined;
    const callee = code.child(at, Role.Callee);
    const written = callee < 0 ? '' : code.name(callee);
    const isBuilder = /(^|::)(Cache::builder|CacheBuilder::new|CacheBuilder::default)$/.test(written);
    // `CacheBuilder::new(10_000)` says how many.
    if (!isBuilder || code.child(at, Role.Arg) >= 0) return undefined;
    return /(^|::)(moka|mini_moka)::/.test(fn.file.fullPath(written)) ? `${written}().build` : undefined;
  }
  return undefined;
}
