import type { Place } from '../core/span.ts';
import {
  ownSourceCalls,
  ownSourceTypes,
  protocolWords,
  sentSourceTypes,
  writesFormats,
} from '../knowledge/provenance.ts';
import { Kind, type NodeId, Role } from '../syntax/node.ts';
import { Calls } from './calls.ts';
import { callName, Phases } from './phases.ts';
import type { Fn, Program, SourceFile } from './program.ts';
import type { Binding } from './scope.ts';
import { lastSegment, peel, type TypeRef } from './types.ts';
import { Values } from './values.ts';

/** Whose the bytes are that something is decoded from. */
export type Provenance =
  /** They come over the network, or in a format for the network. */
  | { readonly kind: 'sent' }
  /** The program, or its deployment, has written them: its files, its tables, its objects. */
  | { readonly kind: 'own'; readonly by: string; readonly where: Place }
  /** Nothing calls the function: whoever will, brings the bytes. */
  | { readonly kind: 'offered' }
  | { readonly kind: 'unknown' };

const UNKNOWN: Provenance = { kind: 'unknown' };
const SENT: Provenance = { kind: 'sent' };
const MAX_DEPTH = 16;

/** Follows bytes of Rust programs back to whoever has written them. One per program. */
export class Provenances {
  readonly #values: Values;
  readonly #calls: Calls;
  readonly #phases: Phases;
  readonly #writers = new Map<SourceFile, Place | null>();

  constructor(program: Program) {
    this.#values = Values.of(program);
    this.#calls = Calls.of(program);
    this.#phases = Phases.of(program);
  }

  static of(program: Program): Provenances {
    return program.derive(makeProvenances);
  }

  /**
   * Whose bytes an expression is, which a function decodes. A function that nobody calls is offered to others; a file
   * that also encodes what it decodes reads what the program has written, unless it is about a protocol.
   */
  of(fn: Fn, bytes: NodeId): Provenance {
    const traced = this.#trace(fn, bytes, 0, new Set());
    if (traced.kind === 'sent' || traced.kind === 'own') return traced;
    if (isAboutProtocol(fn)) return SENT;
    const writer = this.#writerIn(fn.file);
    if (writer) return { kind: 'own', by: 'what the same file writes', where: writer };
    return traced;
  }

  #trace(fn: Fn, n: NodeId, depth: number, seen: Set<string>): Provenance {
    if (n < 0 || depth > MAX_DEPTH) return UNKNOWN;
    const mark = `${fn.id}:${n}`;
    if (seen.has(mark)) return UNKNOWN;
    seen.add(mark);
    const typed = this.#byType(fn, n, this.#values.typeOf(fn, n));
    if (typed) return typed;
    const code = fn.code;
    const next = (m: NodeId) => this.#trace(fn, m, depth + 1, seen);
    switch (code.kind(n)) {
      case Kind.Unary:
      case Kind.Try:
      case Kind.Await:
      case Kind.Cast:
      case Kind.Index:
      case Kind.Slice:
      case Kind.Field:
        return next(code.child(n, Role.Object));
      case Kind.Name: {
        const b = this.#values.scope(fn).lookup(code.name(n), code.start(n));
        if (!b) return UNKNOWN;
        if (b.source === 'parameter') return this.#parameter(fn, b, depth, seen);
        return b.value >= 0 && b.value !== n ? next(b.value) : UNKNOWN;
      }
      // `[bytes[0], bytes[1], …]`
      case Kind.Sequence:
        return next(code.children(n)[0] ?? -1);
      case Kind.Call:
      case Kind.MethodCall:
        return this.#call(fn, n, next);
      default:
        return UNKNOWN;
    }
  }

  #call(fn: Fn, n: NodeId, next: (m: NodeId) => Provenance): Provenance {
    const code = fn.code;
    const method = code.kind(n) === Kind.MethodCall;
    const callee = method ? -1 : code.child(n, Role.Callee);
    const path = method ? code.name(n) : callee < 0 ? '' : fn.file.fullPath(code.name(callee));
    if (ownSourceCalls.test(path)) return { kind: 'own', by: `\`${callName(code, n)}\``, where: fn.place(n) };
    const object = method ? code.child(n, Role.Object) : -1;
    if (object >= 0) {
      const from = next(object);
      if (from.kind !== 'unknown') return from;
    }
    for (const arg of code.all(n, Role.Arg)) {
      const from = next(arg);
      if (from.kind !== 'unknown') return from;
    }
    return UNKNOWN;
  }

  /** What a handler was given was sent; else whatever the callers pass, when they agree. */
  #parameter(fn: Fn, b: Binding, depth: number, seen: Set<string>): Provenance {
    if (this.#phases.handlerEvidence(fn)) return SENT;
    const sites = this.#calls.sitesOf(fn).filter((s) => s.kind === 'call');
    if (sites.length === 0) return this.#calls.isMentioned(fn) ? UNKNOWN : { kind: 'offered' };
    let own: Provenance | undefined;
    let offered: Provenance | undefined;
    let others = false;
    for (const s of sites) {
      const arg = s.fn.code.all(s.node, Role.Arg)[b.index];
      const from = arg === undefined ? UNKNOWN : this.#trace(s.fn, arg, depth + 1, seen);
      if (from.kind === 'sent') return from;
      if (from.kind === 'own') own ??= from;
      else if (from.kind === 'offered') offered ??= from;
      else others = true;
    }
    return offered ?? (own && !others ? own : UNKNOWN);
  }

  #byType(fn: Fn, n: NodeId, type: TypeRef | undefined): Provenance | undefined {
    for (let t = type, i = 0; t && i < 4; t = t.args[0], i++) {
      const inner = peel(t).type;
      if (inner.decl) return undefined;
      const name = lastSegment(inner.name);
      if (ownSourceTypes.has(name)) return { kind: 'own', by: `a \`${name}\``, where: fn.place(n) };
      if (sentSourceTypes.has(name)) return SENT;
    }
    return undefined;
  }

  /** A place in a file where numbers or compressed bytes are written the way that others are read in it. */
  #writerIn(file: SourceFile): Place | undefined {
    let known = this.#writers.get(file);
    if (known === undefined) {
      known = null;
      for (const fn of file.functions) {
        if (fn.isTest) continue;
        const [body, after] = fn.range;
        for (let n = body; n < after && !known; n++) {
          const kind = fn.code.kind(n);
          if ((kind === Kind.Call || kind === Kind.MethodCall) && writesFormats.test(writtenName(fn, n)))
            known = fn.place(n);
        }
      }
      this.#writers.set(file, known);
    }
    return known ?? undefined;
  }
}

function makeProvenances(program: Program): Provenances {
  return new Provenances(program);
}

/** The method's name, or the last two segments of the callee. */
function writtenName(fn: Fn, n: NodeId): string {
  const code = fn.code;
  if (code.kind(n) === Kind.MethodCall) return code.name(n);
  const callee = code.child(n, Role.Callee);
  return callee < 0 ? '' : code.name(callee).split('::').slice(-2).join('::');
}

/** The function, its type or its file is named after messages of a protocol. */
function isAboutProtocol(fn: Fn): boolean {
  const file = fn.file.facts.file.slice(fn.package.dir.length);
  const crate = fn.package.dir.slice(fn.package.dir.lastIndexOf('/') + 1);
  const words = `${crate}/${file}/${fn.fact.owner}/${fn.fact.name}`
    .replace(/\.rs$/, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  return words.some((w) => protocolWords.has(w));
}
