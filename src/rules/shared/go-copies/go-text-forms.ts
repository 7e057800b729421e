/**
 * Go text exists as `string` and as `[]byte`, and turning one into the other copies it. Most places that read text
 * take either: this file knows how a place that reads the copy can be written to read the original.
 */
import {
  GO_ZERO_COPY_BYTES,
  type GoTextPair,
  goFormatters,
  goReaderConsumers,
  goStringWriters,
  goTextFunctions,
  goTextPairs,
} from '../../../knowledge/go-copies.ts';
import type { Fn } from '../../../program/program.ts';
import { knownGoUnderlying } from '../../../program/types/go-types.ts';
import { peel, type TypeRef } from '../../../program/types/types.ts';
import type { Values } from '../../../program/types/values.ts';
import { Kind, type NodeId, Role } from '../../../syntax/node.ts';
import { importedAs } from '../fixes/go-imports.ts';
import { isTarget, onlyReads, packageFunction } from '../go-locals.ts';

/** How a place reads the original instead of a copy. */
export interface Form {
  /** What is written instead, by offsets of the file. */
  readonly edits: readonly { readonly start: number; readonly end: number; readonly newText: string }[];
  /** Why the compiler makes no copy when the conversion stands in this place; undefined where it does. */
  readonly free?: string;
  /** The place does far more work than the copy. */
  readonly minor?: true;
  /** The place looks a key up in a map. */
  readonly lookup?: true;
  /** The place asks for the length or for one byte. */
  readonly trivial?: true;
  /** What reads the original, for messages: "`bytes.Contains`", "reading `b`". */
  readonly instead: string;
  /** Names of packages that are mentioned no more. */
  readonly gone: readonly NodeId[];
  /** A package that must be imported. */
  readonly add?: string;
  /** A package that is imported and has one more use. */
  readonly uses?: string;
}

/** Whether an expression is text, and in which of its two shapes; named string types count as neither. */
export function textShape(values: Values, fn: Fn, n: NodeId): 'bytes' | 'text' | undefined {
  let type = values.typeOf(fn, n);
  if (!type) return undefined;
  const { code } = fn;
  if (code.is(n, Kind.Unary, '*') && type.name === '*') type = type.args[0];
  if (type?.decl?.fact.kind === 'defined')
    type = values.types.at(type.decl.file, type.decl.fact.target) ?? type;
  if (!type || type.decl) return undefined;
  if (type.name === 'string') return values.typeOf(fn, n)?.decl ? undefined : 'text';
  const under = knownGoUnderlying(type) ?? type;
  const element = under.args[0]?.name;
  if (element !== 'byte' && element !== 'uint8') return undefined;
  return under.name === 'slice' || (under.name === 'array' && code.kind(n) === Kind.Slice)
    ? 'bytes'
    : undefined;
}

/** Reads of the text of one function, with the texts to write instead. */
export class TextForms {
  readonly #values: Values;
  readonly #fn: Fn;
  readonly #text: string;
  /** The compiler of the module's Go version makes no copy for `[]byte(s)` that is neither changed nor kept. */
  readonly #zeroCopy: boolean;

  constructor(values: Values, fn: Fn) {
    this.#values = values;
    this.#fn = fn;
    this.#text = fn.package.text(fn.file.facts.file);
    this.#zeroCopy = atLeast(fn.package.project?.goVersion ?? '', GO_ZERO_COPY_BYTES);
  }

  textOf(n: NodeId): string {
    return this.#text.slice(this.#fn.code.start(n), this.#fn.code.end(n));
  }

