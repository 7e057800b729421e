/** What Go code takes memory with: what `make` makes, caches, and bodies that requests hold. */
import {
  type ByteCacheRow,
  goByteCaches,
  goByteFields,
  goByteMethods,
  goCountCaches,
} from '../../knowledge/budget.ts';
import { callName } from '../../program/calls/call-name.ts';
import type { Fn, SourceFile } from '../../program/program.ts';
import { withoutMajor } from '../../program/types/go-types.ts';
import type { TypeRef } from '../../program/types/types.ts';
import type { Values } from '../../program/types/values.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { deepSize, queuedBuffers } from './elements.ts';
import {
  byteCache,
  entry,
  nameOf,
  nextPowerOfTwo,
  own,
  pair,
  type Site,
  type Sizing,
  times,
} from './site.ts';
import { heldBody } from './standing.ts';

const goByteFieldNames = new Set(Object.keys(goByteFields).map((key) => key.slice(key.lastIndexOf('.') + 1)));

/** Reads the sites of Go code. */
export class GoSites {
  readonly #sizing: Sizing;

  constructor(sizing: Sizing) {
    this.#sizing = sizing;
  }

  /** What a node of a function, or of the value of a package variable, takes, or undefined. */
  at(file: SourceFile, fn: Fn | undefined, n: NodeId): Site | undefined {
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
    if (held) return this.#sizing.held(fn, held, base);
    const path = goPath(file, n);
    if (path === undefined) return this.#goMethod(file, fn, n, base);
    const row = own(goByteCaches, path);
    const size = row && args[row.arg];
    if (row && size !== undefined)
      return {
        ...base,
        ...byteCache(row),
        name: (fn && nameOf(file, fn, n)) ?? row.label,
        amount: this.#sizing.amount(file, fn, size),
        onHeap: !row.offHeap,
      };
    const counted = own(goCountCaches, path);
    if (counted === undefined || args[counted] === undefined) return undefined;
    const given = code.all(n, Role.TypeArg).map((t) => this.#sizing.values.types.at(file, t));
    const callee2 = code.child(n, Role.Callee);
    const types =
      given.length > 0 || callee2 < 0
        ? given
        : code.all(callee2, Role.TypeArg).map((t) => this.#sizing.values.types.at(file, t));
    const sizes = [0, 1].map((i) =>
      types[i] ? deepSize(this.#sizing.program, types[i]) : 'its keys and values are of any type',
    );
    return {
      ...base,
      formula: 'cache-count',
      class: 'filled',
      element: entry(sizes[0], sizes[1]),
      amount: this.#sizing.amount(file, fn, args[counted] as NodeId),
    };
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
    const type = typeNode === undefined ? undefined : this.#sizing.values.types.at(file, typeNode);
    if (!type || size === undefined) return undefined;
    const under = underlying(type, this.#sizing.values);
    const amount = this.#sizing.amount(file, fn, size);
    switch (under.name) {
      case 'chan': {
        const buffers = queuedBuffers(this.#sizing.program, under.args[0]);
        // What comes and goes is no heap that stays.
        if (buffers)
          return { ...base, formula: 'go-queue', class: 'filled', element: buffers, amount, onHeap: false };
        const element = deepSize(this.#sizing.program, under.args[0]);
        const sent = this.#sizing.sent(file, code.parent(typeNode as NodeId), element);
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
          element: deepSize(this.#sizing.program, under.args[0]),
          amount,
        };
      case 'map':
        return {
          ...base,
          formula: 'go-map',
          class: 'filled',
          element: pair(
            deepSize(this.#sizing.program, under.args[0]),
            deepSize(this.#sizing.program, under.args[1]),
          ),
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
    const type = this.#sizing.values.types.at(file, code.child(literal, Role.Type));
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
    const made = this.#sizing.values.scope(fn).lookup(code.name(object), code.start(object))?.value ?? -1;
    const path = code.is(made, Kind.MethodCall)
      ? this.#sizing.values.goPackage(fn, code.child(made, Role.Object))
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
      amount: this.#sizing.amount(file, fn, value),
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
        amount: this.#sizing.amount(file, fn, size),
        onHeap: false,
      };
    }
    return undefined;
  }
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
