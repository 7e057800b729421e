import type { Span } from '../core/span.ts';
import {
  type FieldFact,
  type FileFacts,
  type FileHead,
  type FunctionFact,
  type GlobalFact,
  headOf,
  type ImportFact,
  type TypeFact,
} from '../syntax/facts.ts';

/**
 * The facts of one file as bytes that all threads share. Only who makes a program of them unpacks them, so that no
 * heap holds the whole workspace and no collector walks it.
 */
export interface PackedFacts {
  readonly head: FileHead;
  /** Of the bytes of the file: facts of the same name and digest are the same. */
  readonly digest: string;
  /** `FileFacts.nodes`. They are never unpacked: every thread reads these very bytes. */
  readonly nodes: Int32Array;
  /** Everything else as numbers, each in as few bytes as it takes; a text is its index in `texts`. */
  readonly rest: Uint8Array;
  /** A JSON array of strings, which begins with `FileFacts.names`. */
  readonly texts: Uint8Array;
}

/** A part of memory that threads share. */
export interface Room {
  readonly buffer: SharedArrayBuffer;
  readonly at: number;
}

/** Packed facts without their bytes: where those lie in a buffer that the other thread has. */
export interface PlacedFacts extends Pick<PackedFacts, 'head' | 'digest'> {
  readonly at: number;
  readonly lengths: readonly [nodes: number, rest: number, texts: number];
}

/** Bytes of an arena. What nobody writes to takes no memory. */
const ARENA = 4 * 2 ** 20;

/** Gives room for many files in one buffer: what a thread sends and gets costs by the number of buffers, not by their bytes. */
export class Arena {
  #buffer = new SharedArrayBuffer(0);
  #at = 0;

  /** Room for a number of bytes, where integers may begin. */
  take(bytes: number): Room {
    if (this.#at + bytes > this.#buffer.byteLength) {
      this.#buffer = new SharedArrayBuffer(Math.max(ARENA, bytes));
      this.#at = 0;
    }
    const at = this.#at;
    this.#at += (bytes + 3) & ~3;
    return { buffer: this.#buffer, at };
  }
}

export function placed({ head, digest, nodes, rest, texts }: PackedFacts): PlacedFacts {
  return { head, digest, at: nodes.byteOffset, lengths: [nodes.length, rest.length, texts.length] };
}

/** @param buffer in which they were placed */
export function found({ head, digest, at, lengths }: PlacedFacts, buffer: SharedArrayBuffer): PackedFacts {
  return { head, digest, ...partsIn({ buffer, at }, ...lengths) };
}

function partsIn({ buffer, at }: Room, nodes: number, rest: number, texts: number) {
  return {
    nodes: new Int32Array(buffer, at, nodes),
    rest: new Uint8Array(buffer, at + 4 * nodes, rest),
    texts: new Uint8Array(buffer, at + 4 * nodes + rest, texts),
  };
}

/**
 * @param digest of the bytes of the file
 * @param room where the facts shall lie; a buffer of their own when it is left out
 */
export function pack(
  facts: FileFacts,
  digest: string,
  room = (bytes: number): Room => ({ buffer: new SharedArrayBuffer(bytes), at: 0 }),
): PackedFacts {
  const { nodes } = facts;
  const out = new Writer(facts.names);
  writeFacts(out, facts);
  const rest = out.bytes;
  const texts = Buffer.from(JSON.stringify(out.texts));
  const parts = partsIn(
    room(nodes.byteLength + rest.byteLength + texts.byteLength),
    nodes.length,
    rest.byteLength,
    texts.byteLength,
  );
  const packed = { head: headOf(facts), digest, ...parts };
  packed.nodes.set(nodes);
  packed.rest.set(rest);
  packed.texts.set(texts);
  return packed;
}

export function unpack({ head, nodes, rest, texts }: PackedFacts): FileFacts {
  const { buffer, byteOffset, byteLength } = texts;
  // Not copied: the copies of a whole neighbourhood would lie around until they are collected.
  const json = Buffer.from(buffer, byteOffset, byteLength).toString('utf8');
  return readFacts(new Reader(rest, JSON.parse(json)), head, nodes);
}

/** How much there is to unpack and to check, in bytes: grows with the code, not with its comments. */
export function packedBytes({ nodes, rest, texts }: PackedFacts): number {
  return nodes.byteLength + rest.byteLength + texts.byteLength;
}

/** Bits of a number in each of its bytes, the lowest first; the bit above them says that there are more. */
const BITS = 7;
const MORE = 1 << BITS;

/** Bytes that a number takes at most. */
const LONGEST = 5;

class Writer {
  readonly texts: string[];
  readonly #index = new Map<string, number>();
  #bytes = new Uint8Array(4096);
  #length = 0;

