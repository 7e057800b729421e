import { growingMethods, removingMethods } from '../../knowledge/containers.ts';
import {
  rustAsRefFunctions,
  rustAsRefMethods,
  rustBorrowingCrates,
  rustBorrowingMacros,
  rustKeepers,
  rustLists,
  rustLookers,
  rustOpening,
  rustPerElement,
  rustTextFunctions,
  rustTextTakers,
} from '../../knowledge/rust-ownership.ts';
import { runsElsewhere } from '../../knowledge/rust-spawn.ts';
import { consumingMethods, mutatingMethods, rustPlainTypes } from '../../knowledge/rust-std.ts';
import { type Code, kinds } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import type { Fn, Program } from '../program.ts';
import { Recent } from '../recent.ts';
import { isReference, type RustValues } from '../types/rust-values.ts';
import type { Binding } from '../types/scope.ts';
import { lastSegment, type TypeRef } from '../types/types.ts';
import { Values } from '../types/values.ts';
import { RustCopies } from './rust-copies.ts';

const NAMES = kinds(Kind.Name);

/** What becomes of a Rust value where it stands, and what happens to a place between two moments. */

export type Use =
  /** It is only read, until the end of `until`. */
  | { readonly kind: 'look'; readonly until: NodeId }
  /** One field of it is taken out. */
  | { readonly kind: 'part'; readonly field: NodeId }
  /** It gets a name. */
  | { readonly kind: 'bound'; readonly binding: NodeId; readonly statement: NodeId }
  /** It is assigned to something that had a value before. */
  | { readonly kind: 'assigned'; readonly assign: NodeId }
  | { readonly kind: 'mutated' }
  /** Somebody must own it. */
  | { readonly kind: 'returned' | 'stored' | 'argument' | 'consumed'; readonly by: string };

/** A function that takes an argument by value and only looks at it. */
export interface Reader {
  readonly fn: Fn;
  readonly param: NodeId;
  readonly bind: NodeId;
  /** It goes over its elements, by value. */
  readonly elements?: true;
  /** The method of a trait that it stands behind, with others that only look as well. */
  readonly ofTrait?: Fn;
}

/** The memory an expression leads to: a name and fields of it. */
export interface Root {
  /** The Name node, or -1 for a static. */
  readonly base: NodeId;
  readonly binding: Binding | undefined;
  /** Fields between the name and the place, as far as they are written one after another. */
  readonly fields: readonly string[];
  /** Nothing but fields lies between. */
  readonly direct: boolean;
  /** It is reached through a lock or cell that is held for the expression only. */
  readonly locked: boolean;
}

export class RustUses {
  readonly copies: RustCopies;
  readonly values: RustValues;
  readonly #values: Values;
  readonly #mentions = new Recent((fn: Fn) => this.#readMentions(fn));

  constructor(program: Program) {
    this.copies = RustCopies.of(program);
    this.values = this.copies.values;
    this.#values = Values.of(program);
  }

  static of(program: Program): RustUses {
    return program.derive(makeRustUses);
  }

