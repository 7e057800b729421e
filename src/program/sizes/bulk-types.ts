import type { Place } from '../../core/span.ts';
import { setUpNames } from '../../knowledge/handlers.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { onlyAtStart } from '../phases/only-at-start.ts';
import { Phases } from '../phases/phases.ts';
import type { Evidence } from '../phases/reach.ts';
import type { Fn, Package, Program, TypeDecl } from '../program.ts';
import { container, peel, type TypeRef } from '../types/types.ts';
import { Values } from '../types/values.ts';
import { Constants } from './constants.ts';

/** How a Go type comes to exist in large numbers. */
export interface Bulk {
  readonly why: string;
  readonly at: Place;
  /** Proof that it happens on a hot path. */
  readonly hot: Evidence | undefined;
  /** Each is allocated by itself, and lists hold pointers. */
  readonly alone: boolean;
  /** How many room is made for, as written. */
  readonly count: string | undefined;
  /** The most that one place makes room for, where that is a known number. */
  readonly room: bigint | undefined;
  readonly onlyAtStart: boolean;
  /** A constructor makes room for many of them at once, and that is filled again and again. */
  readonly refilled: boolean;
  /** A literal names no fields, or the type is converted to another: its order cannot be changed without it. */
  readonly unkeyed: boolean;
}

/** A smaller number of elements is not "many". */
const MANY = 1024n;

type Found = Omit<Bulk, 'unkeyed' | 'refilled'>;

/** Which Go types lists, maps and channels hold many of. Asked for few types; a package is read when one of its types is. */
export class BulkTypes {
  readonly #program: Program;
  readonly #values: Values;
  readonly #phases: Phases;
  readonly #read = new Set<Package>();
  readonly #found = new Map<TypeDecl, Found>();
  readonly #unkeyed = new Set<TypeDecl>();
  /** Elements that take the place of others in a list of their owner. */
  readonly #refilled = new Set<TypeDecl>();
  /** Elements of lists that constructors make, of which there is room for many or nobody knows how many. */
  readonly #standing = new Set<TypeDecl>();

  constructor(program: Program) {
    this.#program = program;
    this.#values = Values.of(program);
    this.#phases = Phases.of(program);
  }

  static of(program: Program): BulkTypes {
    return program.derive(makeBulkTypes);
  }

  /** How a type comes to exist in large numbers, in its package and those that import it; undefined when nothing shows it. */
  of(decl: TypeDecl): Bulk | undefined {
    const home = decl.file.package;
    this.#readPackage(home);
    for (const pkg of this.#program.packages)
      if (
        pkg.language === 'go' &&
        pkg !== home &&
        pkg.files.some((f) => f.facts.imports.some((i) => i.path === home.path))
      )
        this.#readPackage(pkg);
    const found = this.#found.get(decl);
    const refilled = this.#refilled.has(decl) && this.#standing.has(decl);
    return found && { ...found, unkeyed: this.#unkeyed.has(decl), refilled };
  }

  #readPackage(pkg: Package): void {
    if (this.#read.has(pkg)) return;
    this.#read.add(pkg);
    for (const file of pkg.files) {
      for (const fn of file.functions) {
        const { first: body, after } = fn;
        for (let n = body; n < after; n++) this.#node(fn, n);
      }
      const { code } = file;
      for (const g of file.globals)
        for (let n = g.fact.value; n >= 0 && n < code.after(g.fact.value); n++)
          if (code.kind(n) === Kind.Composite && isUnkeyed(file.code, n)) {
            const type = this.#values.types.at(file, code.child(n, Role.Type));
            if (type?.decl) this.#unkeyed.add(type.decl);
          }
    }
  }

  #node(fn: Fn, n: NodeId): void {
    const { code } = fn;
    switch (code.kind(n)) {
      case Kind.Composite:
        if (isUnkeyed(code, n)) {
          const type = this.#values.types.at(fn.file, code.child(n, Role.Type));
          if (type?.decl) this.#unkeyed.add(type.decl);
        }
        break;
      case Kind.Call:
        if (!fn.isTest) this.#call(fn, n);
        break;
      case Kind.Send:
        if (!fn.isTest)
          this.#many(fn, n, this.#values.typeOf(fn, code.child(n, Role.Object)), 'sent through a channel');
        break;
      case Kind.Assign: {
        if (fn.isTest) break;
        const target = code.child(n, Role.Target);
        if (code.is(target, Kind.Unary, '*')) this.#refillThrough(fn, n, code.child(target, Role.Object));
        if (code.kind(target) !== Kind.Index) break;
        const map = this.#values.typeOf(fn, code.child(target, Role.Object));
        const shape = container(this.#values.types, map)?.row.shape;
        if (shape === 'map') this.#many(fn, n, map, 'put into a map');
        else if (shape === 'list' && addsToOwner(fn, n)) this.#refill(fn, n, map);
        break;
      }
    }
  }

  #call(fn: Fn, n: NodeId): void {
    const { code } = fn;
    const callee = code.child(n, Role.Callee);
    if (callee < 0 || code.kind(callee) !== Kind.Name) return;
    const [first, count, room] = code.all(n, Role.Arg);
    if (first === undefined) return;
    const name = code.name(callee);
    if (name === 'append') {
      this.#many(fn, n, this.#values.typeOf(fn, first), 'appended to a slice');
    } else if (name === 'make' && count !== undefined) {
      const type = this.#values.types.at(fn.file, first);
      if (type && /^(slice|chan)$/.test(type.name)) this.#made(fn, n, type, room ?? count);
    } else {
      // A conversion to another struct needs the same order in both.
      const decl = code.children(n).length === 2 ? this.#values.types.declaration(fn.file, name) : undefined;
      if (decl?.fact.kind === 'struct') this.#unkeyed.add(decl);
    }
  }

  /** `make([]T, n)`: many when `n` is, or when nobody knows. */
  #made(fn: Fn, n: NodeId, type: TypeRef, count: NodeId): void {
    const amount = Constants.of(this.#program).in(fn, count);
    if (amount.value !== undefined && amount.value < MANY) return;
    const of = type.args[0];
    if (!of?.decl || amount.value === 0n) return;
    if (type.name === 'slice' && of.name !== '*' && setUpNames.test(fn.fact.name))
      this.#standing.add(of.decl);
    const text = this.#program.text(fn.file.facts.file).slice(fn.code.start(count), fn.code.end(count));
    this.#add(
      of.decl,
      fn,
      n,
      `room is made for many: \`${fn.label}\``,
      false,
      text.length <= 24 ? text : undefined,
      of.name === '*' ? undefined : amount.value,
    );
  }

