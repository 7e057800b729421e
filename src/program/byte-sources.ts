import type { Place } from '../core/span.ts';
import {
  ownSourceCalls,
  ownSourceTypes,
  protocolWords,
  sentSourceTypes,
  writesFormats,
} from '../knowledge/byte-sources.ts';
import { Kind, type NodeId, Role } from '../syntax/node.ts';
import { Calls } from './calls.ts';
import { callName, Phases } from './phases.ts';
import type { Fn, Program, SourceFile } from './program.ts';
import type { Author } from './provenance.ts';
import type { Binding } from './scope.ts';
import { lastSegment, peel, type TypeRef } from './types.ts';
import { Values } from './values.ts';

const MAX_DEPTH = 16;

/** Rust: follows bytes back to whoever has written them. One per program. */
export class ByteSources {
  readonly #values: Values;
  readonly #calls: Calls;
  readonly #phases: Phases;
  readonly #writers = new Map<SourceFile, Place | null>();

  constructor(program: Program) {
    this.#values = Values.of(program);
    this.#calls = Calls.of(program);
    this.#phases = Phases.of(program);
  }

  static of(program: Program): ByteSources {
    return program.derive(makeByteSources);
  }

  /**
   * Whose bytes an expression is, which a function decodes. A function that nobody calls is offered to others; a file
   * that also encodes what it decodes reads what the program has written, unless it is about a protocol.
   */
  of(fn: Fn, bytes: NodeId): Author {
    const traced = this.#trace(fn, bytes, 0, new Set());
    if (traced.who !== 'unknown' && traced.who !== 'caller') return traced;
    if (isAboutProtocol(fn)) return say('outside', 'a message of a protocol', fn, bytes);
    const writer = this.#writerIn(fn.file);
    if (writer) return { who: 'own', why: 'what the same file writes', at: writer };
    return traced;
  }

  #trace(fn: Fn, n: NodeId, depth: number, seen: Set<string>): Author {
    const unknown = say('unknown', 'nothing that could be read', fn, Math.max(n, 0));
    if (n < 0 || depth > MAX_DEPTH) return unknown;
    const mark = `${fn.id}:${n}`;
    if (seen.has(mark)) return unknown;
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
        if (!b) return unknown;
        if (b.source === 'parameter') return this.#parameter(fn, b, depth, seen);
        return b.value >= 0 && b.value !== n ? next(b.value) : unknown;
      }
      // `[bytes[0], bytes[1], …]`
      case Kind.Sequence:
        return next(code.children(n)[0] ?? -1);
      case Kind.Call:
      case Kind.MethodCall:
        return this.#call(fn, n, next);
      default:
        return unknown;
    }
  }

  #call(fn: Fn, n: NodeId, next: (m: NodeId) => Author): Author {
    const code = fn.code;
    const method = code.kind(n) === Kind.MethodCall;
    const callee = method ? -1 : code.child(n, Role.Callee);
    const path = method ? code.name(n) : callee < 0 ? '' : fn.file.fullPath(code.name(callee));
    if (ownSourceCalls.test(path)) return say('own', `\`${callName(code, n)}\``, fn, n);
    const object = method ? code.child(n, Role.Object) : -1;
    if (object >= 0) {
      const from = next(object);
      if (from.who !== 'unknown') return from;
    }
    for (const arg of code.all(n, Role.Arg)) {
      const from = next(arg);
      if (from.who !== 'unknown') return from;
    }
    return say('unknown', 'nothing that could be read', fn, n);
  }

  /** What a handler was given was sent; else whatever the callers pass, when they agree. */
  #parameter(fn: Fn, b: Binding, depth: number, seen: Set<string>): Author {
    const unknown = say('unknown', `\`${b.name}\``, fn, b.node);
    if (this.#phases.handlerEvidence(fn)) return say('outside', 'a request', fn, b.node);
    const sites = this.#calls.sitesOf(fn).filter((s) => s.kind === 'call');
    if (sites.length === 0)
      return this.#calls.isMentioned(fn)
        ? unknown
        : { ...say('caller', `whoever calls \`${fn.label}\``, fn, b.node), offered: fn };
    const authors = sites.map((s) => {
      const arg = s.fn.code.all(s.node, Role.Arg)[b.index];
      return arg === undefined ? unknown : this.#trace(s.fn, arg, depth + 1, seen);
    });
    const first = (who: Author['who']) => authors.find((a) => a.who === who);
    return (
      first('outside') ?? first('caller') ?? first('unknown') ?? first('peer') ?? first('own') ?? unknown
    );
  }

  #byType(fn: Fn, n: NodeId, type: TypeRef | undefined): Author | undefined {
    for (let t = type, i = 0; t && i < 4; t = t.args[0], i++) {
      const inner = peel(t).type;
      if (inner.decl) return undefined;
      const name = lastSegment(inner.name);
      if (ownSourceTypes.has(name)) return say('own', `a \`${name}\``, fn, n);
      if (sentSourceTypes.has(name)) return say('outside', `a \`${name}\``, fn, n);
      if (name === 'Response') return say('peer', 'the answer of a server it asks', fn, n);
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

function say(who: Author['who'], why: string, fn: Fn, n: NodeId): Author {
  return { who, why, at: fn.place(n) };
}

function makeByteSources(program: Program): ByteSources {
  return new ByteSources(program);
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