  /** What the expression around a value does with it. */
  of(fn: Fn, value: NodeId): Use {
    const code = fn.code;
    let borrowed = false;
    let projected = -1;
    /** `map.get(k).cloned().unwrap_or_default()`: what comes out is the copy. */
    let opened = value;
    for (let at = value, up = code.parent(at); up >= 0; at = up, up = code.parent(up)) {
      const role = code.role(at);
      const owned = (kind: 'returned' | 'stored' | 'argument' | 'consumed', by: string): Use => {
        if (borrowed) return kind === 'argument' ? { kind: 'look', until: up } : { kind: 'stored', by };
        if (projected >= 0) {
          // A field that is copied by itself is only read.
          const type = this.values.typeOf(fn, at);
          if (type && this.copies.costOf(type) === 'cheap') return { kind: 'look', until: up };
          return { kind: 'part', field: projected };
        }
        return { kind, by };
      };
      switch (code.kind(up)) {
        case Kind.MethodCall:
          if (role !== Role.Object) return this.#argument(fn, up, at, owned);
          if (at === value && code.is(value, Kind.MethodCall, 'cloned') && rustOpening.has(code.name(up))) {
            opened = up;
            continue;
          }
          return this.#called(fn, up, at, owned);
        case Kind.Call:
          if (role === Role.Callee) return owned('consumed', 'the call');
          return this.#argument(fn, up, at, owned);
        case Kind.Field:
          projected = up;
          continue;
        case Kind.Index:
        case Kind.Slice:
          if (role !== Role.Object) return owned('consumed', 'the index');
          projected = up;
          continue;
        case Kind.Unary: {
          const operator = code.name(up);
          if (operator === '&mut') return { kind: 'mutated' };
          if (operator === '&') {
            borrowed = true;
            continue;
          }
          if (operator === '*') {
            projected = up;
            continue;
          }
          return { kind: 'look', until: up };
        }
        case Kind.Binary:
          if (/^([=!<>]=|[<>])$/.test(code.name(up))) return { kind: 'look', until: up };
          return borrowed ? { kind: 'look', until: up } : owned('consumed', `\`${code.name(up)}\``);
        case Kind.Macro:
          return this.#macro(fn, up, owned);
        case Kind.FieldInit: {
          const outer = code.parent(up);
          if (outer >= 0 && code.kind(outer) === Kind.Macro) return this.#macro(fn, outer, owned);
          const type = outer < 0 ? -1 : code.child(outer, Role.Type);
          return owned('stored', type < 0 ? 'the value' : `\`${code.name(type)}\``);
        }
        case Kind.Composite:
        case Kind.Sequence:
          return owned('stored', 'the value it is a part of');
        case Kind.Assign:
          if (role === Role.Target) return { kind: 'mutated' };
          if (projected >= 0 || borrowed || code.name(up) !== '=') return owned('stored', 'the assignment');
          return { kind: 'assigned', assign: up };
        case Kind.Let: {
          const pattern = code.child(up, Role.Pattern);
          if (!borrowed && projected < 0 && at === opened && code.kind(pattern) === Kind.Bind)
            return { kind: 'bound', binding: pattern, statement: up };
          return owned('consumed', 'the pattern');
        }
        case Kind.LetCondition: {
          if (binds(code, code.child(up, Role.Pattern)) && !borrowed) return owned('consumed', 'the pattern');
          const user = code.ancestor(up, (a) => code.kind(a) === Kind.If || code.kind(a) === Kind.Loop);
          return { kind: 'look', until: user < 0 ? up : user };
        }
        case Kind.Match:
          if (
            !borrowed &&
            code.all(up, Role.Arm).some((arm) => code.all(arm, Role.Pattern).some((p) => binds(code, p)))
          )
            return owned('consumed', 'the patterns');
          return { kind: 'look', until: up };
        case Kind.Loop:
          if (role === Role.Iter && !borrowed) return owned('consumed', 'the loop');
          return { kind: 'look', until: up };
        case Kind.If:
          if (role === Role.Condition) return { kind: 'look', until: up };
          continue; // the value of a branch
        case Kind.Arm:
          if (role === Role.Guard) return { kind: 'look', until: up };
          if (role !== Role.Body) return owned('consumed', 'the pattern');
          up = code.parent(up);
          continue;
        case Kind.Block:
          if (role === Role.Statement) return { kind: 'look', until: at };
          return owned('returned', 'the block');
        case Kind.Closure:
        case Kind.AsyncBlock:
        case Kind.Return:
        case Kind.Break:
          return owned('returned', code.kind(up) === Kind.Closure ? 'the closure' : 'the caller');
        case Kind.Cast:
          return { kind: 'look', until: up };
        default:
          return owned('consumed', 'the expression');
      }
    }
    return { kind: 'returned', by: 'the caller' };
  }

