/** The places of a program that take memory of a size its code tells. */

import { type Directive, parseDirective, targetLine } from '../core/directive.ts';
import type { Place } from '../core/span.ts';
import { LineIndex } from '../core/text-position.ts';
import {
  BLOCKING_THREADS,
  type ByteCacheRow,
  CACHE_ENTRY,
  DEFAULT_STACK,
  type FormulaId,
  GOROUTINE,
  goByteCaches,
  goByteFields,
  goByteMethods,
  goCountCaches,
  IDLE_THREAD,
  rustByteCaches,
  rustByteMethods,
  rustCountCaches,
  rustQueues,
} from '../knowledge/budget.ts';
import { rustAllocations } from '../knowledge/sizes.ts';
import { callName } from '../program/calls/call-name.ts';
import type { Fn, Global, Package, Program, SourceFile } from '../program/program.ts';
import type { Amount } from '../program/sizes/amount.ts';
import type { Constants } from '../program/sizes/constants.ts';
import { withoutMajor } from '../program/types/go-types.ts';
import { lastSegment, type TypeRef } from '../program/types/types.ts';
import { Values } from '../program/types/values.ts';
import { Kind, type NodeId, Role } from '../syntax/node.ts';
import { argumentOf, type DeepSize, deepSize, queuedBuffers } from './elements.ts';
import type { Bytes, ItemClass } from './ledger.ts';
import { sentBuffer } from './messages.ts';
import { type HeldBody, heldBody, heldBodyOfRouter, isWrittenAround } from './standing.ts';

/** One place with what it takes, before anybody asks how often it runs. */
export interface Site {
  readonly name: string;
  readonly fn: Fn | undefined;
  readonly node: NodeId;
  readonly at: Place;
  readonly formula: FormulaId;
  readonly class: ItemClass;
  /** How many elements, or how many bytes when `element` is absent. */
  readonly amount: Amount | undefined;
  /** Bytes of one element; a text says why they are not known. */
  readonly element: DeepSize | string | undefined;
  /** From count and element to bytes. */
  readonly bytes: (count: number, element: Bytes) => Bytes;
  readonly onHeap: boolean;
}

const goByteFieldNames = new Set(Object.keys(goByteFields).map((key) => key.slice(key.lastIndexOf('.') + 1)));

/** A smaller array is not worth the search for who writes it. */
const RING = 1 << 20;

const times = (count: number, element: Bytes): Bytes => ({
  low: count * element.low,
  high: count * element.high,
});

/** Threads and goroutines that a program starts: what each takes when it only waits, and the stack it reserves. */
function workOf(file: SourceFile, fn: Fn, n: NodeId): Site[] | undefined {
  const { code } = file;
  const site = (
    formula: FormulaId,
    which: ItemClass,
    bytes: readonly [number, number],
    name: string,
  ): Site => ({
    name,
    fn,
    node: n,
    at: file.place(code.span(n)),
    formula,
    class: which,
    amount: undefined,
    element: { bytes: { low: bytes[0], high: bytes[1] }, atLeast: false },
    bytes: (_, e) => e,
    onHeap: false,
  });
  if (code.kind(n) === Kind.Spawn) return [site('goroutines', 'committed', GOROUTINE, 'goroutines')];
  if (code.kind(n) !== Kind.Call) return undefined;
  const callee = code.child(n, Role.Callee);
  if (callee < 0 || file.fullPath(code.name(callee)) !== 'std::thread::spawn') return undefined;
  return [
    site('threads', 'committed', IDLE_THREAD, 'threads'),
    site('threads', 'reserved', [DEFAULT_STACK, DEFAULT_STACK], 'stacks of threads'),
  ];
}

/** The threads that tokio may start for blocking work. */
function runtimeSites(file: SourceFile): Site[] {
  return file.functions
    .filter((fn) => !fn.isTest && fn.fact.attributes.some((a) => /^tokio::main\b/.test(a)))
    .map((fn) => ({
      name: 'stacks of blocking threads',
      fn: undefined,
      node: -1,
      at: file.place(fn.fact.nameSpan),
      formula: 'blocking-threads' as const,
      class: 'reserved' as const,
      amount: undefined,
      element: {
        bytes: { low: BLOCKING_THREADS * DEFAULT_STACK, high: BLOCKING_THREADS * DEFAULT_STACK },
        atLeast: false,
      },
      bytes: (_: number, e: Bytes) => e,
      onHeap: false,
    }));
}

