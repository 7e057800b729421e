import {
  type MethodRows,
  rustDeref,
  rustFunctions,
  rustMethodAliases,
  rustMethods,
  rustOwned,
} from '../../knowledge/rust-std.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { Answers } from '../answers.ts';
import type { Fn, Program, SourceFile, TypeDecl } from '../program.ts';
import { lastSegment, type TypeRef } from './types.ts';
import { Values } from './values.ts';

/**
 * Types of Rust expressions with references kept: what `Values` tells apart only by the memory behind it, this tells
 * apart by ownership (`String`, `&String`, `Option<&String>`). Undefined where a type cannot be told: rules that
 * need ownership are then silent. Futures stand for what they resolve to; iterators and streams are `Iterator<Item>`.
 */

/** Numbers, whose operators take references too. */
const rustNumbers = /^([ui](8|16|32|64|128|size)|f32|f64)$/;
/** The type that ends a number: `0u8`, `1.5f32`; the digits of `0x1f32` are none. */
const numberSuffix = /[ui](8|16|32|64|128|size)$|(?<!^0x.*)f(32|64)$/;

interface Template {
  readonly name: string;
  readonly args: readonly Template[];
}

type Bound = ReadonlyMap<string, TypeRef>;

export class RustValues {
  readonly #values: Values;
  readonly #types = new Answers<TypeRef>();
  readonly #inferred = (fn: Fn, n: NodeId) => this.#infer(fn, n);
  readonly #bound = (fn: Fn, bind: NodeId) => this.bound(fn, bind);

  constructor(program: Program) {
    this.#values = Values.of(program);
  }

  static of(program: Program): RustValues {
    return program.derive(makeRustValues);
  }

  /** As `Values.forget`. */
  forget(): void {
    this.#types.clear();
  }

  /** The type of an expression; for a place (`x.f`, `v[i]`) the type of what is stored there. */
  typeOf(fn: Fn, n: NodeId): TypeRef | undefined {
    return n < 0 ? undefined : this.#types.get(fn, n, this.#inferred);
  }

  /** The type written at a Type node, with `Self` replaced. */
  written(fn: Fn, n: NodeId): TypeRef | undefined {
    const type = this.#values.types.at(fn.file, n);
    return type && this.#normal(this.#unself(fn, type));
  }