  /** An element is added again and again: in a loop, per request, or to what its owner keeps. */
  #many(fn: Fn, n: NodeId, list: TypeRef | undefined, how: string): void {
    const of = list && this.#values.elementType(list);
    const decl = of && peel(of).type.decl;
    if (!of || decl?.fact.kind !== 'struct' || this.#found.get(decl)?.hot) return;
    const often = this.#phases.context(fn, n).loops.length > 0 || this.#phases.at(fn, n).request;
    if (!often && !addsToOwner(fn, n)) return;
    this.#add(decl, fn, n, `it is ${how} again and again`, of.name === '*', undefined);
  }

  /** `r.slots[i] = entry`: where that has room for many, there are as many as it has room for. */
  #refill(fn: Fn, n: NodeId, list: TypeRef | undefined): void {
    const of = list && this.#values.elementType(list);
    if (of?.decl?.fact.kind === 'struct' && !onlyAtStart(fn, n)) this.#refilled.add(of.decl);
  }

  /** `slot := &t.slots[i]; *slot = entry{…}`: the same through a pointer. */
  #refillThrough(fn: Fn, n: NodeId, pointer: NodeId): void {
    const { code, fact } = fn;
    const value = code.is(pointer, Kind.Name)
      ? (this.#values.scope(fn).lookup(code.name(pointer), code.start(pointer))?.value ?? -1)
      : -1;
    const element = code.is(value, Kind.Unary, '&') ? code.child(value, Role.Object) : -1;
    const list = code.is(element, Kind.Index) ? code.child(element, Role.Object) : -1;
    if (
      code.is(list, Kind.Field) &&
      fact.receiver !== '' &&
      code.is(code.child(list, Role.Object), Kind.Name, fact.receiver)
    )
      this.#refill(fn, n, this.#values.typeOf(fn, list));
  }

  #add(
    decl: TypeDecl,
    fn: Fn,
    n: NodeId,
    why: string,
    alone: boolean,
    count: string | undefined,
    room?: bigint,
  ): void {
    const known = this.#found.get(decl);
    const isStart = onlyAtStart(fn, n);
    const hot = isStart ? undefined : this.#phases.hot(fn, n);
    // The strongest evidence counts: hot, then stored in place, then anything.
    if (
      known &&
      !(hot && !known.hot) &&
      !(known.onlyAtStart && !isStart) &&
      !(known.alone && !alone && !known.hot)
    ) {
      if (count !== undefined && known.count === undefined) this.#found.set(decl, { ...known, count, room });
      return;
    }
    this.#found.set(decl, {
      why,
      at: fn.place(n),
      hot: hot ?? known?.hot,
      alone: known ? known.alone && alone : alone,
      count: count ?? known?.count,
      room: room ?? known?.room,
      onlyAtStart: isStart,
    });
  }
}

function makeBulkTypes(program: Program): BulkTypes {
  return new BulkTypes(program);
}

/** `l.rows = append(l.rows, row)`, `t.byID[id] = row` in a method: whoever adds to its receiver does so many times. */
function addsToOwner({ code, fact }: Fn, n: NodeId): boolean {
  const assign = code.ancestor(n, (a) => code.kind(a) === Kind.Assign || code.kind(a) === Kind.Block);
  const at = code.kind(n) === Kind.Assign ? n : assign;
  let target = code.kind(at) === Kind.Assign ? code.child(at, Role.Target) : -1;
  if (fact.receiver === '' || setUpNames.test(fact.name) || code.kind(target) === Kind.Name) return false;
  while (code.kind(target) === Kind.Index || code.kind(target) === Kind.Field)
    target = code.child(target, Role.Object);
  return target >= 0 && code.is(target, Kind.Name, fact.receiver);
}

/** `T{1, 2}`: values by position. */
function isUnkeyed(code: Fn['code'], literal: NodeId): boolean {
  const type = code.child(literal, Role.Type);
  return type >= 0 && !/^(slice|array|map)$/.test(code.name(type)) && code.child(literal, Role.Arg) >= 0;
}
