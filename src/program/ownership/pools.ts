import {
  freeListNames,
  givesBack,
  poolTypeNames,
  putMethods,
  rustPoolCrates,
} from '../../knowledge/pools.ts';
import { type Code, kinds } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { Calls } from '../calls/calls.ts';
import { Places } from '../places/places.ts';
import type { Fn, Package, Program, TypeDecl } from '../program.ts';
import { lastSegment, peel, type TypeRef } from '../types/types.ts';
import type { Values } from '../types/values.ts';
import { bufferShape } from './buffers.ts';

const WANTED = kinds(Kind.MethodCall, Kind.Send, Kind.Assign);

/** A statement that hands a value to a pool, so that somebody else can use its allocation again. */
export interface PoolPut {
  readonly fn: Fn;
  readonly node: NodeId;
  /** What is handed over. */
  readonly value: NodeId;
  readonly type: TypeRef | undefined;
  /** The pool, as its key and as a person knows it. */
  readonly key: string;
  readonly name: string;
  /** The pool is chosen by the size of what is put into it. */
  readonly bySize: boolean;
  /** The functions between the put and the pool, outermost first: `func put(b T) { pool.Put(b) }`. */
  readonly through: readonly { readonly fn: Fn; readonly node: NodeId }[];
}

/** All puts of a package, in source order; kept, as the program's types are asked of them too. */
export function poolPuts(pkg: Package): readonly PoolPut[] {
  const kept = pkg.program.derive(makePuts);
  let puts = kept.get(pkg);
  if (!puts) {
    puts = findPuts(pkg);
    kept.set(pkg, puts);
  }
  return puts;
}

const makePuts = () => new Map<Package, readonly PoolPut[]>();

function findPuts(pkg: Package): readonly PoolPut[] {
  const reader = new PoolReader(pkg);
  const out: PoolPut[] = [];
  for (const fn of pkg.serviceFunctions) {
    const code = fn.code;
    const { first: body, after } = fn;
    for (let n = code.next(WANTED, body, after); n < after; n = code.next(WANTED, n + 1, after)) {
      const put = pkg.language === 'go' ? reader.goPut(fn, n) : reader.rustPut(fn, n);
      if (put) out.push(...reader.expand(put));
    }
  }
  return out;
}

/** The declared types whose values are kept in pools. */
export function pooledTypes(program: Program): ReadonlySet<TypeDecl> {
  return program.derive(findPooledTypes);
}

function findPooledTypes(program: Program): Set<TypeDecl> {
  const out = new Set<TypeDecl>();
  for (const pkg of program.packages)
    for (const put of poolPuts(pkg)) {
      const decl = put.type && peel(put.type).type.decl;
      if (decl) out.add(decl);
    }
  return out;
}

class PoolReader {
  readonly #places: Places;
  readonly #values: Values;
  readonly #calls: Calls;

  constructor(pkg: Package) {
    this.#places = Places.of(pkg.program);
    this.#values = this.#places.values;
    this.#calls = Calls.of(pkg.program);
  }

  goPut(fn: Fn, n: NodeId): PoolPut | undefined {
    const code = fn.code;
    switch (code.kind(n)) {
      case Kind.MethodCall: {
        if (code.name(n) !== 'Put') return undefined;
        const args = code.all(n, Role.Arg);
        const object = code.child(n, Role.Object);
        if (args.length !== 1) return undefined;
        return this.#isSyncPool(fn, object) ? this.#put(fn, n, object, args[0] as NodeId) : undefined;
      }
      case Kind.Send:
        return this.#freeChannel(fn, n);
      default:
        return this.#freeList(fn, n);
    }
  }