  #called(fn: Fn, call: NodeId, object: NodeId, owned: (kind: 'consumed', by: string) => Use): Use {
    const name = fn.code.name(call);
    const type = this.values.typeOf(fn, object);
    for (const t of type ? this.values.derefs(type) : []) {
      if (!t.decl) continue;
      const [made] = this.#values.methodsOfDecl(t.decl, name);
      if (!made) continue;
      if (made.fact.receiverMutable) return { kind: 'mutated' };
      return made.fact.receiverByReference ? { kind: 'look', until: call } : owned('consumed', `\`${name}\``);
    }
    if (rustLookers.has(name)) return { kind: 'look', until: call };
    if (mutatingMethods.test(name) || Object.hasOwn(growingMethods, name) || removingMethods.has(name))
      return { kind: 'mutated' };
    return owned('consumed', `\`${name}\``);
  }

  #macro(fn: Fn, macro: NodeId, owned: (kind: 'argument', by: string) => Use): Use {
    const { code } = fn;
    const name = lastSegment(code.name(macro));
    return borrowsItsArguments(fn, macro)
      ? { kind: 'look', until: macro }
      : owned('argument', `\`${name}!\``);
  }

  #argument(fn: Fn, call: NodeId, arg: NodeId, owned: (kind: 'argument' | 'stored', by: string) => Use): Use {
    const code = fn.code;
    const name = callName(code, call);
    const look: Use = { kind: 'look', until: call };
    const method = code.kind(call) === Kind.MethodCall;
    const targets = this.#values.callees(fn, call);
    if (targets.length > 0) {
      if (targets.every((t) => this.#takesAnyForm(t, code.all(call, Role.Arg).indexOf(arg)))) return look;
    } else if (
      method ? rustAsRefMethods.has(name) : rustAsRefFunctions.test(code.name(code.child(call, Role.Callee)))
    )
      return look;
    const keeps = rustKeepers.has(name) || Object.hasOwn(growingMethods, name);
    return owned(keeps ? 'stored' : 'argument', `\`${name}\``);
  }

  /**
   * The function of the workspace that takes an argument by value and only looks at it, or undefined; of a trait of the
   * workspace one of the methods behind it, where all of them only look. What is spawned must own its arguments all the same.
   */
  reader(fn: Fn, argument: NodeId): Reader | undefined {
    const code = fn.code;
    const call = code.parent(argument);
    if (call < 0 || (code.kind(call) !== Kind.Call && code.kind(call) !== Kind.MethodCall)) return undefined;
    for (let up = code.parent(call); up >= 0 && code.kind(up) !== Kind.Block; up = code.parent(up)) {
      const calls = code.kind(up) === Kind.Call || code.kind(up) === Kind.MethodCall;
      if (calls && runsElsewhere.test(callName(code, up))) return undefined;
    }
    const targets = this.#values.callees(fn, call).filter((t) => !t.isTest);
    const index = code.all(call, Role.Arg).indexOf(argument);
    const [target, ...others] = targets;
    if (!target) return undefined;
    if (target.fact.trait === '')
      return others.length > 0 ? undefined : this.#readerOf(target, fn, call, index);
    // The declaration comes first: of a trait that is declared elsewhere nobody here chooses what its methods take.
    if (target.fact.owner !== lastSegment(target.fact.trait)) return undefined;
    const readers = targets.filter((t) => t.fact.body >= 0).map((t) => this.#readerOf(t, fn, call, index));
    const [first] = readers;
    return first && readers.every((r) => r && !r.elements) ? { ...first, ofTrait: target } : undefined;
  }

  /** A function that only looks at its parameter of an index, which it takes by value. */
  #readerOf(target: Fn, fn: Fn, call: NodeId, index: number): Reader | undefined {
    if (target.fact.body < 0) return undefined;
    // A future that is not awaited at once may be kept for longer than anything it could borrow.
    if ((target.fact.isAsync || returnsFuture(target)) && !awaited(fn.code, call)) return undefined;
    const param = target.fact.params[index];
    if (param === undefined) return undefined;
    const bind = target.code.child(param, Role.Pattern);
    const type = this.values.written(target, target.code.child(param, Role.Type));
    if (!type || target.code.kind(bind) !== Kind.Bind || isReference(type)) return undefined;
    if (/^(impl|dyn|Self)$/.test(type.name) || target.fact.generics.some((g) => g.name === type.name))
      return undefined;
    if (this.mentions(target, bind).length === 0) return undefined;
    const { use } = this.ofBinding(target, bind);
    if (use === 'task') return undefined;
    if (use.kind === 'look') return { fn: target, param, bind };
    return this.#goesOver(target, bind, type) ? { fn: target, param, bind, elements: true } : undefined;
  }

  /** `for byte in data`, once, where the elements are plain numbers: borrowed it gives the same ones. */
  #goesOver(fn: Fn, bind: NodeId, type: TypeRef): boolean {
    const [mention, ...others] = this.mentions(fn, bind);
    const [element] = type.args;
    return (
      mention !== undefined &&
      others.length === 0 &&
      fn.code.role(mention) === Role.Iter &&
      fn.code.kind(fn.code.parent(mention)) === Kind.Loop &&
      rustLists.test(lastSegment(type.name)) &&
      element !== undefined &&
      rustPlainTypes.test(element.name)
    );
  }

  /**
   * What the parameter behind an argument `&x` asks for: `owned` for `&String` and its like, which only an owned value
   * gives; `borrowed` when the callee is known and takes less; else `unknown`.
   */
  wants(fn: Fn, argument: NodeId): 'owned' | 'borrowed' | 'unknown' {
    const code = fn.code;
    const call = code.parent(argument);
    const kind = call < 0 ? Kind.Other : code.kind(call);
    if (kind !== Kind.Call && kind !== Kind.MethodCall) return 'unknown';
    const targets = this.#values.callees(fn, call);
    if (targets.length === 0) {
      const name = callName(code, call);
      if (kind === Kind.MethodCall) {
        if (rustTextTakers.has(name) || rustAsRefMethods.has(name)) return 'borrowed';
        const on = this.values.typeOf(fn, code.child(call, Role.Object));
        const text = on && this.values.derefs(on).some((t) => t.name === 'str');
        return text && name === 'contains' ? 'borrowed' : 'unknown';
      }
      const path = code.name(code.child(call, Role.Callee));
      return rustTextFunctions.test(path) || rustAsRefFunctions.test(path) ? 'borrowed' : 'unknown';
    }
    const index = code.all(call, Role.Arg).indexOf(argument);
    return targets.some((t) => this.#wantsOwned(t, index)) ? 'owned' : 'borrowed';
  }

  #wantsOwned(target: Fn, index: number): boolean {
    const { code } = target;
    const param = target.fact.params[index];
    const type = param === undefined ? -1 : code.child(param, Role.Type);
    if (type < 0 || !code.is(type, Kind.Type, '&')) return false;
    const generics = new Set(target.fact.generics.map((g) => g.name));
    return code.children(type).some((t) => {
      const name = code.name(t);
      // A parameter `&T` or `&S::Key` is a reference to a type that the caller has chosen: the copy's own.
      if (generics.has(name) || /^[A-Z]\w?$/.test(name) || /^([A-Z]\w?|Self)::/.test(name)) return true;
      return /^(String|Vec|PathBuf|OsString)$/.test(lastSegment(name));
    });
  }

  /** `impl AsRef<str>` and `T: AsRef<Path>`: a borrow is as good as an owned value. */
  #takesAnyForm(target: Fn, index: number): boolean {
    const { code } = target;
    const param = target.fact.params[index];
    if (param === undefined) return false;
    const type = code.child(param, Role.Type);
    if (type < 0) return false;
    if (code.is(type, Kind.Type, 'impl'))
      return code
        .children(type)
        .some((t) => /^(AsRef|Borrow|Display|ToString)$/.test(lastSegment(code.name(t))));
    const generic = target.fact.generics.find((g) => g.name === code.name(type));
    return generic?.bounds.some((b) => /^(AsRef|Borrow|(\w+::)*Display|ToString)\b/.test(b)) === true;
  }

  /** The memory behind an expression, or undefined when it is a new value. */
  root(fn: Fn, n: NodeId): Root | undefined {
    const code = fn.code;
    const fields: string[] = [];
    let direct = true;
    let locked = false;
    for (let at = n; at >= 0; ) {
      switch (code.kind(at)) {
        case Kind.Name: {
          const name = code.name(at);
          const binding = this.#values.scope(fn).lookup(name, code.start(at));
          if (!binding && name !== 'self') return { base: -1, binding, fields, direct, locked };
          return { base: at, binding, fields: fields.reverse(), direct, locked };
        }
        case Kind.Path:
          return { base: -1, binding: undefined, fields: fields.reverse(), direct, locked };
        case Kind.Field:
          if (!direct) fields.length = 0;
          fields.push(code.name(at));
          break;
        case Kind.MethodCall: {
          const type = this.values.typeOf(fn, at);
          if (!type) return undefined;
          if (holdsGuard(type)) locked = true;
          else if (!holdsReference(type)) return undefined;
          direct = false;
          fields.length = 0;
          break;
        }
        case Kind.Index:
        case Kind.Slice:
        case Kind.Unary:
        case Kind.Await:
        case Kind.Try:
          direct = false;
          fields.length = 0;
          break;
        default:
          return undefined;
      }
      at = code.child(at, Role.Object);
    }
    return undefined;
  }

  /** The roots of everything an expression mentions, for a value that may borrow from any of it. */
  roots(fn: Fn, n: NodeId): Root[] {
    const code = fn.code;
    const out: Root[] = [];
    for (let m = n; m < code.after(n); m++) {
      if (code.kind(m) !== Kind.Name) continue;
      const root = this.root(fn, m);
      if (root) out.push({ ...root, direct: false });
    }
    return out;
  }

  /** All Name nodes of a function that mean a binding, the binding itself left out. */
  mentions(fn: Fn, bind: NodeId): readonly NodeId[] {
    return this.#mentions.get(fn).get(bind) ?? [];
  }

  #readMentions(fn: Fn): Map<NodeId, NodeId[]> {
    const map = new Map<NodeId, NodeId[]>();
    const code = fn.code;
    const scope = this.#values.scope(fn);
    const { first: body, after } = fn;
    for (let n = code.next(NAMES, body, after); n < after; n = code.next(NAMES, n + 1, after)) {
      const binding = scope.lookup(code.name(n), code.start(n));
      if (!binding) continue;
      const list = map.get(binding.node);
      if (list) list.push(n);
      else map.set(binding.node, [n]);
    }
    return map;
  }

  /** All nodes `self` of a function. */
  #selves(fn: Fn): NodeId[] {
    const out: NodeId[] = [];
    const { first: body, after } = fn;
    for (let n = body; n < after; n++) if (fn.code.is(n, Kind.Name, 'self')) out.push(n);
    return out;
  }

  /**
   * Where the memory of a root is changed or moved between two offsets, or -1. Nothing can change what a shared
   * reference leads to. `used` are the offsets at which the borrow is used: a change on a path that leaves before the
   * next of them harms nothing.
   */
  changed(fn: Fn, root: Root, from: number, to: number, used?: readonly number[]): NodeId {
    if (root.base < 0) return -1;
    const code = fn.code;
    const type = this.values.typeOf(fn, root.base);
    if (type?.name === '&') return -1;
    const names = root.binding ? this.mentions(fn, root.binding.node) : this.#selves(fn);
    for (const n of names) {
      if (code.start(n) < from || code.start(n) >= to) continue;
      const path = this.#path(fn, n);
      if (root.direct && path.direct && disjoint(root.fields, path.fields)) continue;
      const use = this.of(fn, n);
      if (use.kind === 'look' && !movedInto(code, n, from)) continue;
      const moved = this.values.typeOf(fn, path.node);
      if (use.kind !== 'mutated' && moved && moved.name !== '&mut' && this.copies.costOf(moved) === 'cheap')
        continue;
      if (used && leaves(code, n, from, used)) continue;
      return n;
    }
    return -1;
  }

  /**
   * True when what a reference was borrowed from is changed between two offsets: `self.set(&name)`, where `name` is a part
   * of `self`, does not compile without a copy.
   */
  lenderChanged(fn: Fn, root: Root, from: number, to: number): boolean {
    let lenders: Root[] = [root];
    for (let depth = 0; depth < 3; depth++) {
      const next: Root[] = [];
      for (const { binding } of lenders)
        if (binding && binding.value >= 0 && !fn.code.within(binding.node, binding.value))
          next.push(...this.roots(fn, binding.value));
      for (const { base, binding } of next) {
        if (base < 0) continue;
        const names = binding ? this.mentions(fn, binding.node) : this.#selves(fn);
        for (const n of names)
          if (
            fn.code.start(n) >= from &&
            fn.code.start(n) < to &&
            !stepsOn(fn.code, n) &&
            this.of(fn, n).kind === 'mutated'
          )
            return true;
      }
      // What an owned value was made of is not lent by it.
      lenders = next.filter(({ base }) => base >= 0 && this.#mayLend(fn, base));
    }
    return false;
  }

  #mayLend(fn: Fn, name: NodeId): boolean {
    const type = this.values.typeOf(fn, name);
    return type === undefined || holdsReference(type);
  }

  /** The fields that are written after a name: `x.a.b` of `x`. */
  #path(
    fn: Fn,
    name: NodeId,
  ): { readonly node: NodeId; readonly fields: string[]; readonly direct: boolean } {
    const code = fn.code;
    const fields: string[] = [];
    let at = name;
    for (let up = code.parent(at); up >= 0; at = up, up = code.parent(up)) {
      if (code.kind(up) !== Kind.Field) break;
      fields.push(code.name(up));
    }
    return { node: at, fields, direct: fields.length > 0 };
  }

  /**
   * True when an owned local can be moved out of a place at `n`: it is not used afterwards, no loop or closure runs
   * `n` again, and nothing borrows it any more.
   */
  movable(fn: Fn, root: Root, n: NodeId): boolean {
    const { binding } = root;
    if (!binding || !root.direct || root.locked) return false;
    const code = fn.code;
    const type = this.values.typeOf(fn, root.base);
    if (!type || isReference(type) || !this.#movesOut(fn, root)) return false;
    for (let up = code.parent(n); up >= 0 && !code.within(binding.node, up); up = code.parent(up)) {
      const kind = code.kind(up);
      if (kind === Kind.Loop || kind === Kind.Closure) return false;
      if (kind === Kind.AsyncBlock && code.name(up) !== 'move') return false;
    }
    // A parameter stands outside the body: every loop or closure around `n` has it outside, too.
    const statement = statementOf(code, n);
    for (const m of this.mentions(fn, binding.node)) {
      if (code.within(m, n)) continue;
      const path = this.#path(fn, m);
      if (path.direct && disjoint(root.fields, path.fields)) continue;
      if (code.within(m, statement)) return false;
      if (code.start(m) > code.start(n) && !this.#excluded(code, n, m)) return false;
    }
    return !this.#stillBorrowed(fn, binding, n);
  }

  /** Every step from the name to the place is a field of a value that may be taken apart. */
  #movesOut(fn: Fn, root: Root): boolean {
    let type = this.values.typeOf(fn, root.base);
    for (const field of root.fields) {
      if (!type) return false;
      if (type.name === 'tuple') type = type.args[Number(field)];
      else {
        const { decl } = type;
        if (!decl || decl.file.package.methodsOf(decl.fact.name, 'drop').length > 0) return false;
        type = this.values.fieldOf(decl, type, field);
      }
    }
    return type !== undefined && !isReference(type);
  }

  /** Two nodes in different branches of an `if` or `match` never run after one another. */
  #excluded(code: Code, a: NodeId, b: NodeId): boolean {
    for (let at = a, up = code.parent(a); up >= 0; at = up, up = code.parent(up)) {
      if (!code.within(b, up)) continue;
      const kind = code.kind(up);
      if (kind === Kind.If)
        return code.role(at) === Role.Then || code.role(at) === Role.Else
          ? !code.within(b, code.child(up, Role.Condition))
          : false;
      return kind === Kind.Match && code.role(at) === Role.Arm;
    }
    return false;
  }

  /** A name that may borrow from the binding is used after `n`. */
  #stillBorrowed(fn: Fn, binding: Binding, n: NodeId): boolean {
    const code = fn.code;
    for (const other of this.#values.scope(fn).all()) {
      if (other.node === binding.node || other.value < 0) continue;
      if (code.within(n, other.value)) continue;
      if (!this.mentions(fn, binding.node).some((m) => code.within(m, other.value))) continue;
      const statement = statementOf(code, n);
      if (!this.mentions(fn, other.node).some((m) => code.start(m) >= code.start(statement))) continue;
      if (this.#mayBorrow(fn, other.node, other.value)) return true;
    }
    return false;
  }

  /** A name may borrow from what its value mentions unless its type is known to own all it has. */
  #mayBorrow(fn: Fn, bind: NodeId, value: NodeId): boolean {
    const code = fn.code;
    if (code.kind(bind) !== Kind.Bind) return true;
    const type = this.values.bound(fn, bind);
    if (!type || holdsReference(type) || this.copies.costOf(type) === 'unknown') return true;
    // A future has the type of its result here, and borrows what it was made with.
    const call = value >= 0 && (code.kind(value) === Kind.Call || code.kind(value) === Kind.MethodCall);
    return call && this.#values.callees(fn, value).some((f) => f.fact.isAsync || returnsFuture(f));
  }

  /**
   * The offset until which a borrow that an expression takes may last: the end of the `match`, loop or `if let` whose
   * head it stands in, or the last use of the names its result is bound to.
   */
  lasting(fn: Fn, n: NodeId, depth = 0, offsets: number[] = []): number {
    const code = fn.code;
    let end = code.end(n);
    for (let at = n, up = code.parent(n); up >= 0; at = up, up = code.parent(up)) {
      const kind = code.kind(up);
      const role = code.role(at);
      if (kind === Kind.Block || kind === Kind.Closure) break;
      if (kind === Kind.Match || kind === Kind.Loop) {
        if (role === Role.Subject || role === Role.Iter || role === Role.Condition)
          end = Math.max(end, code.end(up));
      } else if (kind === Kind.LetCondition) {
        const user = code.ancestor(up, (a) => code.kind(a) === Kind.If || code.kind(a) === Kind.Loop);
        if (user >= 0) end = Math.max(end, code.end(user));
      } else if (kind === Kind.Let && role === Role.Value) {
        const pattern = code.child(up, Role.Pattern);
        for (let p = pattern; p >= 0 && p < code.after(pattern); p++) {
          if (code.kind(p) !== Kind.Bind) continue;
          if (!this.#mayBorrow(fn, p, code.child(up, Role.Value))) continue;
          if (depth > 3) return fn.fact.span.end;
          const borrower = this.ofBinding(fn, p, depth + 1);
          offsets.push(...borrower.offsets);
          end = Math.max(end, borrower.end);
        }
        break;
      } else if (kind === Kind.Assign) return fn.fact.span.end;
    }
    return end;
  }

  /**
   * How a local is used until its last use: only looked at, or else the first use that is more. `end` is the offset
   * after which neither it nor what borrows from it is used any more, `offsets` are those of all these uses.
   */
  ofBinding(
    fn: Fn,
    bind: NodeId,
    depth = 0,
  ): { readonly use: Use | 'task'; readonly end: number; readonly offsets: readonly number[] } {
    const code = fn.code;
    const offsets: number[] = [];
    let end = code.end(bind);
    let first: Use | 'task' | undefined;
    for (const m of this.mentions(fn, bind)) {
      let use: Use | 'task' = this.of(fn, m);
      offsets.push(code.start(m));
      let last = this.lasting(fn, use.kind === 'look' ? use.until : m, depth, offsets);
      for (
        let at = m, up = code.parent(m);
        up >= 0 && !code.within(bind, up);
        at = up, up = code.parent(up)
      ) {
        const kind = code.kind(up);
        if (kind === Kind.Loop) last = Math.max(last, code.end(up));
        // `async_stream::try_stream! { … }` is a stream that is polled later.
        if (kind === Kind.AsyncBlock || (kind === Kind.Macro && /stream$/.test(code.name(up)))) use = 'task';
        if (kind === Kind.Closure) {
          const call = code.parent(up);
          const perElement =
            call >= 0 && code.kind(call) === Kind.MethodCall && rustPerElement.has(code.name(call));
          if (perElement && code.name(up) === 'move' && !isConsumed(code, call)) use = 'task';
          if (!perElement && (code.name(up) === 'move' || code.role(at) !== Role.Body)) use = 'task';
          last = Math.max(last, this.lasting(fn, up, depth, offsets));
        }
      }
      end = Math.max(end, last);
      if (use === 'task' || use.kind !== 'look') first ??= use;
    }
    return { use: first ?? { kind: 'look', until: bind }, end, offsets };
  }
}