/** All sites of a package outside tests, in source order. */
export function sitesOf(pkg: Package, constants: Constants): Site[] {
  const reader = new SiteReader(pkg.program, constants);
  const sites: Site[] = [];
  for (const file of pkg.files) {
    if (file.isTest) continue;
    for (const fn of file.functions) {
      if (fn.isTest) continue;
      const { first: body, after } = fn;
      for (let n = body; n < after; n++) sites.push(...reader.at(file, fn, n));
    }
    for (const global of file.globals) {
      if (global.fact.test || global.fact.parent >= 0) continue;
      sites.push(...reader.global(global));
    }
    sites.push(...runtimeSites(file));
    declaredSites(pkg, file, sites);
  }
  return sites;
}

class SiteReader {
  readonly #program: Program;
  readonly #constants: Constants;
  readonly #values: Values;

  constructor(program: Program, constants: Constants) {
    this.#program = program;
    this.#constants = constants;
    this.#values = Values.of(program);
  }

  at(file: SourceFile, fn: Fn, n: NodeId): Site[] {
    const work = workOf(file, fn, n);
    if (work) return work;
    const site = file.facts.language === 'go' ? this.#go(file, fn, n) : this.#rust(file, fn, n);
    return site ? [site] : [];
  }

  /** A package variable or a static: its value, and its own size where that is large. */
  global(global: Global): Site[] {
    const { file, fact } = global;
    const sites: Site[] = [];
    if (fact.value >= 0 && file.facts.language === 'go')
      for (let n = fact.value; n < file.code.after(fact.value); n++) {
        const site = this.#go(file, undefined, n);
        if (site) sites.push({ ...site, name: fact.name });
      }
    if (fact.type < 0 || fact.kind === 'const') return sites;
    const type = this.#values.types.at(file, fact.type);
    if (type?.name !== 'array') return sites;
    const element = deepSize(this.#program, type);
    if (typeof element === 'string') return sites;
    sites.push({
      name: fact.name,
      fn: undefined,
      node: -1,
      at: file.place(fact.nameSpan),
      formula: 'rust-static-array',
      class: element.bytes.low >= RING && isWrittenAround(global) ? 'filled' : 'reserved',
      amount: undefined,
      element,
      bytes: (_, e) => e,
      onHeap: false,
    });
    return sites;
  }

  #amount(file: SourceFile, fn: Fn | undefined, n: NodeId): Amount {
    return fn ? this.#constants.in(fn, n) : this.#constants.inFile(file, n);
  }

  // --- Rust