  /** `impl Iterator<Item = T>` and its relatives are `Iterator<T>`. */
  #normal(type: TypeRef): TypeRef {
    const [inner] = type.args;
    if (!inner || !/^(impl|dyn|Box|Pin)$/.test(type.name)) return type;
    if (type.name === 'Box' || type.name === 'Pin') {
      const within = this.#normal(inner);
      return within.name === 'Iterator' ? within : type;
    }
    if (!/^(\w*Iterator|Stream)$/.test(lastSegment(inner.name))) return type;
    const item = this.#associated(inner, 'Item');
    return make('Iterator', type.file, item ? [item] : []);
  }

  /** `T` of `Item = T` among the arguments of a written type. */
  #associated(type: TypeRef, name: string): TypeRef | undefined {
    if (type.node < 0) return undefined;
    const { code } = type.file;
    for (const c of code.children(type.node))
      if (code.is(c, Kind.FieldDecl, name)) return this.#values.types.at(type.file, code.child(c, Role.Type));
    return undefined;
  }

  /** True when the workspace gives a type a method of this name. */
  hasMethod(decl: TypeDecl, name: string): boolean {
    return this.#values.methodsOfDecl(decl, name).length > 0;
  }

  /** What a type leads to through references and smart pointers, itself first. */
  derefs(type: TypeRef): TypeRef[] {
    const chain: TypeRef[] = [];
    let t: TypeRef | undefined = type;
    while (t && chain.length < 8) {
      chain.push(t);
      t = this.deref(t);
    }
    return chain;
  }

  /** One step of `*`, or undefined. */
  deref(type: TypeRef): TypeRef | undefined {
    if (isReference(type) || type.name === '*') return type.args[0];
    if (type.decl) return undefined;
    const rule = rustDeref[lastSegment(type.name)];
    if (rule === undefined || !Object.hasOwn(rustDeref, lastSegment(type.name))) return undefined;
    return this.#make(parse(rule), new Map(type.args[0] ? [['T', type.args[0]]] : []), type.file);
  }

  /** What a `for` loop over a value gives, or undefined. */
  item(type: TypeRef): TypeRef | undefined {
    const reference = isReference(type) ? type.name : '';
    const inner = reference ? type.args[0] : type;
    if (!inner || inner.decl) return undefined;
    const name = lastSegment(inner.name);
    const [a, b] = inner.args;
    const wrap = (t: TypeRef): TypeRef => (reference ? ref(t, reference) : t);
    if (name === 'Iterator' || name === 'Stream' || name === 'IntoIterator')
      return reference === '&' ? undefined : a;
    if (name === 'impl' || name === 'dyn' || name === 'Box' || name === 'Pin') return a && this.item(a);
    if (/^(\w*HashMap|BTreeMap|IndexMap|Map)$/.test(name)) {
      if (!a || !b) return undefined;
      return make('tuple', inner.file, [reference ? ref(a) : a, wrap(b)]);
    }
    if (
      /^(Vec|VecDeque|\w*HashSet|BTreeSet|IndexSet|BinaryHeap|LinkedList|SmallVec|ArrayVec|slice|array|Option)$/.test(
        name,
      )
    )
      return a && wrap(a);
    if (/^(Receiver|UnboundedReceiver)$/.test(name)) return a;
    return undefined;
  }

  /** The type a pattern's name is bound to, by the value the whole pattern is matched with. */
  bound(fn: Fn, bind: NodeId): TypeRef | undefined {
    const code = fn.code;
    const path: NodeId[] = [bind];
    let at = code.parent(bind);
    while (at >= 0 && isPattern(code.kind(at))) {
      path.push(at);
      at = code.parent(at);
    }
    let type = this.#matched(fn, at);
    let mode = '';
    for (let i = path.length - 1; i >= 0; i--) {
      if (!type) return undefined;
      const node = path[i] as NodeId;
      const kind = code.kind(node);
      if (kind === Kind.Bind) {
        if (i > 0) continue;
        if (mode) return ref(type, mode);
        // `ref x`: the span begins before the name.
        const plain =
          code.end(node) - code.start(node) === code.name(node).length || code.children(node).length > 0;
        return plain ? type : ref(type);
      }
      const next = path[i - 1] as NodeId;
      if (kind === Kind.FieldPattern) continue;
      if (code.is(node, Kind.Destructure, 'ref')) {
        type = isReference(type) ? type.args[0] : undefined;
        mode = '';
        continue;
      }
      if (code.is(node, Kind.Destructure, 'or')) continue;
      // A pattern without `&` looks through references and binds by reference.
      while (isReference(type)) {
        if (mode !== '&') mode = type.name;
        const inner: TypeRef | undefined = type.args[0];
        if (!inner) return undefined;
        type = inner;
      }
      type = this.#part(fn, node, next, type);
    }
    return undefined;
  }

  /** The value a whole pattern is matched with. */
  #matched(fn: Fn, parent: NodeId): TypeRef | undefined {
    if (parent < 0) return undefined;
    const code = fn.code;
    switch (code.kind(parent)) {
      case Kind.Let: {
        const value = code.child(parent, Role.Value);
        const type = code.child(parent, Role.Type);
        const written = type < 0 ? undefined : this.written(fn, type);
        const from = value < 0 ? undefined : this.typeOf(fn, value);
        if (!written) return from;
        return written.args.some((a) => a.name === '_') ? this.#filled(fn, written, value) : written;
      }
      case Kind.LetCondition:
        return this.typeOf(fn, code.child(parent, Role.Value));
      case Kind.Loop: {
        const over = this.typeOf(fn, code.child(parent, Role.Iter));
        return over && this.item(over);
      }
      case Kind.Arm: {
        const comm = code.child(parent, Role.Comm);
        if (comm >= 0) return this.typeOf(fn, comm);
        return this.typeOf(fn, code.child(code.parent(parent), Role.Subject));
      }
      case Kind.Param: {
        const type = code.child(parent, Role.Type);
        const written = type < 0 ? undefined : this.written(fn, type);
        if (written && written.name !== '_') return written;
        const closure = code.parent(parent);
        return closure >= 0 && code.kind(closure) === Kind.Closure
          ? this.#closureParameter(fn, closure, parent)
          : undefined;
      }
      default:
        return undefined;
    }
  }

  /** `Vec<_>` filled by what the value says. */
  #filled(fn: Fn, written: TypeRef, value: NodeId): TypeRef | undefined {
    const code = fn.code;
    if (value < 0 || !code.is(value, Kind.MethodCall, 'collect')) return undefined;
    const over = this.typeOf(fn, code.child(value, Role.Object));
    return over && this.#collected(written, over.args[0]);
  }

  #collected(target: TypeRef, item: TypeRef | undefined): TypeRef | undefined {
    const name = lastSegment(target.name);
    if (!item) return undefined;
    if (/Map$/.test(name)) {
      if (item.name !== 'tuple') return undefined;
      return { ...target, args: target.args.map((a, i) => (a.name === '_' ? (item.args[i] ?? a) : a)) };
    }
    if (name === 'Result' || name === 'Option') return undefined;
    return { ...target, args: target.args.map((a) => (a.name === '_' ? item : a)) };
  }

  #part(fn: Fn, pattern: NodeId, child: NodeId, type: TypeRef): TypeRef | undefined {
    const code = fn.code;
    const name = code.name(pattern);
    const last = lastSegment(name);
    const children = code.children(pattern).filter((c) => code.role(c) === Role.Pattern);
    const index = children.indexOf(child);
    const rest = children.slice(0, index).some((c) => isRest(fn, c));
    if (code.kind(child) === Kind.FieldPattern) {
      const decl = type.decl;
      if (!decl) return undefined;
      const field = code.name(child);
      return this.fieldOf(decl, type, field) ?? this.fieldOf(decl, type, `${last}.${field}`);
    }
    if (name === 'tuple') {
      if (type.name !== 'tuple') return undefined;
      return rest ? type.args.at(index - children.length) : type.args[index];
    }
    if (name === 'slice') return code.children(child).length > 0 ? undefined : this.item(type);
    if (last === 'Err') return lastSegment(type.name) === 'Result' ? type.args[1] : undefined;
    if (!type.decl) {
      // Some, Ok, axum's State(x), Json(x), Reverse(x): the one thing inside.
      return index === 0 && children.length === 1 ? type.args[0] : undefined;
    }
    if (rest) return undefined;
    return (
      this.fieldOf(type.decl, type, `${last}.${index}`) ??
      (type.decl.fact.kind === 'struct' ? this.fieldOf(type.decl, type, String(index)) : undefined)
    );
  }

  /** The field `name` of a type, its type arguments filled in. */
  fieldOf(decl: TypeDecl, type: TypeRef, name: string): TypeRef | undefined {
    const field = decl.fact.fields.find((f) => f.name === name);
    if (!field) return undefined;
    const found = this.#values.types.at(decl.file, field.type);
    return found && substitute(found, generics(decl, type));
  }

  #closureParameter(fn: Fn, closure: NodeId, param: NodeId): TypeRef | undefined {
    const code = fn.code;
    const call = code.parent(closure);
    if (call < 0 || code.kind(call) !== Kind.MethodCall) return undefined;
    const on = this.typeOf(fn, code.child(call, Role.Object));
    const row = on && this.#row(on, code.name(call));
    const spec = row?.spec.split(' |')[1];
    if (!row || spec === undefined) return undefined;
    const index = code.all(closure, Role.Param).indexOf(param);
    const wanted = parse(`(${spec},)`).args[index];
    return wanted && this.#make(wanted, this.#bindings(fn, row, call, spec), row.type.file);
  }

  // --- expressions

  #infer(fn: Fn, n: NodeId): TypeRef | undefined {
    const code = fn.code;
    const plain = (name: string, args: TypeRef[] = []) => make(name, fn.file, args);
    switch (code.kind(n)) {
      case Kind.Name:
        return this.#name(fn, n);
      case Kind.Path:
        return this.#path(fn, n);
      case Kind.Field: {
        const object = this.typeOf(fn, code.child(n, Role.Object));
        if (!object) return undefined;
        for (const t of this.derefs(object)) {
          if (t.name === 'tuple') return t.args[Number(code.name(n))];
          const found = t.decl && this.fieldOf(t.decl, t, code.name(n));
          if (found) return found;
        }
        return undefined;
      }
      case Kind.Index:
      case Kind.Slice: {
        const object = this.typeOf(fn, code.child(n, Role.Object));
        if (!object) return undefined;
        const slice = code.kind(n) === Kind.Slice;
        for (const t of this.derefs(object)) {
          const name = lastSegment(t.name);
          if (name === 'str') return slice ? t : undefined;
          if (/^(slice|array|Vec|VecDeque)$/.test(name))
            return slice ? plain('slice', [...t.args.slice(0, 1)]) : t.args[0];
          if (/Map$/.test(name) && !t.decl) return t.args[1];
        }
        return undefined;
      }
      case Kind.Unary: {
        const object = this.typeOf(fn, code.child(n, Role.Object));
        const operator = code.name(n);
        if (operator === '&' || operator === '&mut') return object && ref(object, operator);
        if (operator === '*') return object && this.deref(object);
        return object;
      }
      case Kind.Await: {
        const type = this.typeOf(fn, code.child(n, Role.Object));
        return type && this.#output(type);
      }
      case Kind.Try: {
        const type = this.typeOf(fn, code.child(n, Role.Object));
        return type && /^(Option|Result)$/.test(lastSegment(type.name)) ? type.args[0] : undefined;
      }
      case Kind.Cast:
      case Kind.Composite:
        return this.written(fn, code.child(n, Role.Type));
      case Kind.Sequence: {
        const args = code.all(n, Role.Arg).map((a) => this.typeOf(fn, a));
        if (code.name(n) === 'tuple')
          return plain(
            'tuple',
            args.map((a) => a ?? plain('_')),
          );
        return args[0] && plain('array', [args[0]]);
      }
      case Kind.Macro:
        return this.#macro(fn, n);
      case Kind.String: {
        // Raw and byte strings have more around the text than two quotes.
        const name = code.name(n);
        const plainText = name.length >= 200 || code.end(n) - code.start(n) === name.length + 2;
        return plainText ? ref(plain('str')) : undefined;
      }
      case Kind.Number:
        return plain(numberSuffix.exec(code.name(n))?.[0] ?? (/\./.test(code.name(n)) ? 'f64' : 'i32'));
      case Kind.Literal:
        return plain(/^(true|false)$/.test(code.name(n)) ? 'bool' : 'char');
      case Kind.Binary: {
        if (/^([=!<>]=|[<>]|&&|\|\|)$/.test(code.name(n))) return plain('bool');
        // Arithmetic on references to numbers gives numbers.
        const left = this.typeOf(fn, code.child(n, Role.Left));
        return left && isReference(left) && left.args[0] && rustNumbers.test(left.args[0].name)
          ? left.args[0]
          : left;
      }
      case Kind.Range: {
        const low = code.child(n, Role.Low);
        return plain('Iterator', [(low >= 0 && this.typeOf(fn, low)) || plain('usize')]);
      }
      case Kind.Block: {
        const value = code.child(n, Role.Value);
        return value < 0 ? undefined : this.typeOf(fn, value);
      }
      case Kind.AsyncBlock:
        return this.typeOf(fn, code.child(n, Role.Body));
      case Kind.If:
        return this.typeOf(fn, code.child(n, Role.Then)) ?? this.typeOf(fn, code.child(n, Role.Else));
      case Kind.Match: {
        for (const arm of code.all(n, Role.Arm)) {
          const type = this.typeOf(fn, code.child(arm, Role.Body));
          if (type) return type;
        }
        return undefined;
      }
      case Kind.Call:
        return this.#call(fn, n);
      case Kind.MethodCall:
        return this.#method(fn, n);
      default:
        return undefined;
    }
  }

  #macro(fn: Fn, n: NodeId): TypeRef | undefined {
    const code = fn.code;
    const args = code.all(n, Role.Arg);
    switch (lastSegment(code.name(n))) {
      case 'vec': {
        const first = args[0] === undefined ? undefined : this.typeOf(fn, args[0]);
        return make('Vec', fn.file, first ? [first] : []);
      }
      case 'format':
        return make('String', fn.file);
      case 'json':
        return make('serde_json::Value', fn.file);
      default:
        return undefined;
    }
  }

  #name(fn: Fn, n: NodeId): TypeRef | undefined {
    const code = fn.code;
    const name = code.name(n);
    if (name === 'self') {
      const owner = this.#values.ownerType(fn);
      if (!owner || !fn.fact.receiverByReference) return owner;
      return ref(owner, fn.fact.receiverMutable ? '&mut' : '&');
    }
    const binding = this.#values.scope(fn).lookup(name, code.start(n));
    if (binding) {
      return code.kind(binding.node) === Kind.Bind ? this.#boundOnce(fn, binding.node) : undefined;
    }
    const global = fn.package.globalMeant(fn.file, name);
    return global && this.#values.types.at(global.file, global.fact.type);
  }

  #boundOnce(fn: Fn, bind: NodeId): TypeRef | undefined {
    return this.#types.get(fn, bind, this.#bound);
  }

  #path(fn: Fn, n: NodeId): TypeRef | undefined {
    const path = fn.code.name(n);
    const segments = path.split('::');
    const global = fn.package.globalMeant(fn.file, path);
    if (global) return this.#values.types.at(global.file, global.fact.type);
    const before = segments.slice(0, -1).join('::');
    const decl = this.#values.types.declaration(fn.file, before === 'Self' ? fn.fact.owner : before);
    if (decl?.fact.kind === 'enum' && decl.fact.members.includes(segments.at(-1) as string))
      return this.#values.types.named(decl.file, decl.fact.name);
    return undefined;
  }

  #call(fn: Fn, n: NodeId): TypeRef | undefined {
    const code = fn.code;
    const callee = code.child(n, Role.Callee);
    if (callee < 0) return undefined;
    const kind = code.kind(callee);
    if (kind !== Kind.Name && kind !== Kind.Path) return undefined;
    const name = code.name(callee);
    const first = code.child(n, Role.Arg);
    const argument = () => (first < 0 ? undefined : this.typeOf(fn, first));
    const plain = (t: string, args: TypeRef[] = []) => make(t, fn.file, args);
    if (name === 'Some' || name === 'Ok' || name === 'Err') {
      const inner = argument() ?? plain('_');
      if (name === 'Some') return plain('Option', [inner]);
      return plain('Result', name === 'Ok' ? [inner, plain('_')] : [plain('_'), inner]);
    }
    const made = this.#values.functionsOf(fn, callee)[0];
    if (made) return this.#result(made, undefined);
    const segments = name.split('::');
    const last = segments.at(-1) as string;
    const short = segments.slice(-2).join('::');
    const imported = segments.length === 1 ? fn.file.importPath(name) : undefined;
    const key = imported ? imported.split('::').slice(-2).join('::') : short;
    if (Object.hasOwn(rustFunctions, key)) {
      const bound = new Map<string, TypeRef>();
      const a = argument();
      if (a) bound.set('A', a);
      return this.#make(parse(rustFunctions[key] as string), bound, fn.file);
    }
    if (segments.length > 1) {
      const before = segments.slice(0, -1).join('::');
      const head = segments.at(-2) as string;
      if (/^(Arc|Rc|Box|Mutex|RwLock|RefCell|Cell|Reverse|OnceLock|OnceCell|Pin)$/.test(head)) {
        const inner = argument();
        if (last === 'clone') return inner && isReference(inner) ? inner.args[0] : undefined;
        return inner && /^(new|from|pin)$/.test(last) ? plain(head, [inner]) : undefined;
      }
      if (!/^[A-Z]/.test(head)) return undefined;
      const type = before === 'Self' ? this.#values.ownerType(fn) : this.#values.types.named(fn.file, before);
      if (!type) return undefined;
      if (type.decl?.fact.kind === 'enum' && type.decl.fact.members.includes(last)) return type;
      if (last === 'clone') {
        const inner = argument();
        return inner && isReference(inner) ? inner.args[0] : undefined;
      }
      if (/^(new|with_|default$|from_iter$)/.test(last)) {
        const typed = code.all(callee, Role.TypeArg).map((t) => this.written(fn, t));
        return typed.length > 0 ? { ...type, args: typed.map((t) => t ?? plain('_')) } : type;
      }
      return undefined;
    }
    // A tuple struct.
    const decl = this.#values.types.declaration(fn.file, name === 'Self' ? fn.fact.owner : name);
    return decl && this.#values.types.named(decl.file, decl.fact.name);
  }

  #method(fn: Fn, n: NodeId): TypeRef | undefined {
    const code = fn.code;
    const name = code.name(n);
    const on = this.typeOf(fn, code.child(n, Role.Object));
    if (!on) return undefined;
    if (name === 'clone') return this.#cloned(on);
    if (name === 'to_owned') return this.#copied(on);
    if (name === 'to_string') return make('String', fn.file);
    for (const t of this.derefs(on)) {
      if (!t.decl) continue;
      const made = this.#values.methodsOfDecl(t.decl, name)[0];
      if (made) return this.#result(made, t);
    }
    if (name === 'collect') {
      const target = code.child(n, Role.TypeArg);
      const written = target < 0 ? undefined : this.written(fn, target);
      if (!written) return undefined;
      return written.args.some((a) => a.name === '_') ? this.#collected(written, on.args[0]) : written;
    }
    const row = this.#row(on, name);
    if (row) {
      const result = row.spec.split(' |')[0] as string;
      return this.#make(parse(result), this.#bindings(fn, row, n, result), fn.file);
    }
    // A guard or a future stands for what it resolves to, so that taking it out changes nothing.
    if (/^(unwrap|expect|unwrap_or_else)$/.test(name) && !/^(Option|Result)$/.test(lastSegment(on.name)))
      return lastSegment(on.name) === 'Guard' ? on : undefined;
    return undefined;
  }

  /** What `.clone()` gives: the value behind one reference, or the reference when there is no value to own. */
  #cloned(on: TypeRef): TypeRef | undefined {
    // Guards cannot be cloned, what they guard can.
    if (!on.decl && /^(Guard|Ref|RefMut|\w+Guard)$/.test(lastSegment(on.name))) return on.args[0];
    if (!isReference(on)) return on;
    const inner = on.args[0];
    return inner && /^(str|slice|dyn|Path|OsStr)$/.test(inner.name) ? on : inner;
  }

  /** What `.to_owned()` gives: the owned form of what is behind one reference. */
  #copied(on: TypeRef): TypeRef | undefined {
    if (!isReference(on)) return on;
    const inner = on.args[0];
    if (!inner) return undefined;
    const owned = inner.decl ? undefined : rustOwned[lastSegment(inner.name)];
    if (owned === undefined) return inner;
    return this.#make(parse(owned), new Map(inner.args[0] ? [['T', inner.args[0]]] : []), inner.file);
  }

  /** The row of a method for a receiver or what it dereferences to. */
  #row(
    on: TypeRef,
    method: string,
  ): { readonly type: TypeRef; readonly rows: MethodRows; readonly spec: string } | undefined {
    for (const t of this.derefs(on)) {
      if (t.decl) continue;
      let key = lastSegment(t.name);
      if ((key === 'impl' || key === 'dyn') && t.args[0]) key = lastSegment(t.args[0].name);
      key = rustMethodAliases[key] ?? key;
      const rows = Object.hasOwn(rustMethods, key) ? (rustMethods[key] as MethodRows) : undefined;
      if (rows && Object.hasOwn(rows.methods, method))
        return { type: t, rows, spec: rows.methods[method] as string };
    }
    return undefined;
  }

  #bindings(
    fn: Fn,
    row: { readonly type: TypeRef; readonly rows: MethodRows; readonly spec: string },
    call: NodeId,
    needed: string,
  ): Bound {
    const bound = new Map<string, TypeRef>();
    const { type, rows } = row;
    const args = type.name === 'impl' || type.name === 'dyn' ? (type.args[0]?.args ?? []) : type.args;
    rows.params.forEach((p, i) => {
      const arg = args[i];
      if (arg && arg.name !== '_') bound.set(p, arg);
    });
    bound.set('Self', type);
    const code = fn.code;
    if (/\bR\b/.test(needed)) {
      const closure = code.all(call, Role.Arg).find((a) => code.kind(a) === Kind.Closure);
      const result = closure === undefined ? undefined : this.typeOf(fn, code.child(closure, Role.Body));
      if (result) bound.set('R', result);
    }
    if (/\bA\b/.test(needed)) {
      const first = code.child(call, Role.Arg);
      const type = first < 0 ? undefined : this.typeOf(fn, first);
      if (type) bound.set('A', type);
    }
    return bound;
  }

  #make(t: Template, bound: Bound, file: SourceFile): TypeRef | undefined {
    if (t.args.length === 0) {
      const known = bound.get(t.name);
      if (known) return known;
      return /^([A-Z]|Self)$/.test(t.name) ? undefined : make(t.name, file);
    }
    const args = t.args.map((a) => this.#make(a, bound, file));
    const inner = args[0];
    switch (t.name) {
      case 'Unref':
        return inner && (isReference(inner) ? inner.args[0] : inner);
      case 'Deref':
        return inner && (this.deref(inner) ?? inner);
      case 'Inner':
        return inner?.args[0];
      case 'Item':
        return inner && this.item(inner);
      case 'Owned': {
        if (!inner) return undefined;
        const owned = inner.decl ? undefined : rustOwned[lastSegment(inner.name)];
        if (owned === undefined) return inner;
        return this.#make(parse(owned), new Map(inner.args[0] ? [['T', inner.args[0]]] : []), file);
      }
      default:
        return make(
          t.name,
          file,
          args.map((a) => a ?? make('_', file)),
        );
    }
  }

  /** The result of a function of the workspace. */
  #result(made: Fn, on: TypeRef | undefined): TypeRef | undefined {
    if (made.fact.result < 0) return make('tuple', made.file);
    const result = this.written(made, made.fact.result);
    if (!result) return undefined;
    // A type parameter of the function can be anything.
    if (made.fact.generics.some((g) => mentions(result, g.name))) {
      const known = on?.decl ? generics(on.decl, on) : undefined;
      return known && known.size > 0 ? substitute(result, known) : undefined;
    }
    return result;
  }

  #unself(fn: Fn, type: TypeRef): TypeRef {
    if (type.name === 'Self') return this.#values.ownerType(fn) ?? type;
    if (!type.args.some((a) => mentions(a, 'Self'))) return type;
    return { ...type, args: type.args.map((a) => this.#unself(fn, a)) };
  }

  /** What a future resolves to; anything else stands for itself. */
  #output(type: TypeRef): TypeRef | undefined {
    const name = lastSegment(type.name);
    if (name === 'JoinHandle') return make('Result', type.file, [type.args[0] ?? make('_', type.file)]);
    if (name === 'Pin' || name === 'Box' || name === 'impl' || name === 'dyn')
      return type.args[0] && this.#output(type.args[0]);
    if (name === 'BoxFuture') return type.args[0];
    if (name !== 'Future') return type;
    return this.#associated(type, 'Output');
  }
}