/** The iterator that a call gives is used up in the same expression: `names.iter().map(move |n| …).collect()`. */
function isConsumed(code: Code, call: NodeId): boolean {
  let n = call;
  for (
    let up = code.parent(n);
    code.kind(up) === Kind.MethodCall && code.role(n) === Role.Object;
    up = code.parent(n)
  ) {
    if (consumingMethods.test(code.name(up))) return true;
    n = up;
  }
  return consumingMethods.test(code.name(n));
}

/** `info!("{name}")`, but not `trc::event!(Name = name)`, which may keep the name. */
function borrowsItsArguments({ code, file }: Fn, macro: NodeId): boolean {
  const path = file.fullPath(code.name(macro)).split('::');
  return (
    rustBorrowingMacros.has(path.at(-1) as string) &&
    (path.length === 1 || rustBorrowingCrates.has(path[0] as string))
  );
}

function makeRustUses(program: Program): RustUses {
  return new RustUses(program);
}

/** The statement or tail expression of the nearest block around a node. */
export function statementOf(code: Code, n: NodeId): NodeId {
  let at = n;
  for (let up = code.parent(at); up >= 0 && code.kind(up) !== Kind.Block; up = code.parent(up)) at = up;
  return at;
}

/** True when a block around `n`, begun after `from`, ends with a jump and no use stands between `n` and the jump. */
function leaves(code: Code, n: NodeId, from: number, used: readonly number[]): boolean {
  for (let up = code.parent(n); up >= 0 && code.start(up) >= from; up = code.parent(up)) {
    if (code.kind(up) === Kind.Closure) return false;
    if (code.kind(up) !== Kind.Block) continue;
    const last = code.children(up).at(-1);
    if (last === undefined || ![Kind.Continue, Kind.Break, Kind.Return].includes(code.kind(last) as never))
      continue;
    return !used.some((u) => u > code.start(n) && u < code.end(up));
  }
  return false;
}