  /**
   * How the place that reads the string `n` can read the bytes `original` instead. `written` is what stands for the
   * string where only the compiler saves the copy: `string(b)`.
   * @param exact the bytes are of type `[]byte` itself: a named type may print itself in its own way
   */
  ofBytes(n: NodeId, original: string, written: string, exact: boolean): Form | undefined {
    const { code } = this.#fn;
    const p = code.parent(n);
    if (p < 0) return undefined;
    const role = code.role(n);
    switch (code.kind(p)) {
      case Kind.Index:
        if (role === Role.Object)
          return isTarget(this.#fn, p) ? undefined : { ...this.#form(n, original), trivial: true };
        if (role !== Role.Index || !this.#isMap(code.child(p, Role.Object)) || isTarget(this.#fn, p))
          return undefined;
        return { ...this.#form(n, written), free: 'a map lookup', lookup: true };
      case Kind.Binary: {
        const operator = code.name(p);
        if (/^([=!<>]=|[<>])$/.test(operator)) return { ...this.#form(n, written), free: 'a comparison' };
        return operator === '+' && this.#joinsConstant(p)
          ? { ...this.#form(n, written), free: 'a concatenation with a constant' }
          : undefined;
      }
      case Kind.Match:
        return role === Role.Subject && this.#constantCases(p)
          ? { ...this.#form(n, written), free: 'a switch over constants' }
          : undefined;
      case Kind.Slice:
        return role === Role.Object ? this.#sliceOfText(n, p, original) : undefined;
      case Kind.Cast:
        return this.#backToBytes(n, p, original);
      case Kind.Call:
        if (role === Role.Arg && code.is(code.child(p, Role.Callee), Kind.Name, 'len'))
          return { ...this.#form(n, original), trivial: true };
        return undefined;
      case Kind.MethodCall:
        return role === Role.Arg ? this.#called(n, p, original, 'text', exact) : undefined;
      default:
        return undefined;
    }
  }

  /** How the place that reads the bytes `n` can read the string `original` instead. */
  ofText(n: NodeId, original: string, written: string): Form | undefined {
    const { code } = this.#fn;
    const p = code.parent(n);
    if (p < 0) return undefined;
    const role = code.role(n);
    const light = (form: Form): Form =>
      this.#zeroCopy
        ? { ...form, free: `Go ${GO_ZERO_COPY_BYTES} or later sees that the bytes are only read` }
        : form;
    switch (code.kind(p)) {
      case Kind.Index:
        return role === Role.Object && !isTarget(this.#fn, p) && !code.is(code.parent(p), Kind.Unary, '&')
          ? light(this.#form(n, original))
          : undefined;
      case Kind.Loop:
        return role === Role.Iter
          ? { ...this.#form(n, written), free: 'a loop over the bytes of a string' }
          : undefined;
      case Kind.Unary: {
        const call = code.parent(p);
        const spread = code.name(p) === '...' && code.is(code.child(call, Role.Callee), Kind.Name, 'append');
        return spread && code.child(call, Role.Arg) !== p ? light(this.#form(n, original)) : undefined;
      }
      case Kind.Call: {
        const callee = code.child(p, Role.Callee);
        if (role !== Role.Arg || callee < 0) return undefined;
        const name = code.name(callee);
        if (name === 'len') return light(this.#form(n, original));
        if (name === 'copy' && code.child(p, Role.Arg) !== n) return light(this.#form(n, original));
        if (name === 'string' && !code.is(code.child(p, Role.TypeArg), Kind.Type))
          return this.#form(p, original);
        return undefined;
      }
      case Kind.MethodCall: {
        if (role !== Role.Arg) return undefined;
        const form = this.#called(n, p, original, 'bytes', true);
        if (!form) return undefined;
        return this.#holds(p) ? form : light(form);
      }
      default:
        return undefined;
    }
  }

  /** The place reads `original` in place of `n`. */
  #form(n: NodeId, original: string): Form {
    const { code } = this.#fn;
    return {
      edits: [{ start: code.start(n), end: code.end(n), newText: original }],
      instead: `reading \`${short(original)}\``,
      gone: [],
    };
  }

  /** `string(b)[i:j]` → `string(b[i:j])`: only the part is copied. */
  #sliceOfText(n: NodeId, slice: NodeId, original: string): Form | undefined {
    const { code } = this.#fn;
    if (code.kind(n) !== Kind.Call || !/^[\w.]+$/.test(original)) return undefined;
    const bounds = this.#text.slice(code.end(n), code.end(slice));
    return {
      edits: [{ start: code.start(slice), end: code.end(slice), newText: `string(${original}${bounds})` }],
      instead: `\`string(${short(original + bounds)})\``,
      gone: [],
    };
  }

  /** `[]byte(text)` where bytes are only read or written out: the bytes themselves. */
  #backToBytes(n: NodeId, cast: NodeId, original: string): Form | undefined {
    const { code } = this.#fn;
    if (code.role(n) !== Role.Object || !isByteSlice(this.#fn, code.child(cast, Role.Type))) return undefined;
    const p = code.parent(cast);
    const argument = p >= 0 && code.role(cast) === Role.Arg;
    const read =
      argument &&
      (onlyReads(this.#values, this.#fn, p) ||
        (code.kind(p) === Kind.MethodCall && code.name(p) === 'Write'));
    if (!read) return undefined;
    return this.#form(cast, original);
  }

  /** A function or method that has a counterpart for the other shape of text. `has` is the shape it takes now. */
  #called(
    n: NodeId,
    call: NodeId,
    original: string,
    has: 'bytes' | 'text',
    exact: boolean,
  ): Form | undefined {
    const { code } = this.#fn;
    const args = code.all(call, Role.Arg);
    const position = args.indexOf(n);
    const object = code.child(call, Role.Object);
    const called = packageFunction(this.#values, this.#fn, call);
    if (called) {
      const from = has === 'text' ? 'strings' : 'bytes';
      if (called.path === from) {
        return called.name === 'Equal'
          ? this.#equal(call, args)
          : (this.#twin(call, args, position, original, has) ?? this.#reader(n, call, original, has));
      }
      const pairs = goTextPairs[called.path];
      const found = pairs?.find((c) => c[has] === called.name && c.argument === position);
      if (found) return this.#rename(n, call, found, original, has);
      if (has === 'text' && called.path === 'io' && called.name === 'WriteString' && position === 1) {
        const writer = this.textOf(args[0] as NodeId);
        return {
          edits: [{ start: code.start(call), end: code.end(call), newText: `${writer}.Write(${original})` }],
          instead: `\`${short(writer)}.Write\``,
          gone: [object],
        };
      }
      const wrapped = this.#reader(n, call, original, has);
      if (wrapped) return wrapped;
      return has === 'text' && exact ? this.#formatted(n, called, args, position, original) : undefined;
    }
    const type = this.#values.typeOf(this.#fn, object);
    if (!type) return undefined;
    const name = peel(type).type.name;
    const method = goTextPairs[name]?.find((c) => c[has] === code.name(call) && c.argument === position);
    if (method) return this.#rename(n, call, method, original, has);
    if (has === 'bytes' && goStringWriters.has(name) && code.name(call) === 'Write' && position === 0) {
      const io = this.#package('io', call);
      if (!io) return undefined;
      return {
        edits: [
          {
            start: code.start(call),
            end: code.end(call),
            newText: `${io.name}.WriteString(${this.textOf(object)}, ${original})`,
          },
        ],
        instead: '`io.WriteString`',
        gone: [],
        ...io.add,
      };
    }
    return undefined;
  }

  /** `strings.Contains(string(b), "x")` → `bytes.Contains(b, []byte("x"))`, and the other way round. */
  #twin(
    call: NodeId,
    args: readonly NodeId[],
    position: number,
    original: string,
    has: 'bytes' | 'text',
  ): Form | undefined {
    const { code } = this.#fn;
    const name = code.name(call);
    const positions = Object.hasOwn(goTextFunctions, name) ? goTextFunctions[name] : undefined;
    if (!positions?.includes(position)) return undefined;
    const to = has === 'text' ? 'bytes' : 'strings';
    const used = this.#package(to, call);
    if (!used) return undefined;
    const written: string[] = [];
    for (const [i, arg] of args.entries()) {
      if (i === position) written.push(original);
      else if (!positions.includes(i)) written.push(this.textOf(arg));
      else {
        const other = has === 'text' ? this.#asBytes(arg) : this.#asText(arg);
        if (other === undefined) return undefined;
        written.push(other);
      }
    }
    const object = code.child(call, Role.Object);
    return {
      edits: [
        {
          start: code.start(call),
          end: code.end(call),
          newText: `${used.name}.${name}(${written.join(', ')})`,
        },
      ],
      instead: `\`${to}.${name}\``,
      gone: [object],
      ...used.add,
    };
  }

  /** `bytes.Equal([]byte(s), b)` → `s == string(b)`, which copies nothing. */
  #equal(call: NodeId, args: readonly NodeId[]): Form | undefined {
    const { code } = this.#fn;
    if (args.length !== 2) return undefined;
    const sides = args.map((a) => this.#asText(a) ?? `string(${this.textOf(a)})`);
    const compared = sides.join(' == ');
    const up = code.kind(code.parent(call));
    return {
      edits: [
        {
          start: code.start(call),
          end: code.end(call),
          newText: up === Kind.Unary || up === Kind.Binary ? `(${compared})` : compared,
        },
      ],
      instead: `\`${short(compared)}\``,
      gone: [code.child(call, Role.Object)],
    };
  }

  #rename(n: NodeId, call: NodeId, to: GoTextPair, original: string, has: 'bytes' | 'text'): Form {
    const { code } = this.#fn;
    const object = code.child(call, Role.Object);
    const dot = this.#text.indexOf('.', code.end(object));
    const name = has === 'text' ? to.bytes : to.text;
    const from = dot + 1 + (/^\s*/.exec(this.#text.slice(dot + 1))?.[0].length ?? 0);
    return {
      edits: [
        { start: from, end: from + code.name(call).length, newText: name },
        { start: code.start(n), end: code.end(n), newText: original },
      ],
      instead: `\`${short(this.textOf(object))}.${name}\``,
      gone: [],
    };
  }

  /** `json.NewDecoder(strings.NewReader(string(b)))` → `bytes.NewReader(b)`, and the other way round. */
  #reader(n: NodeId, call: NodeId, original: string, has: 'bytes' | 'text'): Form | undefined {
    const { code } = this.#fn;
    const name = code.name(call);
    const made = packageFunction(this.#values, this.#fn, call);
    const source = `${made?.path}.${name}`;
    const fits =
      has === 'text'
        ? source === 'strings.NewReader' || source === 'bytes.NewBufferString'
        : source === 'bytes.NewReader' || source === 'bytes.NewBuffer';
    if (!fits || code.all(call, Role.Arg).length !== 1 || code.child(call, Role.Arg) !== n) return undefined;
    if (!this.consumed(call)) return undefined;
    const to = has === 'text' ? 'bytes' : 'strings';
    const used = this.#package(to, call);
    if (!used) return undefined;
    return {
      edits: [
        { start: code.start(call), end: code.end(call), newText: `${used.name}.NewReader(${original})` },
      ],
      instead: `\`${to}.NewReader\``,
      gone: [code.child(call, Role.Object)],
      ...used.add,
    };
  }

  /** True when a reader is handed straight to a function that takes any `io.Reader`. */
  consumed(call: NodeId): boolean {
    const { code } = this.#fn;
    const p = code.parent(call);
    const taker = p < 0 ? undefined : packageFunction(this.#values, this.#fn, p);
    if (!taker || code.role(call) !== Role.Arg) return false;
    const key = `${taker.path}.${taker.name}`;
    return (
      Object.hasOwn(goReaderConsumers, key) && code.all(p, Role.Arg).indexOf(call) === goReaderConsumers[key]
    );
  }

  /** `fmt.Printf("%s", string(b))`: `%s`, `%q` and `%x` print bytes as they print a string. */
  #formatted(
    n: NodeId,
    called: { readonly path: string; readonly name: string },
    args: readonly NodeId[],
    position: number,
    original: string,
  ): Form | undefined {
    const { code } = this.#fn;
    const key = `${called.path}.${called.name}`;
    const at = Object.hasOwn(goFormatters, key) ? goFormatters[key] : undefined;
    if (at === undefined) return undefined;
    const format = args[at];
    if (format === undefined || code.kind(format) !== Kind.String) return undefined;
    const verb = verbs(code.name(format))?.[position - at - 1];
    if (verb === undefined || !/[sqxX]/.test(verb)) return undefined;
    return { ...this.#form(n, original), minor: true };
  }

  /** A text argument as bytes, or undefined when that would need a copy in its turn. */
  #asBytes(n: NodeId): string | undefined {
    const { code } = this.#fn;
    if (code.kind(n) === Kind.String) return `[]byte(${this.textOf(n)})`;
    if (code.kind(n) === Kind.Call && code.is(code.child(n, Role.Callee), Kind.Name, 'string')) {
      const arg = code.child(n, Role.Arg);
      if (arg >= 0 && textShape(this.#values, this.#fn, arg) === 'bytes') return this.textOf(arg);
    }
    return this.#isConstant(n) ? `[]byte(${this.textOf(n)})` : undefined;
  }

  /** Bytes that were made from text as that text, or undefined. */
  #asText(n: NodeId): string | undefined {
    const { code } = this.#fn;
    if (code.kind(n) !== Kind.Cast || !isByteSlice(this.#fn, code.child(n, Role.Type))) return undefined;
    const object = code.child(n, Role.Object);
    return textShape(this.#values, this.#fn, object) === 'text' ? this.textOf(object) : undefined;
  }

  /** How the file names a package at a place, with the import it needs; undefined when the name is taken there. */
  #package(
    path: string,
    at: NodeId,
  ): { readonly name: string; readonly add: Pick<Form, 'add' | 'uses'> } | undefined {
    const { file, code } = this.#fn;
    const known = importedAs(file, path);
    const name = known ?? path;
    if (this.#values.scope(this.#fn).lookup(name, code.start(at))) return undefined;
    if (known === undefined && this.#fn.package.globalsNamed(name).length > 0) return undefined;
    if (known === undefined && this.#fn.package.functionsNamed(name).some((f) => f.fact.owner === ''))
      return undefined;
    if (known === undefined && file.importPath(name) !== undefined) return undefined;
    return { name, add: known === undefined ? { add: path } : { uses: name } };
  }

  #holds(call: NodeId): boolean {
    const { code } = this.#fn;
    const called = packageFunction(this.#values, this.#fn, call);
    if (called) {
      if (called.path === 'bytes') return called.name === 'NewReader' || called.name === 'NewBuffer';
      return goTextPairs[called.path]?.find((c) => c.bytes === called.name)?.holds ?? true;
    }
    const type = this.#values.typeOf(this.#fn, code.child(call, Role.Object));
    const pairs = type && goTextPairs[peel(type).type.name];
    return pairs?.find((c) => c.bytes === code.name(call))?.holds ?? true;
  }

  #isMap(n: NodeId): boolean {
    const type = this.#values.typeOf(this.#fn, n);
    if (!type) return false;
    const inner = underlying(this.#values, peel(type).type);
    return inner.name === 'map';
  }

  /** The compiler saves the copy when another part of the concatenation is a constant that is not empty. */
  #joinsConstant(binary: NodeId): boolean {
    const { code } = this.#fn;
    let top = binary;
    while (code.is(code.parent(top), Kind.Binary, '+')) top = code.parent(top);
    for (let n = top; n < code.after(top); n++)
      if (code.kind(n) === Kind.String && code.name(n) !== '' && code.is(code.parent(n), Kind.Binary, '+'))
        return true;
    return false;
  }

  #constantCases(match: NodeId): boolean {
    const { code } = this.#fn;
    return code
      .all(match, Role.Arm)
      .every((arm) =>
        code.all(arm, Role.Pattern).every((p) => code.kind(p) === Kind.String || this.#isConstant(p)),
      );
  }

  #isConstant(n: NodeId): boolean {
    const { code } = this.#fn;
    if (code.kind(n) !== Kind.Name) return false;
    const name = code.name(n);
    if (this.#values.scope(this.#fn).lookup(name, code.start(n))) return false;
    return this.#fn.package.globalsNamed(name).some((g) => g.fact.kind === 'const');
  }

  #name(call: NodeId): string {
    const { code } = this.#fn;
    if (code.kind(call) === Kind.MethodCall)
      return `${short(this.textOf(code.child(call, Role.Object)))}.${code.name(call)}`;
    const callee = code.child(call, Role.Callee);
    return callee < 0 ? 'the call' : short(this.textOf(callee));
  }
}

/** The type underneath a defined type. */
export function underlying(values: Values, type: TypeRef): TypeRef {
  if (type.decl?.fact.kind === 'defined')
    return values.types.at(type.decl.file, type.decl.fact.target) ?? type;
  return knownGoUnderlying(type) ?? type;
}

/** True for the written type `[]byte`. */
export function isByteSlice(fn: Fn, type: NodeId): boolean {
  const { code } = fn;
  if (!code.is(type, Kind.Type, 'slice')) return false;
  const element = code.child(type, Role.TypeArg);
  return code.is(element, Kind.Type, 'byte') || code.is(element, Kind.Type, 'uint8');
}

/** An expression short enough for a message. */
export function short(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length <= 27 ? line : `${line.slice(0, 26)}…`;
}

/** True when a Go version such as `1.21.3` is at least another; an unknown version is not. */
export function atLeast(version: string, least: string): boolean {
  const [a, b] = [version, least].map((v) => v.split('.').map(Number));
  if (!version || !a || !b) return false;
  for (let i = 0; i < b.length; i++) {
    const [x, y] = [a[i] ?? 0, b[i] ?? 0];
    if (x !== y) return x > y;
  }
  return true;
}

/** The verb that prints each argument of a format, or undefined when arguments are taken out of order. */
function verbs(format: string): string[] | undefined {
  const out: string[] = [];
  for (const [, flags, verb] of format.matchAll(/%([-+# 0-9.*[\]]*)([a-zA-Z%])/g)) {
    if (/[*[]/.test(flags as string)) return undefined;
    if (verb !== '%') out.push(verb as string);
  }
  return out;
}