function makeRustValues(program: Program): RustValues {
  return new RustValues(program);
}

export function isReference(type: TypeRef): boolean {
  return type.name === '&' || type.name === '&mut';
}

function make(name: string, file: SourceFile, args: readonly TypeRef[] = []): TypeRef {
  return { name, args, decl: undefined, file, node: -1 };
}

function ref(type: TypeRef, name = '&'): TypeRef {
  return make(name, type.file, [type]);
}

function isPattern(kind: Kind): boolean {
  return kind === Kind.Bind || kind === Kind.Destructure || kind === Kind.FieldPattern;
}

/** `..`, as against `_`. */
function isRest(fn: Fn, n: NodeId): boolean {
  return fn.code.kind(n) === Kind.Wildcard && fn.code.end(n) - fn.code.start(n) === 2;
}

/** The types of all fields (of all variants) of a declared type. */
export function substituteFields(decl: TypeDecl, type: TypeRef, values: RustValues): (TypeRef | undefined)[] {
  return decl.fact.fields.map((f) => values.fieldOf(decl, type, f.name));
}

/** What the type parameters of a declaration stand for in one of its types. */
function generics(decl: TypeDecl, type: TypeRef): Bound {
  const bound = new Map<string, TypeRef>();
  decl.fact.generics.forEach((g, i) => {
    const arg = type.args[i];
    if (arg) bound.set(g.name, arg);
  });
  return bound;
}