function binds(code: Code, pattern: NodeId): boolean {
  if (pattern < 0) return true;
  for (let n = pattern; n < code.after(pattern); n++) if (code.kind(n) === Kind.Bind) return true;
  return false;
}

/** `a.b` and `a.c` share no memory; `a.b` and `a.b.c` do. */
function disjoint(a: readonly string[], b: readonly string[]): boolean {
  for (let i = 0; i < a.length && i < b.length; i++) if (a[i] !== b[i]) return true;
  return false;
}

/** `f(…).await`, with combinators between them or not. */
function awaited(code: Code, call: NodeId): boolean {
  for (let at = call, up = code.parent(call); up >= 0; at = up, up = code.parent(up)) {
    if (code.kind(up) === Kind.Await) return true;
    if (code.kind(up) !== Kind.MethodCall || code.role(at) !== Role.Object) return false;
  }
  return false;
}

function returnsFuture(fn: Fn): boolean {
  const { result } = fn.fact;
  if (result < 0) return false;
  for (let n = result; n < fn.code.after(result); n++) if (/Future$/.test(fn.code.name(n))) return true;
  return false;
}

function holdsReference(type: TypeRef): boolean {
  return /^(&|&mut|Cow|Iterator|dyn|impl)$/.test(type.name) || type.args.some(holdsReference);
}

function holdsGuard(type: TypeRef): boolean {
  return /^(Guard|Ref)$/.test(type.name) || type.args.some(holdsGuard);
}

/** `words.next()`: what an iterator gave before stays as it is. */
function stepsOn(code: Code, n: NodeId): boolean {
  const call = code.parent(n);
  return (
    code.kind(call) === Kind.MethodCall &&
    code.role(n) === Role.Object &&
    /^(next|next_back|nth|peek)$/.test(code.name(call))
  );
}

/** A `move` closure or block that begins behind an offset takes what it mentions, however little it does with it. */
function movedInto(code: Code, n: NodeId, from: number): boolean {
  const taker = code.ancestor(
    n,
    (a) => (code.kind(a) === Kind.Closure || code.kind(a) === Kind.AsyncBlock) && code.name(a) === 'move',
  );
  return taker >= 0 && code.start(taker) >= from;
}