  /** `sync.Pool`, a pointer to one, or a type that embeds one. */
  #isSyncPool(fn: Fn, object: NodeId): boolean {
    const type = this.#values.typeOf(fn, object);
    if (!type) return false;
    const { type: inner } = peel(type);
    if (!inner.decl) return inner.name === 'sync.Pool';
    return (
      this.#values.methodsOfDecl(inner.decl, 'Put').length === 0 &&
      inner.decl.fact.fields.some(
        (f) =>
          f.embedded &&
          this.#values.types.at((inner.decl as { file: Fn['file'] }).file, f.type)?.name === 'sync.Pool',
      )
    );
  }

  /** `select { case free <- b: default: }` */
  #freeChannel(fn: Fn, n: NodeId): PoolPut | undefined {
    const code = fn.code;
    const channel = code.child(n, Role.Object);
    const arm = code.parent(n);
    if (arm < 0 || code.kind(arm) !== Kind.Arm || code.role(n) !== Role.Comm) return undefined;
    const gives = code.all(code.parent(arm), Role.Arm).some((a) => code.child(a, Role.Comm) < 0);
    if (!gives || !this.#isNamedFree(fn, channel)) return undefined;
    return this.#put(fn, n, channel, code.child(n, Role.Value));
  }

  /** `p.free = append(p.free, b)` */
  #freeList(fn: Fn, n: NodeId): PoolPut | undefined {
    const code = fn.code;
    const target = code.child(n, Role.Target);
    const value = code.child(n, Role.Value);
    if (value < 0 || code.kind(value) !== Kind.Call) return undefined;
    const args = code.all(value, Role.Arg);
    if (!code.is(code.child(value, Role.Callee), Kind.Name, 'append') || args.length !== 2) return undefined;
    if (!this.#isNamedFree(fn, target) || code.kind(args[1] as NodeId) === Kind.Unary) return undefined;
    return this.#put(fn, n, target, args[1] as NodeId);
  }

  /** The list or channel is called a pool, or belongs to a type that is. */
  #isNamedFree(fn: Fn, object: NodeId): boolean {
    // `func (l buffers) put(b *bytes.Buffer)` of a channel type: it is the pool itself.
    if (fn.package.language === 'go' && fn.code.is(object, Kind.Name, fn.fact.receiver))
      return givesBack.test(fn.fact.name);
    const place = this.#places.of(fn, object);
    if (!place || place.root === 'local' || place.root === 'parameter') return false;
    return freeListNames.test(place.name) || poolTypeNames.test(place.owner?.fact.name ?? '');
  }

  rustPut(fn: Fn, n: NodeId): PoolPut | undefined {
    const code = fn.code;
    if (code.kind(n) !== Kind.MethodCall) return undefined;
    if (!putMethods.test(code.name(n))) return undefined;
    const [value, ...more] = code.all(n, Role.Arg);
    if (value === undefined || more.length > 0) return undefined;
    const object = code.child(n, Role.Object);
    if (!this.#isNamedFree(fn, object) && !this.#isGivenBack(fn, object, n, value)) return undefined;
    const type = this.#values.typeOf(fn, object);
    const inner = type && peel(type).type;
    const holds = inner?.args[0];
    const put = this.#put(fn, n, object, value);
    return holds && !rustPoolCrates.test(lastSegment(inner.name)) ? { ...put, type: put.type ?? holds } : put;
  }

  /** `text.clear(); self.shelf.push(text);`: what is empty is kept for its memory, whatever keeps it is called. */
  #isGivenBack(fn: Fn, object: NodeId, push: NodeId, value: NodeId): boolean {
    const { code } = fn;
    const place = code.is(value, Kind.Name) ? this.#places.of(fn, object) : undefined;
    if (!place || place.root === 'local' || place.root === 'parameter') return false;
    for (let n = fn.first; n < push; n++)
      if (
        code.is(n, Kind.MethodCall, 'clear') &&
        code.is(code.child(n, Role.Object), Kind.Name, code.name(value)) &&
        code.within(
          push,
          code.ancestor(n, (a) => code.kind(a) === Kind.Block),
        )
      )
        return true;
    return false;
  }

  #put(fn: Fn, node: NodeId, pool: NodeId, value: NodeId): PoolPut {
    const code = fn.code;
    const place = this.#places.of(fn, pool);
    const bare = stripped(code, value);
    return {
      fn,
      node,
      value: bare,
      type: this.#values.typeOf(fn, bare),
      key: place?.key ?? `${fn.id}:${code.start(pool)}`,
      name: place?.name ?? code.name(pool),
      bySize: this.#isChosen(fn, pool) && measuresCapacity(fn),
      through: [],
    };
  }

  /** One of several pools: `pools[i]`, `self.class(n).lock()`. */
  #isChosen(fn: Fn, pool: NodeId): boolean {
    const code = fn.code;
    for (let n = pool; n >= 0; n = code.child(n, Role.Object)) {
      if (code.kind(n) === Kind.Index) return true;
      if (code.kind(n) === Kind.MethodCall && code.child(n, Role.Arg) >= 0) return true;
    }
    return false;
  }

  /** The puts behind a put: where a wrapper takes anything, what its callers hand it. */
  expand(put: PoolPut, depth = 0): PoolPut[] {
    const { fn, value } = put;
    const code = fn.code;
    const b =
      code.kind(value) === Kind.Name
        ? this.#values.scope(fn).lookup(code.name(value), code.start(value))
        : undefined;
    const known = put.type && (peel(put.type).type.decl || bufferShape(this.#values.types, put.type));
    if (b?.source !== 'parameter' || known || depth > 2) return [put];
    const isMethod = fn.fact.receiver !== '';
    return this.#calls.sitesOf(fn).flatMap((site) => {
      const arg = site.kind === 'call' ? site.fn.code.all(site.node, Role.Arg)[b.index] : undefined;
      if (arg === undefined || site.fn.isTest) return [];
      const outer = isMethod
        ? this.#places.of(site.fn, site.fn.code.child(site.node, Role.Object))
        : undefined;
      const bare = stripped(site.fn.code, arg);
      return this.expand(
        {
          ...put,
          fn: site.fn,
          node: site.node,
          value: bare,
          type: this.#values.typeOf(site.fn, bare),
          key: outer && outer.root !== 'unknown' ? outer.key : put.key,
          name: outer && outer.root !== 'unknown' ? outer.name : put.name,
          through: [...put.through, { fn, node: put.node }],
        },
        depth + 1,
      );
    });
  }
}

/** The value itself: `&b`, `(*b)[:0]`, `mem::take(&mut self.buf)`. */
function stripped(code: Code, value: NodeId): NodeId {
  let n = value;
  for (let i = 0; i < 6; i++) {
    const kind = code.kind(n);
    let inner = -1;
    if (kind === Kind.Unary && code.name(n) !== '<-') inner = code.child(n, Role.Object);
    else if (kind === Kind.Slice) inner = code.child(n, Role.Object);
    else if (kind === Kind.Call && /(^|::)mem::(take|replace)$/.test(code.name(code.child(n, Role.Callee))))
      inner = code.child(n, Role.Arg);
    if (inner < 0) break;
    n = inner;
  }
  return n;
}

/** The function asks how large something is: it chooses the pool by it. */
function measuresCapacity(fn: Fn): boolean {
  const code = fn.code;
  const { first: body, after } = fn;
  for (let n = body; n < after; n++) {
    const kind = code.kind(n);
    if (kind === Kind.MethodCall && /^(Cap|capacity)$/.test(code.name(n))) return true;
    if (kind === Kind.Call && code.is(code.child(n, Role.Callee), Kind.Name, 'cap')) return true;
  }
  return false;
}