function substitute(type: TypeRef, bound: Bound): TypeRef {
  const known = type.args.length === 0 ? bound.get(type.name) : undefined;
  if (known) return known;
  if (bound.size === 0 || type.args.length === 0) return type;
  return { ...type, args: type.args.map((a) => substitute(a, bound)) };
}

function mentions(type: TypeRef, name: string): boolean {
  return type.name === name || type.args.some((a) => mentions(a, name));
}

const templates = new Map<string, Template>();

/** Reads a type as the tables write it: `Option<(&K, &mut V)>`, `&[T]`. */
function parse(text: string): Template {
  let known = templates.get(text);
  if (!known) {
    known = new TemplateReader(text).type();
    templates.set(text, known);
  }
  return known;
}

class TemplateReader {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = text.match(/[\w:]+|[<>()[\],&]/g) ?? [];
  }

  type(): Template {
    const token = this.#tokens[this.#at++] ?? '_';
    if (token === '&') {
      const mutable = this.#tokens[this.#at] === 'mut';
      if (mutable) this.#at++;
      return { name: mutable ? '&mut' : '&', args: [this.type()] };
    }
    if (token === '(') return { name: 'tuple', args: this.#list(')') };
    if (token === '[') return { name: 'slice', args: this.#list(']') };
    if (this.#tokens[this.#at] !== '<') return { name: token, args: [] };
    this.#at++;
    return { name: token, args: this.#list('>') };
  }

  #list(close: string): Template[] {
    const args: Template[] = [];
    while (this.#at < this.#tokens.length && this.#tokens[this.#at] !== close) {
      args.push(this.type());
      if (this.#tokens[this.#at] === ',') this.#at++;
    }
    this.#at++;
    return args;
  }
}
