import type { Steps } from '../../core/steps.ts';
import { flagVariables } from '../../knowledge/numbers.ts';
import { kinds } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import type { Fn, Global, Program, SourceFile, TypeDecl } from '../program.ts';
import { peel } from '../types/types.ts';
import { Values } from '../types/values.ts';

const WANTED = kinds(Kind.FieldInit, Kind.Assign, Kind.MethodCall, Kind.Call);

/** A value that is written to a field or to a package variable. */
export interface Write {
  readonly file: SourceFile;
  /** The function it stands in; undefined in the value of a global. */
  readonly fn: Fn | undefined;
  /** The FieldInit, the Assign, or the call that is given the address: `flag.IntVar(&c.Items, …)`. */
  readonly node: NodeId;
  readonly value: NodeId;
  /** Which of several results the value is. */
  readonly index: number;
}

const NODE_SPACE = 2 ** 24;

/** What is written to fields and globals, found by name first and by type when it is asked for. One per program. */
export class Writes {
  readonly #values: Values;
  readonly #homes: { readonly file: SourceFile; readonly fn: Fn | undefined }[] = [];
  readonly #named = new Map<string, number[]>();
  /** Sizes are traced through the same fields again and again. */
  readonly #toFields = new Map<TypeDecl, Map<string, readonly Write[]>>();

  constructor(program: Program) {
    this.#values = Values.of(program);
  }

  static of(program: Program): Writes {
    return program.deriveAll(Writes.make);
  }

  /** Reads all code, a function a step. */
  static *make(program: Program): Steps<Writes> {
    const writes = new Writes(program);
    for (const file of program.files()) {
      if (file.isTest) continue;
      for (const fn of file.functions) {
        const { first: body, after } = fn;
        if (!fn.isTest && body < after) writes.#read(file, fn, body, after);
        yield;
      }
      for (const g of file.globals) {
        const { value } = g.fact;
        if (value >= 0 && !g.fact.test) writes.#read(file, undefined, value, file.code.after(value));
        yield;
      }
    }
    return writes;
  }

  /** Everything that is written to a field of a type, tests left out. */
  toField(decl: TypeDecl, name: string): readonly Write[] {
    let fields = this.#toFields.get(decl);
    if (!fields) {
      fields = new Map();
      this.#toFields.set(decl, fields);
    }
    let writes = fields.get(name);
    if (!writes) {
      writes = this.#findToField(decl, name);
      fields.set(name, writes);
    }
    return writes;
  }

  #findToField(decl: TypeDecl, name: string): readonly Write[] {
    const out: Write[] = [];
    for (const packed of this.#named.get(name) ?? []) {
      const { file, fn, node } = this.#unpack(packed);
      const { code } = file;
      if (code.kind(node) === Kind.FieldInit) {
        if (this.#literalOf(file, fn, code.parent(node)) === decl)
          out.push({ file, fn, node, value: code.child(node, Role.Value), index: 0 });
        continue;
      }
      this.#targets(file, node).forEach((target, i) => {
        if (!fn || !code.is(target, Kind.Field, name)) return;
        if (this.#values.declOf(fn, code.child(target, Role.Object)) !== decl) return;
        out.push({ file, fn, node, ...this.#valueOf(file, node, i) });
      });
    }
    return out;
  }

  /** Everything that is written to a global besides its first value, tests left out. */
  toGlobal(global: Global): readonly Write[] {
    const out: Write[] = [];
    const { name } = global.fact;
    for (const packed of this.#named.get(name) ?? []) {
      const { file, fn, node } = this.#unpack(packed);
      if (!fn || file.code.kind(node) === Kind.FieldInit) continue;
      this.#targets(file, node).forEach((target, i) => {
        const { code } = file;
        const own =
          file.package === global.file.package &&
          code.is(target, Kind.Name, name) &&
          !this.#values.scope(fn).lookup(name, code.start(target));
        const path = code.is(target, Kind.Field, name)
          ? this.#values.goPackage(fn, code.child(target, Role.Object))
          : undefined;
        if (own || (path !== undefined && path === global.file.package.path))
          out.push({ file, fn, node, ...this.#valueOf(file, node, i) });
      });
    }
    return out;
  }

  #read(file: SourceFile, fn: Fn | undefined, from: NodeId, to: NodeId): void {
    const { code } = file;
    const id = this.#homes.length;
    this.#homes.push({ file, fn });
    const add = (name: string, node: NodeId) => {
      const packed = id * NODE_SPACE + node;
      const list = this.#named.get(name);
      if (list) list.push(packed);
      else this.#named.set(name, [packed]);
    };
    for (let n = code.next(WANTED, from, to); n < to; n = code.next(WANTED, n + 1, to)) {
      switch (code.kind(n)) {
        case Kind.FieldInit:
          if (code.kind(code.parent(n)) === Kind.Composite) add(code.name(n), n);
          break;
        case Kind.Assign:
        case Kind.MethodCall:
        case Kind.Call:
          for (const target of this.#targets(file, n))
            if (code.kind(target) === Kind.Field || code.kind(target) === Kind.Name)
              add(code.name(target), n);
          break;
      }
    }
  }

  /** What an assignment writes to, or whose address a flag is given. */
  #targets(file: SourceFile, node: NodeId): readonly NodeId[] {
    const { code } = file;
    if (code.kind(node) === Kind.Assign) return code.all(node, Role.Target);
    if (code.kind(node) !== Kind.MethodCall || !flagVariables.test(code.name(node))) return [];
    const first = code.child(node, Role.Arg);
    return code.is(first, Kind.Unary, '&') ? [code.child(first, Role.Object)] : [];
  }

  #valueOf(file: SourceFile, node: NodeId, i: number): { readonly value: NodeId; readonly index: number } {
    const { code } = file;
    if (code.kind(node) !== Kind.Assign) return { value: node, index: 0 };
    const values = code.all(node, Role.Value);
    const paired = values.length > i && values.length > 1;
    return { value: paired ? (values[i] as NodeId) : (values[0] ?? -1), index: paired ? 0 : i };
  }

  /** The declaration a struct literal makes a value of. */
  #literalOf(file: SourceFile, fn: Fn | undefined, literal: NodeId): TypeDecl | undefined {
    const type = file.code.child(literal, Role.Type);
    if (type < 0) return undefined;
    if (file.code.name(type) === 'Self') return fn && this.#values.ownerType(fn)?.decl;
    const at = this.#values.types.at(file, type);
    return at && peel(at).type.decl;
  }

  #unpack(packed: number): { readonly file: SourceFile; readonly fn: Fn | undefined; readonly node: NodeId } {
    const home = this.#homes[Math.floor(packed / NODE_SPACE)] as { file: SourceFile; fn: Fn | undefined };
    return { ...home, node: packed % NODE_SPACE };
  }
}
