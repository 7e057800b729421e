/** What Rust code takes memory with: queues, caches, capacities and vectors. */
import {
  type ByteCacheRow,
  rustByteCaches,
  rustByteMethods,
  rustCountCaches,
  rustQueues,
} from '../../knowledge/budget.ts';
import { rustAllocations } from '../../knowledge/sizes.ts';
import type { Fn, SourceFile } from '../../program/program.ts';
import type { TypeRef } from '../../program/types/types.ts';
import type { Values } from '../../program/types/values.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { argumentOf, type DeepSize, deepSize } from './elements.ts';
import { byteCache, entry, nameOf, nextPowerOfTwo, pair, type Site, type Sizing, times } from './site.ts';
import { heldBodyOfRouter } from './standing.ts';

/** Reads the sites of Rust code. */
export class RustSites {
  readonly #sizing: Sizing;

  constructor(sizing: Sizing) {
    this.#sizing = sizing;
  }

  /** What a node takes, or undefined. */
  at(file: SourceFile, fn: Fn, n: NodeId): Site | undefined {
    const { code } = file;
    switch (code.kind(n)) {
      case Kind.Macro:
        return code.name(n) === 'vec' ? this.#vec(file, fn, n) : undefined;
      case Kind.MethodCall:
        return this.#rustMethod(file, fn, n);
      case Kind.Call:
        break;
      default:
        return undefined;
    }
    const callee = code.child(n, Role.Callee);
    if (callee < 0 || (code.kind(callee) !== Kind.Path && code.kind(callee) !== Kind.Name)) return undefined;
    const path = file.fullPath(code.name(callee));
    const args = code.all(n, Role.Arg);
    const site = (part: Partial<Site> & Pick<Site, 'formula' | 'class' | 'element'>, size: NodeId): Site => ({
      name: nameOf(file, fn, n) ?? lastTwo(path),
      fn,
      node: n,
      at: file.place(code.span(n)),
      amount: this.#sizing.amount(file, fn, size),
      bytes: times,
      onHeap: false,
      ...part,
    });
    const held = heldBodyOfRouter(fn, n);
    if (held)
      return this.#sizing.held(fn, held, {
        name: 'request bodies',
        at: file.place(code.span(n)),
        bytes: times,
        onHeap: false,
      });
    const queue = byEnd(rustQueues, path);
    if (queue && args[0] !== undefined) {
      const element = deepSize(this.#sizing.program, argumentOf(fn, n, 0));
      const sent = this.#sizing.sent(file, n, element);
      if (sent) return site({ ...sent, class: 'filled' }, args[0]);
      return site(
        {
          formula: queue.formula,
          class: queue.when,
          element,
          bytes: (count, e) => {
            const slots = queue.rounded ? nextPowerOfTwo(count) : count;
            return {
              low: slots * (roundTo8(e.low) + queue.slot[0]),
              high: slots * (roundTo8(e.high) + queue.slot[1]),
            };
          },
        },
        args[0],
      );
    }
    const counted = byEnd(rustCountCaches, path);
    if (counted !== undefined && args[counted] !== undefined)
      return site(this.#countCache(fn, n), args[counted] as NodeId);
    for (const [crate, rows] of Object.entries(rustByteCaches)) {
      const row = dependsOn(fn, crate) ? byEnd(rows, path) : undefined;
      const size = row && args[row.arg];
      if (row && size !== undefined)
        return site({ ...byteCache(row), name: nameOf(file, fn, n) ?? row.label }, size);
    }
    const [owner, method] = lastTwo(path).split('::');
    const index =
      method !== undefined && Object.hasOwn(rustAllocations, method) ? rustAllocations[method] : undefined;
    const size = index === undefined ? undefined : args[index];
    if (size === undefined || !/^with_capacity(_and_hasher)?$/.test(method ?? '')) return undefined;
    return site(this.#capacity(fn, n, owner ?? ''), size);
  }

  #countCache(fn: Fn, n: NodeId): Pick<Site, 'formula' | 'class' | 'element'> {
    const [key, value] = [0, 1].map((i) => deepSize(this.#sizing.program, argumentOf(fn, n, i), 0, true));
    return { formula: 'cache-count', class: 'filled', element: entry(key, value) };
  }

  #capacity(fn: Fn, n: NodeId, owner: string): Pick<Site, 'formula' | 'class' | 'element' | 'bytes'> {
    if (/^(HashMap|HashSet|DashMap|DashSet|FxHashMap|AHashMap|IndexMap|IndexSet)$/.test(owner)) {
      const key = deepSize(this.#sizing.program, argumentOf(fn, n, 0));
      const isSet = owner.endsWith('Set');
      const value = isSet ? undefined : deepSize(this.#sizing.program, argumentOf(fn, n, 1));
      const element = isSet ? key : pair(key, value as DeepSize | string);
      return {
        formula: 'rust-map-capacity',
        class: 'filled',
        element,
        bytes: (count, e) => {
          const buckets = nextPowerOfTwo(Math.ceil((8 * count) / 7));
          return { low: buckets * (e.low + 1), high: buckets * (e.high + 1) };
        },
      };
    }
    const isBytes = /^(String|BytesMut|PathBuf|OsString)$/.test(owner);
    const element: DeepSize | string = isBytes
      ? { bytes: { low: 1, high: 1 }, atLeast: false }
      : /^(Vec|VecDeque|BinaryHeap|Box)$/.test(owner)
        ? deepSize(this.#sizing.program, argumentOf(fn, n, 0))
        : /^Buf(Reader|Writer)$/.test(owner)
          ? { bytes: { low: 1, high: 1 }, atLeast: false }
          : 'what it holds is not known';
    return { formula: 'rust-capacity', class: 'filled', element, bytes: times };
  }

  #vec(file: SourceFile, fn: Fn, n: NodeId): Site | undefined {
    const { code } = file;
    const [value, count] = [code.child(n, Role.Arg), code.child(n, Role.Count)];
    if (value < 0 || count < 0) return undefined;
    const zero = isZero(code.name(value));
    const type = this.#sizing.values.typeOf(fn, value) ?? literalType(file, fn, value, this.#sizing.values);
    const element =
      elementOfLiteral(code.name(value)) ?? deepSize(this.#sizing.program, type ?? argumentOf(fn, n, 0));
    return {
      name: nameOf(file, fn, n) ?? 'vec!',
      fn,
      node: n,
      at: file.place(code.span(n)),
      formula: zero ? 'rust-zeroed-vec' : 'rust-filled-vec',
      class: zero ? 'filled' : 'committed',
      amount: this.#sizing.amount(file, fn, count),
      element,
      bytes: times,
      onHeap: false,
    };
  }

  #rustMethod(file: SourceFile, fn: Fn, n: NodeId): Site | undefined {
    const { code } = file;
    const name = code.name(n);
    const size = code.child(n, Role.Arg);
    if (size < 0) return undefined;
    const site = (row: ByteCacheRow, label: string): Site => ({
      ...byteCache(row),
      name: nameOf(file, fn, n) ?? label,
      fn,
      node: n,
      at: file.place(code.span(size)),
      amount: this.#sizing.amount(file, fn, size),
      onHeap: false,
    });
    if (name === 'max_capacity' && (dependsOn(fn, 'moka') || dependsOn(fn, 'mini_moka'))) {
      const weighed = chainHas(file, n, 'weigher');
      if (weighed === undefined) {
        const element = this.#countCache(fn, outermost(file, n));
        return {
          ...site(
            { arg: 0, unit: 1, formula: 'cache-count', when: 'filled', label: 'the cache' },
            'the cache',
          ),
          ...element,
          bytes: times,
        };
      }
      // Weights are bytes when they are measured on the value, not counted.
      if (!/\b(len|capacity|size|bytes|mem|weight|estimate)/.test(wordsIn(file, weighed))) return undefined;
      return site(
        { arg: 0, unit: 1, formula: 'cache-bytes', when: 'filled', label: 'the cache' },
        'the cache',
      );
    }
    for (const [crate, rows] of Object.entries(rustByteMethods))
      if (dependsOn(fn, crate) && Object.hasOwn(rows, name)) return site(rows[name]!, rows[name]!.label);
    return undefined;
  }
}

function byEnd<T>(rows: Readonly<Record<string, T>>, path: string): T | undefined {
  const key = Object.keys(rows).find((k) => path === k || path.endsWith(`::${k}`));
  return key === undefined ? undefined : rows[key];
}

function dependsOn(fn: Fn, crate: string): boolean {
  return (fn.package.project?.dependencies ?? []).some((d) => d.replaceAll('-', '_') === crate);
}

/** The call in the same chain of methods, or undefined. */
function chainHas(file: SourceFile, n: NodeId, method: string): NodeId | undefined {
  const { code } = file;
  for (
    let at = outermost(file, n);
    at >= 0 && code.kind(at) === Kind.MethodCall;
    at = code.child(at, Role.Object)
  )
    if (code.name(at) === method) return at;
  return undefined;
}

/** The last call of the chain of methods that a call is in. */
function outermost(file: SourceFile, n: NodeId): NodeId {
  const { code } = file;
  let at = n;
  for (;;) {
    const parent = code.parent(at);
    if (parent < 0 || code.kind(parent) !== Kind.MethodCall || code.role(at) !== Role.Object) return at;
    at = parent;
  }
}

function wordsIn(file: SourceFile, n: NodeId): string {
  const words: string[] = [];
  for (const arg of file.code.all(n, Role.Arg))
    for (let at = arg; at < file.code.after(arg); at++) words.push(file.code.name(at));
  return words.join(' ');
}

function isZero(literal: string): boolean {
  return /^0+(_?[ui](8|16|32|64|128|size))?$|^0\.0*(_?f(32|64))?$|^0x0+$|^0b0+$|^false$|^None$/.test(literal);
}

/** The size of a literal with its type behind it: `0u8`. */
function elementOfLiteral(literal: string): DeepSize | undefined {
  const suffix = /^[\d_.xob]+?([uif](8|16|32|64|128|size))$/.exec(literal);
  const bytes = suffix
    ? suffix[2] === 'size'
      ? 8
      : Number(suffix[2]) / 8
    : /^(true|false|b'.*')$/s.test(literal)
      ? 1
      : undefined;
  return bytes === undefined ? undefined : { bytes: { low: bytes, high: bytes }, atLeast: false };
}

function literalType(file: SourceFile, fn: Fn, n: NodeId, values: Values): TypeRef | undefined {
  return file.code.kind(n) === Kind.Sequence ? values.typeOf(fn, n) : undefined;
}

function roundTo8(n: number): number {
  return Math.ceil(n / 8) * 8;
}

function lastTwo(path: string): string {
  return path.split('::').slice(-2).join('::');
}