  constructor(texts: readonly string[]) {
    this.texts = texts.slice();
    for (let i = 0; i < texts.length; i++) this.#index.set(texts[i] as string, i);
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** An index, a length or an offset; -1 where there is none. */
  number(n: number): void {
    if (this.#length + LONGEST > this.#bytes.length) {
      const grown = new Uint8Array(2 * this.#bytes.length);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    let left = n + 1;
    for (; left >= MORE; left >>>= BITS) this.#bytes[this.#length++] = left | MORE;
    this.#bytes[this.#length++] = left;
  }

  /** Up to 30 answers in one number. */
  flags(...flags: readonly boolean[]): void {
    let bits = 0;
    for (let i = 0; i < flags.length; i++) if (flags[i]) bits |= 1 << i;
    this.number(bits);
  }

  text(text: string): void {
    let i = this.#index.get(text);
    if (i === undefined) {
      i = this.texts.push(text) - 1;
      this.#index.set(text, i);
    }
    this.number(i);
  }

  span({ start, end }: Span): void {
    this.number(start);
    this.number(end - start);
  }

  list<T>(items: readonly T[], write: (out: this, item: T) => void): void {
    this.number(items.length);
    for (let i = 0; i < items.length; i++) write(this, items[i] as T);
  }

  allTexts(texts: readonly string[]): void {
    this.number(texts.length);
    for (let i = 0; i < texts.length; i++) this.text(texts[i] as string);
  }
}

const NONE: readonly never[] = Object.freeze([]);

class Reader {
  readonly texts: readonly string[];
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array, texts: readonly string[]) {
    this.#bytes = bytes;
    this.texts = texts;
  }

  number(): number {
    const first = this.#bytes[this.#at++] as number;
    return (first < MORE ? first : this.#long(first)) - 1;
  }

  #long(first: number): number {
    let n = first & (MORE - 1);
    for (let shift = BITS; ; shift += BITS) {
      const byte = this.#bytes[this.#at++] as number;
      n |= (byte & (MORE - 1)) << shift;
      if (byte < MORE) return n;
    }
  }

  text(): string {
    return this.texts[this.number()] as string;
  }

  span(): Span {
    const start = this.number();
    return { start, end: start + this.number() };
  }

  list<T>(read: (from: this) => T): readonly T[] {
    const length = this.number();
    if (length === 0) return NONE;
    // As long as it will be: most lists are short, and one that grows reserves room for seventeen.
    const items = new Array<T>(length);
    for (let i = 0; i < length; i++) items[i] = read(this);
    return items;
  }
}

const readText = (from: Reader): string => from.text();
const readNumber = (from: Reader): number => from.number();

// What is written and what is read stand side by side, in the same order; object literals keep the compiler watching.

const TYPES = ['struct', 'enum', 'union', 'alias', 'trait', 'interface', 'defined'] as const;
const GLOBALS = ['static', 'const', 'var'] as const;

function writeFacts(out: Writer, facts: FileFacts): void {
  out.number(facts.names.length);
  out.number(facts.brokenAt ?? -1);
  out.flags(facts.generated, facts.test, facts.broken, facts.optional === true);
  out.list(facts.imports, writeImport);
  out.list(facts.types, writeType);
  out.list(facts.functions, writeFunction);
  out.list(facts.globals, writeGlobal);
  out.list(facts.modules, writeModule);
}

function readFacts(from: Reader, head: FileHead, nodes: Int32Array): FileFacts {
  const { file, language, packageName, directives } = head;
  const names = from.texts.slice(0, from.number());
  const brokenAt = from.number();
  const flags = from.number();
  return {
    file,
    language,
    packageName,
    generated: (flags & 1) !== 0,
    test: (flags & 2) !== 0,
    names,
    nodes,
    imports: from.list(readImport),
    types: from.list(readType),
    functions: from.list(readFunction),
    globals: from.list(readGlobal),
    modules: from.list(readModule),
    directives,
    broken: (flags & 4) !== 0,
    ...((flags & 8) !== 0 ? { optional: true as const } : {}),
    ...(brokenAt >= 0 ? { brokenAt } : {}),
  };
}

function writeImport(out: Writer, fact: ImportFact): void {
  out.text(fact.alias);
  out.text(fact.path);
  out.flags(fact.exported);
  out.allTexts(fact.module);
  out.span(fact.span);
}

function readImport(from: Reader): ImportFact {
  return {
    alias: from.text(),
    path: from.text(),
    exported: from.number() !== 0,
    module: from.list(readText),
    span: from.span(),
  };
}

type Generic = FunctionFact['generics'][number];

function writeGeneric(out: Writer, generic: Generic): void {
  out.text(generic.name);
  out.allTexts(generic.bounds);
}

function readGeneric(from: Reader): Generic {
  return { name: from.text(), bounds: from.list(readText) };
}

function writeField(out: Writer, field: FieldFact): void {
  out.text(field.name);
  out.span(field.nameSpan);
  out.span(field.span);
  out.number(field.type);
  out.flags(field.embedded);
}

function readField(from: Reader): FieldFact {
  return {
    name: from.text(),
    nameSpan: from.span(),
    span: from.span(),
    type: from.number(),
    embedded: from.number() !== 0,
  };
}

function writeType(out: Writer, fact: TypeFact): void {
  out.flags(fact.exported, fact.test, fact.local !== undefined);
  out.span(fact.local ?? fact.span);
  out.text(fact.name);
  out.number(TYPES.indexOf(fact.kind));
  out.number(fact.target);
  out.allTexts(fact.module);
  out.span(fact.span);
  out.span(fact.nameSpan);
  out.list(fact.generics, writeGeneric);
  out.list(fact.fields, writeField);
  out.allTexts(fact.members);
  out.allTexts(fact.attributes);
}

function readType(from: Reader): TypeFact {
  const flags = from.number();
  const local = from.span();
  const name = from.text();
  const kind = TYPES[from.number()] as TypeFact['kind'];
  const target = from.number();
  return {
    name,
    kind,
    module: from.list(readText),
    span: from.span(),
    nameSpan: from.span(),
    generics: from.list(readGeneric),
    fields: from.list(readField),
    members: from.list(readText),
    target,
    attributes: from.list(readText),
    exported: (flags & 1) !== 0,
    test: (flags & 2) !== 0,
    ...((flags & 4) !== 0 ? { local } : {}),
  };
}

function writeFunction(out: Writer, fact: FunctionFact): void {
  out.flags(
    fact.receiverByReference,
    fact.receiverMutable,
    fact.isAsync,
    fact.isConst,
    fact.exported,
    fact.test,
  );
  out.text(fact.name);
  out.span(fact.nameSpan);
  out.span(fact.span);
  out.text(fact.owner);
  out.text(fact.trait);
  out.text(fact.receiver);
  out.list(fact.params, (to, param) => to.number(param));
  out.number(fact.result);
  out.number(fact.body);
  out.list(fact.generics, writeGeneric);
  out.allTexts(fact.module);
  out.allTexts(fact.attributes);
  out.number(fact.parent);
}

function readFunction(from: Reader): FunctionFact {
  const flags = from.number();
  return {
    name: from.text(),
    nameSpan: from.span(),
    span: from.span(),
    owner: from.text(),
    trait: from.text(),
    receiver: from.text(),
    receiverByReference: (flags & 1) !== 0,
    receiverMutable: (flags & 2) !== 0,
    params: from.list(readNumber),
    result: from.number(),
    body: from.number(),
    generics: from.list(readGeneric),
    module: from.list(readText),
    isAsync: (flags & 4) !== 0,
    isConst: (flags & 8) !== 0,
    exported: (flags & 16) !== 0,
    test: (flags & 32) !== 0,
    attributes: from.list(readText),
    parent: from.number(),
  };
}

function writeGlobal(out: Writer, fact: GlobalFact): void {
  out.flags(fact.exported, fact.test);
  out.text(fact.name);
  out.span(fact.nameSpan);
  out.span(fact.span);
  out.number(GLOBALS.indexOf(fact.kind));
  out.text(fact.owner);
  out.allTexts(fact.module);
  out.number(fact.type);
  out.number(fact.value);
  out.text(fact.macro);
  out.number(fact.parent);
}

function readGlobal(from: Reader): GlobalFact {
  const flags = from.number();
  return {
    name: from.text(),
    nameSpan: from.span(),
    span: from.span(),
    kind: GLOBALS[from.number()] as GlobalFact['kind'],
    owner: from.text(),
    module: from.list(readText),
    type: from.number(),
    value: from.number(),
    exported: (flags & 1) !== 0,
    test: (flags & 2) !== 0,
    macro: from.text(),
    parent: from.number(),
  };
}

type ModuleFact = FileFacts['modules'][number];

function writeModule(out: Writer, fact: ModuleFact): void {
  out.text(fact.name);
  out.allTexts(fact.path);
  out.text(fact.file);
  out.flags(fact.test);
}

function readModule(from: Reader): ModuleFact {
  return {
    name: from.text(),
    path: from.list(readText),
    file: from.text(),
    test: from.number() !== 0,
  };
}