  #rust(file: SourceFile, fn: Fn, n: NodeId): Site | undefined {
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
      amount: this.#amount(file, fn, size),
      bytes: times,
      onHeap: false,
      ...part,
    });
    const held = heldBodyOfRouter(fn, n);
    if (held)
      return this.#held(fn, held, {
        name: 'request bodies',
        at: file.place(code.span(n)),
        bytes: times,
        onHeap: false,
      });
    const queue = byEnd(rustQueues, path);
    if (queue && args[0] !== undefined) {
      const element = deepSize(this.#program, argumentOf(fn, n, 0));
      const sent = this.#sent(file, n, element);
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
    const [key, value] = [0, 1].map((i) => deepSize(this.#program, argumentOf(fn, n, i), 0, true));
    return { formula: 'cache-count', class: 'filled', element: entry(key, value) };
  }

  #capacity(fn: Fn, n: NodeId, owner: string): Pick<Site, 'formula' | 'class' | 'element' | 'bytes'> {
    if (/^(HashMap|HashSet|DashMap|DashSet|FxHashMap|AHashMap|IndexMap|IndexSet)$/.test(owner)) {
      const key = deepSize(this.#program, argumentOf(fn, n, 0));
      const isSet = owner.endsWith('Set');
      const value = isSet ? undefined : deepSize(this.#program, argumentOf(fn, n, 1));
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
        ? deepSize(this.#program, argumentOf(fn, n, 0))
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
    const type = this.#values.typeOf(fn, value) ?? literalType(file, fn, value, this.#values);
    const element =
      elementOfLiteral(code.name(value)) ?? deepSize(this.#program, type ?? argumentOf(fn, n, 0));
    return {
      name: nameOf(file, fn, n) ?? 'vec!',
      fn,
      node: n,
      at: file.place(code.span(n)),
      formula: zero ? 'rust-zeroed-vec' : 'rust-filled-vec',
      class: zero ? 'filled' : 'committed',
      amount: this.#amount(file, fn, count),
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
      amount: this.#amount(file, fn, size),
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

  // --- Go

  #go(file: SourceFile, fn: Fn | undefined, n: NodeId): Site | undefined {
    const { code } = file;
    const kind = code.kind(n);
    if (kind === Kind.FieldInit) return this.#goField(file, fn, n);
    if (kind === Kind.Assign) return this.#goFieldSet(file, fn, n);
    if (kind !== Kind.Call && kind !== Kind.MethodCall) return undefined;
    const base = {
      name: (fn && nameOf(file, fn, n)) ?? callName(code, n),
      fn,
      node: n,
      at: file.place(code.span(n)),
      bytes: times,
      onHeap: true,
    };
    const args = code.all(n, Role.Arg);
    const callee = kind === Kind.Call ? code.child(n, Role.Callee) : -1;
    if (callee >= 0 && code.kind(callee) === Kind.Name && code.name(callee) === 'make')
      return this.#make(file, fn, args, base);
    const held = fn && heldBody(fn, n);
    if (held) return this.#held(fn, held, base);
    const path = goPath(file, n);
    if (path === undefined) return this.#goMethod(file, fn, n, base);
    const row = own(goByteCaches, path);
    const size = row && args[row.arg];
    if (row && size !== undefined)
      return {
        ...base,
        ...byteCache(row),
        name: (fn && nameOf(file, fn, n)) ?? row.label,
        amount: this.#amount(file, fn, size),
        onHeap: !row.offHeap,
      };
    const counted = own(goCountCaches, path);
    if (counted === undefined || args[counted] === undefined) return undefined;
    const given = code.all(n, Role.TypeArg).map((t) => this.#values.types.at(file, t));
    const callee2 = code.child(n, Role.Callee);
    const types =
      given.length > 0 || callee2 < 0
        ? given
        : code.all(callee2, Role.TypeArg).map((t) => this.#values.types.at(file, t));
    const sizes = [0, 1].map((i) =>
      types[i] ? deepSize(this.#program, types[i]) : 'its keys and values are of any type',
    );
    return {
      ...base,
      formula: 'cache-count',
      class: 'filled',
      element: entry(sizes[0], sizes[1]),
      amount: this.#amount(file, fn, args[counted] as NodeId),
    };
  }

  /** As many bodies as there are slots, each as large as the limit lets it be; there is one set of slots. */
  #held(
    fn: Fn,
    { slots, slotsFile, limit }: HeldBody,
    base: Pick<Site, 'name' | 'at' | 'bytes' | 'onHeap'>,
  ): Site {
    const { value, exact } = this.#constants.in(fn, limit);
    const size = Number(value ?? 0n);
    return {
      ...base,
      fn: undefined,
      node: -1,
      formula: 'held-bodies',
      class: 'filled',
      amount: this.#constants.inFile(slotsFile, slots),
      // What comes and goes is no heap that stays.
      onHeap: false,
      element: exact ? { bytes: { low: size, high: size }, atLeast: false } : 'its limit is not known here',
    };
  }

  /** A message of a channel with the buffer that its sender makes for it, where that is most of it. */
  #sent(
    file: SourceFile,
    make: NodeId,
    slot: DeepSize | string,
  ): Pick<Site, 'formula' | 'element'> | undefined {
    if (typeof slot === 'string' || !slot.atLeast) return undefined;
    const buffer = sentBuffer(file.package, file, make, this.#constants);
    if (buffer === undefined) return undefined;
    const [low, high] = [slot.bytes.low + Number(buffer), slot.bytes.high + Number(buffer)];
    return { formula: 'sent-buffers', element: { bytes: { low, high }, atLeast: false } };
  }

  #make(
    file: SourceFile,
    fn: Fn | undefined,
    args: readonly NodeId[],
    base: Omit<Site, 'formula' | 'class' | 'element' | 'amount'>,
  ): Site | undefined {
    const { code } = file;
    const [typeNode, ...sizes] = args;
    const size = sizes.at(-1);
    const type = typeNode === undefined ? undefined : this.#values.types.at(file, typeNode);
    if (!type || size === undefined) return undefined;
    const under = underlying(type, this.#values);
    const amount = this.#amount(file, fn, size);
    switch (under.name) {
      case 'chan': {
        const buffers = queuedBuffers(this.#program, under.args[0]);
        // What comes and goes is no heap that stays.
        if (buffers)
          return { ...base, formula: 'go-queue', class: 'filled', element: buffers, amount, onHeap: false };
        const element = deepSize(this.#program, under.args[0]);
        const sent = this.#sent(file, code.parent(typeNode as NodeId), element);
        if (sent) return { ...base, ...sent, class: 'filled', amount, onHeap: false };
        return {
          ...base,
          formula: 'go-chan',
          class: 'filled',
          element,
          amount,
          bytes: (count, e) => ({ low: count * e.low + 96, high: count * e.high + 96 }),
        };
      }
      case 'slice':
        return {
          ...base,
          formula: 'go-make',
          class: 'filled',
          element: deepSize(this.#program, under.args[0]),
          amount,
        };
      case 'map':
        return {
          ...base,
          formula: 'go-map',
          class: 'filled',
          element: pair(deepSize(this.#program, under.args[0]), deepSize(this.#program, under.args[1])),
          amount,
          bytes: (count, e) => {
            const slots = 8 * nextPowerOfTwo(Math.ceil(count / 6.5));
            return { low: (slots * (e.low + 1)) / 2, high: slots * (e.high + 3) };
          },
        };
      default:
        return undefined;
    }
  }

  #goField(file: SourceFile, fn: Fn | undefined, n: NodeId): Site | undefined {
    const { code } = file;
    const literal = code.parent(n);
    const value = code.child(n, Role.Value);
    if (literal < 0 || value < 0 || code.kind(literal) !== Kind.Composite) return undefined;
    const type = this.#values.types.at(file, code.child(literal, Role.Type));
    const row =
      type && !type.decl ? own(goByteFields, `${withoutMajorOf(type.name)}.${code.name(n)}`) : undefined;
    return row && this.#byteField(file, fn, n, value, row);
  }

  /** `c := bigcache.DefaultConfig(life); c.HardMaxCacheSize = 512` */
  #goFieldSet(file: SourceFile, fn: Fn | undefined, n: NodeId): Site | undefined {
    const { code } = file;
    const target = code.child(n, Role.Target);
    const object = code.is(target, Kind.Field) ? code.child(target, Role.Object) : -1;
    const value = code.child(n, Role.Value);
    if (!fn || value < 0 || !code.is(object, Kind.Name) || !goByteFieldNames.has(code.name(target)))
      return undefined;
    const made = this.#values.scope(fn).lookup(code.name(object), code.start(object))?.value ?? -1;
    const path = code.is(made, Kind.MethodCall)
      ? this.#values.goPackage(fn, code.child(made, Role.Object))
      : undefined;
    const row =
      path === undefined ? undefined : own(goByteFields, `${withoutMajor(path)}.Config.${code.name(target)}`);
    return row && this.#byteField(file, fn, n, value, row);
  }

  #byteField(file: SourceFile, fn: Fn | undefined, n: NodeId, value: NodeId, row: ByteCacheRow): Site {
    const { code } = file;
    return {
      ...byteCache(row),
      name: row.label,
      fn,
      node: n,
      at: file.place(code.span(n)),
      amount: this.#amount(file, fn, value),
      onHeap: !row.offHeap,
    };
  }

  #goMethod(
    file: SourceFile,
    fn: Fn | undefined,
    n: NodeId,
    base: Omit<Site, 'formula' | 'class' | 'element' | 'amount'>,
  ): Site | undefined {
    const { code } = file;
    const size = code.child(n, Role.Arg);
    if (size < 0) return undefined;
    for (const [path, rows] of Object.entries(goByteMethods)) {
      const row = own(rows, code.name(n));
      if (!row || !file.facts.imports.some((i) => withoutMajor(i.path) === path)) continue;
      return {
        ...base,
        ...byteCache(row),
        name: row.label,
        amount: this.#amount(file, fn, size),
        onHeap: false,
      };
    }
    return undefined;
  }
}

function byteCache(row: ByteCacheRow): Pick<Site, 'formula' | 'class' | 'element' | 'bytes'> {
  const overhead = row.formula === 'cache-bytes' ? 1.3 : 1;
  return {
    formula: row.formula,
    class: row.when,
    element: undefined,
    bytes: (amount) => ({ low: amount * row.unit, high: amount * row.unit * overhead }),
  };
}

function entry(key: DeepSize | string | undefined, value: DeepSize | string | undefined): DeepSize | string {
  const both = pair(key ?? 'its keys are not known', value ?? 'its values are not known');
  if (typeof both === 'string') return both;
  return {
    bytes: { low: both.bytes.low + CACHE_ENTRY[0], high: both.bytes.high + CACHE_ENTRY[1] },
    atLeast: both.atLeast,
  };
}

function pair(a: DeepSize | string, b: DeepSize | string): DeepSize | string {
  if (typeof a === 'string') return a;
  if (typeof b === 'string') return b;
  return {
    bytes: { low: a.bytes.low + b.bytes.low, high: a.bytes.high + b.bytes.high },
    atLeast: a.atLeast || b.atLeast,
  };
}

/** What a declaration is called that a call's value goes to: a variable, a field, or the function that returns it. */
function nameOf(file: SourceFile, fn: Fn, n: NodeId): string | undefined {
  const { code } = file;
  for (let at = n, steps = 0; steps < 6; steps++) {
    const parent = code.parent(at);
    if (parent < 0) return undefined;
    switch (code.kind(parent)) {
      case Kind.Let: {
        const pattern = code.child(parent, Role.Pattern);
        const bind = pattern < 0 ? -1 : firstBind(file, pattern);
        return bind < 0 ? undefined : code.name(bind);
      }
      case Kind.Assign: {
        const target = code.child(parent, Role.Target);
        return target < 0 ? undefined : lastSegment(code.name(target)) || undefined;
      }
      case Kind.FieldInit:
        return code.name(parent);
      case Kind.Return:
        return fn.label;
      case Kind.Block:
        return code.role(at) === Role.Value ? fn.label : undefined;
      default:
        at = parent;
    }
  }
  return undefined;
}

function firstBind(file: SourceFile, pattern: NodeId): NodeId {
  for (let n = pattern; n < file.code.after(pattern); n++)
    if (file.code.kind(n) === Kind.Bind || file.code.kind(n) === Kind.Name) return n;
  return -1;
}

/** `headroom: budget 64MiB`: it replaces what was found on its line, or stands for what could not be. */
function declaredSites(pkg: Package, file: SourceFile, sites: Site[]): void {
  const said = file.facts.directives.flatMap((d) => {
    const body = parseDirective(d.text);
    return body.kind === 'budget' ? [{ span: d.span, alone: d.alone, body }] : [];
  });
  if (said.length === 0) return;
  const lines = new LineIndex(pkg.program.text(file.facts.file));
  for (const directive of said satisfies readonly Directive[]) {
    const line = targetLine(lines, directive);
    const bytes = directive.body.kind === 'budget' ? directive.body.bytes : 0;
    const isHere = (s: Site) =>
      s.at.file === file.facts.file && lines.position(s.at.span.start).line === line;
    const found = sites.find(isHere);
    for (let i = sites.length - 1; i >= 0; i--) if (isHere(sites[i]!)) sites.splice(i, 1);
    const start = lines.start(line) + (/^\s*/.exec(lines.line(line))?.[0].length ?? 0);
    const end = lines.start(line) + lines.line(line).length;
    sites.push({
      name:
        found?.name ??
        (/[A-Za-z_]\w*/.exec(lines.line(line).replace(/\b(pub|let|mut|static|const|var|self)\b/g, ''))?.[0] ||
          'what is declared here'),
      fn: undefined,
      node: -1,
      at: found?.at ?? file.place({ start, end }),
      formula: 'declared',
      class: found && found.class !== 'unknown' ? found.class : 'filled',
      amount: undefined,
      element: { bytes: { low: bytes, high: bytes }, atLeast: false },
      bytes: (_, e) => e,
      onHeap: file.facts.language === 'go',
    });
  }
}

function byEnd<T>(rows: Readonly<Record<string, T>>, path: string): T | undefined {
  const key = Object.keys(rows).find((k) => path === k || path.endsWith(`::${k}`));
  return key === undefined ? undefined : rows[key];
}

function own<T>(rows: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(rows, key) ? rows[key] : undefined;
}

function dependsOn(fn: Fn, crate: string): boolean {
  return (fn.package.project?.dependencies ?? []).some((d) => d.replaceAll('-', '_') === crate);
}

/** The import path and name that a Go call is of, without the major version. */
function goPath(file: SourceFile, n: NodeId): string | undefined {
  const { code } = file;
  let object = code.child(n, Role.Object);
  let name = code.name(n);
  if (code.kind(n) === Kind.Call) {
    const callee = code.child(n, Role.Callee);
    if (callee < 0 || code.kind(callee) !== Kind.Field) return undefined;
    object = code.child(callee, Role.Object);
    name = code.name(callee);
  }
  if (object < 0 || code.kind(object) !== Kind.Name) return undefined;
  const path = file.importPath(code.name(object));
  return path === undefined ? undefined : `${withoutMajor(path)}.${name}`;
}

/** `github.com/x/y/v3.Config` without the version. */
function withoutMajorOf(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot < 0 ? name : `${withoutMajor(name.slice(0, dot))}${name.slice(dot)}`;
}

function underlying(type: TypeRef, values: Values): TypeRef {
  const { decl } = type;
  if (!decl || decl.fact.target < 0) return type;
  return values.types.at(decl.file, decl.fact.target) ?? type;
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

function nextPowerOfTwo(n: number): number {
  return n <= 1 ? 1 : 2 ** Math.ceil(Math.log2(n));
}

function lastTwo(path: string): string {
  return path.split('::').slice(-2).join('::');
}
