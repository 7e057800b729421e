import type { Place } from '../../core/span.ts';
import { messageTakes } from '../../knowledge/channels.ts';
import { goObjectRequests } from '../../knowledge/handlers.ts';
import {
  configurationNames,
  configurationTypeNames,
  connectCalls,
  connectionTypes,
  givesMessages,
  goAsking,
  goAskingPackages,
  goContextValues,
  goDecoding,
  goFresh,
  goGrpcClients,
  goGrpcServers,
  goLookups,
  goNetworkPackages,
  goNetworkTypes,
  goOwnPackages,
  goOwnTypes,
  goPassing,
  goPeerTypes,
  goPurePackages,
  goReading,
  goRoutes,
  protocolParts,
  rustFresh,
  rustHashing,
  rustLookups,
  rustOwnCalls,
  rustOwnStates,
  rustOwnTypes,
  rustPeerTypes,
  rustQueries,
  rustReading,
  rustSentTypes,
  rustStoreTypes,
  rustWraps,
  sentMakers,
  sentSources,
} from '../../knowledge/provenance.ts';
import { CALLS } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import { Calls } from '../calls/calls.ts';
import { returnsOf } from '../calls/exits.ts';
import { Linkage } from '../linkage.ts';
import { takesRequests } from '../phases/handlers.ts';
import { Phases } from '../phases/phases.ts';
import { assignmentsTo, isCount } from '../places/assignments.ts';
import { Effects, sameText } from '../places/effects.ts';
import { Places } from '../places/places.ts';
import { Writes } from '../places/writes.ts';
import type { Fn, Package, Program, TypeDecl } from '../program.ts';
import { withoutMajor } from '../types/go-types.ts';
import type { Binding } from '../types/scope.ts';
import { container, lastSegment, peel, type TypeRef } from '../types/types.ts';
import type { Values } from '../types/values.ts';
import { KnownKeys } from './known-keys.ts';
import { Messages } from './messages.ts';
import { isOpened } from './opened.ts';

/** Who wrote a value. */
export interface Author {
  readonly who: /** Somebody outside: a request, a message, a connection. */
    | 'outside'
    /** Whoever calls an exported function that nothing here calls. */
    | 'caller'
    | 'unknown'
    /** Whom the program has asked: the answer of a server it chose. */
    | 'peer'
    /** Made here. */
    | 'made'
    /** Another one each time: a counter, a random number, the time, an object of its own. */
    | 'fresh'
    /** The program and its deployment: constants, configuration, files it has written. */
    | 'own';
  readonly why: string;
  readonly at: Place;
  /** `own`: which of its own it is, where that says how many there are. */
  readonly from?: 'configuration' | 'package' | 'database';
  /**
   * `outside`: a name or number in a field that somebody outside fills, and others fill as well, of an object that has
   * come from elsewhere: what was looked up may be one of few.
   */
  readonly far?: true;
  /** `peer`: it comes over a connection that was opened to a server, not as the answer to a request of a protocol. */
  readonly dialed?: true;
  /** `outside`: whoever registered the function brings it, whatever that is. */
  readonly vague?: true;
  /** `outside`: it was kept in a field in between, which others may fill as well. */
  readonly kept?: true;
  /** `outside`: names alone say so. */
  readonly named?: true;
  /** It comes from itself, round a loop. */
  readonly again?: true;
  /** `caller`: the function that is offered. */
  readonly offered?: Fn;
}

/** Rust: a method that `trait ReadExt: Read` gives to readers of all kinds. */
function extendsReader({ fact, package: crate }: Fn): boolean {
  if (fact.trait === '' || fact.owner !== fact.trait) return false;
  const decl = crate.typesNamed(fact.trait).find((t) => t.fact.kind === 'trait');
  if (!decl) return false;
  const head = crate.text(decl.file.facts.file).slice(decl.fact.nameSpan.end, decl.fact.span.end);
  return /^[^{]*:[^{]*\b(Async)?(Buf)?Read(Ext)?\b/.test(head);
}

/** A question visits this many expressions at most. */
const MAX_STEPS = 250;
/** Further away than this, what looks like a request is as likely as not somebody else's. */
const MAX_DEPTH = 24;
const MAX_SITES = 12;

/** A call whose results are followed into the function it calls: there, parameters are what this call gives. */
interface Entered {
  readonly target: Fn;
  readonly fn: Fn;
  readonly call: NodeId;
  readonly from: Entered | undefined;
}

interface Question {
  /** Where it is asked: what no program has together with this package has no part in the answer. */
  readonly home: Package;
  steps: number;
  /** The innermost call that was entered. */
  entered: Entered | undefined;
  /** What was found of an expression; undefined while it is looked at. */
  readonly seen: Map<string, Author | undefined>;
}

/** Follows values back to whoever wrote them. One per program. */
export class Provenance {
  readonly #program: Program;
  readonly #places: Places;
  readonly #values: Values;
  readonly #calls: Calls;
  readonly #phases: Phases;
  /** Bounds and rules ask the same of a key. */
  readonly #known = new Map<string, Author>();

  constructor(program: Program) {
    this.#program = program;
    this.#places = Places.of(program);
    this.#values = this.#places.values;
    this.#calls = Calls.of(program);
    this.#phases = Phases.of(program);
  }

  static of(program: Program): Provenance {
    return program.derive(makeProvenance);
  }

  /** Who wrote the value of an expression. */
  of(fn: Fn, n: NodeId): Author {
    const mark = `${fn.id}:${n}`;
    let author = this.#known.get(mark);
    if (!author) {
      author = this.#trace(fn, n, 0, { home: fn.package, steps: 0, entered: undefined, seen: new Map() });
      this.#known.set(mark, author);
    }
    return author;
  }

  #trace(fn: Fn, n: NodeId, depth: number, question: Question): Author {
    const unknown = say('unknown', 'nothing that could be read', fn, Math.max(n, 0));
    if (n < 0 || depth > MAX_DEPTH || question.steps++ > MAX_STEPS) return unknown;
    const { entered } = question;
    const mark = entered?.target === fn ? `${entered.fn.id}:${entered.call}>${fn.id}:${n}` : `${fn.id}:${n}`;
    if (question.seen.has(mark))
      return question.seen.get(mark) ?? { ...say('own', 'itself', fn, n), again: true };
    question.seen.set(mark, undefined);
    const found = this.#follow(fn, n, depth, question);
    const author =
      found.who === 'outside' && this.#isCompared(fn, n)
        ? say('own', 'the constants it is compared with', fn, n)
        : found;
    question.seen.set(mark, author);
    return author;
  }

  /** `case "GET", "POST": method = r.Method`: one of a few, whoever sent it. */
  #isCompared(fn: Fn, n: NodeId): boolean {
    const kind = fn.code.kind(n);
    if (kind !== Kind.Name && kind !== Kind.Field && kind !== Kind.MethodCall) return false;
    const known = KnownKeys.of(this.#program);
    return known.at(fn, n).some((k) => k.in === undefined && known.same(fn, k.key, n));
  }

  #follow(fn: Fn, n: NodeId, depth: number, question: Question): Author {
    const unknown = say('unknown', 'nothing that could be read', fn, n);
    const code = fn.code;
    const next = (m: NodeId) => this.#trace(fn, m, depth + 1, question);
    const byType = this.#byType(fn, n);
    if (byType?.who === 'outside' && isOpened(fn, n))
      return { ...say('peer', 'the answer of a server it asks', fn, n), dialed: true };
    if (byType) return byType;
    switch (code.kind(n)) {
      case Kind.Number:
      case Kind.String:
      case Kind.Literal:
        return say('own', 'a constant', fn, n);
      case Kind.Unary:
        return code.name(n) === '<-'
          ? this.#sent(fn, code.child(n, Role.Object), depth, question)
          : next(code.child(n, Role.Object));
      case Kind.Cast:
      case Kind.Index:
      case Kind.Slice:
      case Kind.Try:
      case Kind.Await:
        return next(code.child(n, Role.Object));
      case Kind.Block:
        return next(code.children(n).at(-1) ?? -1);
      case Kind.If:
        return first(succeeding(fn, [code.child(n, Role.Then), code.child(n, Role.Else)]).map(next));
      case Kind.Match: {
        const bodies = code.all(n, Role.Arm).map((a) => code.child(a, Role.Body));
        return first(succeeding(fn, bodies).map(next));
      }
      case Kind.Path:
        return say('own', `\`${code.name(n)}\``, fn, n);
      case Kind.Sequence:
      case Kind.Macro: {
        // `(user, path)`, `format!("{user}/{path}")`
        const parts = code.children(n).filter((c) => code.role(c) !== Role.Type);
        return parts.length === 0
          ? say('own', 'a constant', fn, n)
          : first(parts.slice(0, MAX_SITES).map(next));
      }
      case Kind.Binary:
        return first([next(code.child(n, Role.Left)), next(code.child(n, Role.Right))]);
      case Kind.Composite: {
        const parts = code.children(n).filter((c) => code.role(c) !== Role.Type);
        return parts.length === 0
          ? say(fn.package.language === 'go' ? 'made' : 'own', 'what is made here', fn, n)
          : first(parts.slice(0, MAX_SITES).map(next));
      }
      case Kind.FieldInit:
        return next(code.child(n, Role.Value));
      case Kind.Entry:
        return first(code.children(n).map(next));
      case Kind.Closure:
        return say('own', 'the program', fn, n);
      case Kind.Name:
        return this.#name(fn, n, depth, question);
      case Kind.Field:
        return this.#field(fn, n, depth, question);
      case Kind.Call:
      case Kind.MethodCall:
        return this.#call(fn, n, 0, depth, question);
      default:
        return unknown;
    }
  }

  /** What the type of an expression says of its contents. */
  #byType(fn: Fn, n: NodeId): Author | undefined {
    const type = makesToSend(fn, n) ? undefined : this.#values.typeOf(fn, n);
    return type && this.#ofType(fn, n, type);
  }

  #ofType(fn: Fn, n: NodeId, type: TypeRef): Author | undefined {
    return fn.package.language === 'go' ? this.#ofGoType(fn, n, type) : this.#ofRustType(fn, n, type);
  }

  /** `BufReader<TcpStream>`, `web::Json<Order>`, `State<Arc<App>>`, `&Config` */
  #ofRustType(fn: Fn, n: NodeId, type: TypeRef): Author | undefined {
    for (let t: TypeRef | undefined = type, i = 0; t && i < 4; t = t.args[0], i++) {
      const name = lastSegment(t.name);
      // What a framework shares is looked for before wrappers are taken off.
      if (!t.decl && rustOwnStates.has(name)) return say('own', 'its own state', fn, n);
      const inner = peel(t).type;
      if (rustStoreTypes.test(lastSegment(inner.name)))
        return { ...say('own', 'its own database', fn, n), from: 'database' };
      if (inner.decl)
        return configurationTypeNames.test(inner.decl.fact.name)
          ? configuration(inner.decl.fact.name, fn, n)
          : undefined;
      const held = lastSegment(inner.name);
      if (rustOwnTypes.has(held)) return say('own', `a \`${held}\``, fn, n);
      // `std::path::Path` is no extractor.
      if (rustSentTypes.has(held) && (held !== 'Path' || inner.args.length > 0))
        return say('outside', `a \`${held}\``, fn, n);
      if (rustPeerTypes.has(held)) return say('peer', 'the answer of a server it asks', fn, n);
    }
    return undefined;
  }

  #ofGoType(fn: Fn, n: NodeId, type: TypeRef): Author | undefined {
    const inner = peel(type).type;
    const name = withoutMajor(inner.name);
    if (goNetworkTypes.has(name)) return say('outside', 'a connection', fn, n);
    if (goOwnTypes.has(name)) return say('own', 'a file of its own', fn, n);
    if (goPeerTypes.has(name)) return say('peer', 'the answer of a server it asks', fn, n);
    if (goObjectRequests.has(name)) return { ...say('outside', 'a request', fn, n), far: true };
    if (this.#phases.handlers.isHandlerType(type, 'go') || this.#phases.handlers.isHandlerType(inner, 'go'))
      return say('outside', 'a request', fn, n);
    if (this.#isConnection(inner)) return say('outside', 'a connection', fn, n);
    if (goGrpcServers.test(name)) return say('outside', 'a stream of messages', fn, n);
    if (goGrpcClients.test(name)) return say('peer', 'the stream of a server it asks', fn, n);
    if (inner.decl && configurationTypeNames.test(inner.decl.fact.name))
      return configuration(inner.decl.fact.name, fn, n);
    return undefined;
  }

  /** Go: an interface of the workspace's own that stands for a websocket: it is named so, and gives messages. */
  #isConnection({ decl }: TypeRef): boolean {
    return (
      decl?.fact.kind === 'interface' &&
      connectionTypes.test(decl.fact.name) &&
      decl.file.package.functions.some(
        (f) => f.fact.owner === decl.fact.name && givesMessages.test(f.fact.name),
      )
    );
  }

  #name(fn: Fn, n: NodeId, depth: number, question: Question): Author {
    const code = fn.code;
    const name = code.name(n);
    if (fn.fact.receiver !== '' && name === fn.fact.receiver)
      return extendsReader(fn)
        ? say('unknown', 'what it reads from', fn, n)
        : say('own', 'its own state', fn, n);
    const b = this.#values.scope(fn).lookup(name, code.start(n));
    if (!b) return this.#global(fn, n, fn.package, name);
    const filled = this.#fillings(fn, n, b).map((m) =>
      this.#filler(fn, m, (a) => isPartOf(fn, a, b), depth, question),
    );
    const assigned = assignmentsTo(fn, b).map((m) =>
      m < 0 ? say('fresh', `\`${b.name}\``, fn, n) : this.#value(fn, m, 0, depth, question),
    );
    const later = [...filled, ...assigned];
    if (later.some((a) => a.who === 'outside')) return first(later);
    // A buffer is what was read into it.
    const bound = filled.length > 0 ? [] : [this.#bound(fn, n, b, depth, question)];
    return first([...later, ...bound]);
  }

  /** A variable of a package: what is set once is the program's own; what is counted up is not. */
  #global(fn: Fn, n: NodeId, home: Package, name: string): Author {
    const g = home.globalMeant(fn.file, name);
    if (!g) return say('unknown', `\`${name}\``, fn, n);
    return g.fact.kind !== 'const' && Writes.of(this.#program).toGlobal(g).length > 0
      ? say('unknown', `\`${name}\``, fn, n)
      : ofPackage(name, fn, n);
  }

  /** What a name was bound to. */
  #bound(fn: Fn, n: NodeId, b: Binding, depth: number, question: Question): Author {
    const code = fn.code;
    switch (b.source) {
      case 'parameter':
        return this.#parameter(fn, n, b, depth, question);
      case 'closure-parameter':
        return this.#closureParameter(fn, n, b, depth, question);
      case 'value':
      case 'part': {
        if (b.value < 0) return this.#pattern(fn, n, b, depth, question);
        return code.kind(b.value) === Kind.Loop
          ? say('unknown', `\`${b.name}\``, fn, n)
          : this.#value(fn, b.value, b.source === 'part' ? b.index : 0, depth, question);
      }
      case 'element':
        return this.#element(fn, n, b, depth, question);
      default:
        return say(b.type >= 0 ? 'made' : 'unknown', `\`${b.name}\``, fn, n);
    }
  }

  /** A value that is assigned; `index` picks one of several results. */
  #value(fn: Fn, value: NodeId, index: number, depth: number, question: Question): Author {
    const kind = fn.code.kind(value);
    return kind === Kind.Call || kind === Kind.MethodCall
      ? this.#call(fn, value, index, depth + 1, question)
      : this.#trace(fn, value, depth + 1, question);
  }

  /** What a loop hands out. */
  #element(fn: Fn, n: NodeId, b: Binding, depth: number, question: Question): Author {
    if (b.value < 0) return this.#pattern(fn, n, b, depth, question);
    if (Messages.of(this.#program).isReceiver(this.#values.typeOf(fn, b.value)))
      return this.#sent(fn, b.value, depth, question);
    return this.#trace(fn, b.value, depth + 1, question);
  }

  /** Calls before a use that write into the local: `io.ReadFull(r, buf)`, `json.Unmarshal(data, &req)`. */
  #fillings(fn: Fn, use: NodeId, b: Binding): NodeId[] {
    const code = fn.code;
    const out: NodeId[] = [];
    for (let m = code.next(CALLS, b.node, use); m < use && out.length < 4; m = code.next(CALLS, m + 1, use))
      if (this.#filledArguments(fn, m).some((a) => isPartOf(fn, a, b)) && !code.within(use, m)) out.push(m);
    return out;
  }

  /** The arguments that a call writes into. */
  #filledArguments(fn: Fn, call: NodeId): readonly NodeId[] {
    const code = fn.code;
    const kind = code.kind(call);
    if (kind !== Kind.Call && kind !== Kind.MethodCall) return [];
    const name = callName(code, call);
    const rust = fn.package.language === 'rust';
    const reads = (rust ? rustReading : goReading).test(name) || (rust && rustHashing.test(name));
    if (!reads && (rust || !goDecoding.test(name))) return [];
    const args = code.all(call, Role.Arg);
    if (rust) return args.filter((a) => code.is(a, Kind.Unary));
    if (reads) {
      const bytes = (name === 'copy' ? args.slice(0, 1) : args).filter((a) => {
        if (code.kind(a) === Kind.Slice) return true;
        const type = this.#values.typeOf(fn, a);
        return type !== undefined && /^(slice|array)$/.test(peel(type).type.name);
      });
      if (bytes.length > 0) return bytes;
    }
    if (!goDecoding.test(name)) return [];
    return args.filter((a) => {
      if (code.is(a, Kind.Unary, '&')) return true;
      const type = code.kind(a) === Kind.Name ? this.#values.typeOf(fn, a) : undefined;
      return type?.name === '*' && this.#ofType(fn, a, type) === undefined;
    });
  }

  #filler(
    fn: Fn,
    call: NodeId,
    isFilled: (arg: NodeId) => boolean,
    depth: number,
    question: Question,
  ): Author {
    const code = fn.code;
    const from = code.all(call, Role.Arg).filter((a) => !isFilled(a));
    const object = code.kind(call) === Kind.MethodCall ? code.child(call, Role.Object) : -1;
    if (object >= 0 && this.#values.goPackage(fn, object) === undefined) from.push(object);
    if (from.length === 0) {
      const path = object < 0 ? '' : (this.#values.goPackage(fn, object) ?? '');
      return goFresh.test(`${path}.${callName(code, call)}`)
        ? say('fresh', `\`${callName(code, call)}\``, fn, call)
        : say('made', 'what is made here', fn, call);
    }
    return first(from.map((a) => this.#trace(fn, a, depth + 1, question)));
  }

  #parameter(fn: Fn, n: NodeId, b: Binding, depth: number, question: Question): Author {
    if (isStatic(fn, b)) return say('own', 'bytes of the program itself', fn, n);
    const evidence = this.#phases.handlers.evidenceOf(fn);
    if (evidence && (fn.package.language === 'rust' || (evidence.remote && b.index > 0)))
      return { ...say('outside', 'a request', fn, n), ...(evidence.own && { vague: true }) };
    const type = this.#values.bindingType(fn, b);
    if (type?.name === 'context.Context') return say('unknown', 'a context', fn, n);
    const { entered } = question;
    if (entered?.target === fn) {
      const arg = argumentOf(entered, b);
      if (arg !== undefined) return this.#outside(entered, arg, depth, question);
    }
    const sites = this.#calls.sitesOf(fn).filter((s) => s.fn !== fn);
    const registered = sites.filter(
      (s) => s.kind === 'reference' && this.#phases.handlers.isRegistered(s, fn),
    );
    if (registered.some(takesRequests)) return say('outside', 'a request', fn, n);
    if (registered.length > 0) return { ...say('outside', 'an event', fn, n), vague: true };
    const given = this.#inProgram(
      question,
      sites.filter((s) => s.kind === 'call' && !s.guess),
      (s) => s.fn.package,
    ).slice(0, MAX_SITES);
    if (given.length === 0)
      return sites.length === 0 && this.#isOffered(fn)
        ? { ...say('caller', `whoever calls \`${fn.label}\``, fn, n), offered: fn }
        : say('unknown', `\`${b.name}\``, fn, n);
    return first(
      given.map((s) => {
        const args = s.fn.code.all(s.node, Role.Arg);
        const spread = args.length === 1 && fn.fact.params.length > 1 && fn.package.language === 'go';
        const arg = args[b.index];
        if (arg !== undefined && !spread) return this.#trace(s.fn, arg, depth + 1, question);
        // Go's `hit(route(r))`: each result is an argument.
        const [only] = args;
        return only !== undefined && spread
          ? this.#value(s.fn, only, b.index, depth, question)
          : say('unknown', `\`${b.name}\``, fn, n);
      }),
    );
  }

  /** Those that some program has together with the code that is asked about, when there are any. */
  #inProgram<T>({ home }: Question, all: readonly T[], packageOf: (what: T) => Package): readonly T[] {
    const linkage = Linkage.of(this.#program);
    const near = all.filter((what) => linkage.canMeet(home, packageOf(what)));
    return near.length > 0 ? near : all;
  }

  /** Somebody outside the workspace may call it: Rust's private functions are called, or handed on where nobody sees it. */
  #isOffered(fn: Fn): boolean {
    return fn.package.language === 'go' ? fn.fact.exported : !this.#calls.mayBeMentioned(fn);
  }

  /** What a handler that is written in place is given; in Rust else what the method it is passed to hands it. */
  #closureParameter(fn: Fn, n: NodeId, b: Binding, depth: number, question: Question): Author {
    const code = fn.code;
    const closure = code.ancestor(b.node, (a) => code.kind(a) === Kind.Closure);
    const body = closure < 0 ? -1 : code.child(closure, Role.Body);
    const context = body < 0 ? undefined : this.#phases.context(fn, body);
    if (context?.request && context.loops.length === 0) return say('outside', 'a request', fn, n);
    const given = closure < 0 ? [] : this.#givenTo(fn, closure, b.index);
    if (given.length > 0) return first(given.map((arg) => this.#trace(fn, arg, depth + 1, question)));
    const taker = closure < 0 ? -1 : code.parent(closure);
    if (closure >= 0 && returnsOf(fn, 0).includes(closure))
      return { ...say('caller', `whoever calls what \`${fn.label}\` returns`, fn, n), offered: fn };
    return fn.package.language === 'rust' && taker >= 0 && code.kind(taker) === Kind.MethodCall
      ? this.#trace(fn, code.child(taker, Role.Object), depth + 1, question)
      : say('unknown', `\`${b.name}\``, fn, n);
  }

  /** A name in the pattern of a parameter is a part of what is passed: `Path((room, user)): Path<(String, String)>`. */
  #pattern(fn: Fn, n: NodeId, b: Binding, depth: number, question: Question): Author {
    const code = fn.code;
    const index = fn.fact.params.findIndex((p) => code.within(b.node, p));
    if (index >= 0) {
      const param = fn.fact.params[index] as NodeId;
      const type = this.#values.types.at(fn.file, code.child(param, Role.Type));
      // `State(app): AppState`, where the type is another name for the extractor.
      if (rustOwnStates.has(lastSegment(code.name(code.child(param, Role.Pattern)))))
        return say('own', 'its own state', fn, n);
      return (type && this.#ofType(fn, n, type)) ?? this.#parameter(fn, n, { ...b, index }, depth, question);
    }
    const closure = code.ancestor(b.node, (a) => code.kind(a) === Kind.Closure);
    const taken = closure < 0 ? -1 : code.all(closure, Role.Param).findIndex((p) => code.within(b.node, p));
    return taken >= 0
      ? this.#closureParameter(fn, n, { ...b, index: taken }, depth, question)
      : say(b.type >= 0 ? 'own' : 'unknown', `\`${b.name}\``, fn, n);
  }

  /** What is put into a channel; what nobody here puts there comes from whoever has the other end. */
  #sent(fn: Fn, channel: NodeId, depth: number, question: Question): Author {
    const sent = this.#inProgram(question, Messages.of(this.#program).into(fn, channel), (m) => m.fn.package);
    if (sent.length === 0)
      return { ...say('caller', 'whoever has the other end of a channel', fn, channel), offered: fn };
    return first(sent.slice(0, MAX_SITES).map((m) => this.#trace(m.fn, m.value, depth + 1, question)));
  }

  /** What the calls of a closure pass that has a name: `limiterOf := func(ip string) *limiter {…}`. */
  #givenTo(fn: Fn, closure: NodeId, index: number): NodeId[] {
    const code = fn.code;
    const scope = this.#values.scope(fn);
    const out: NodeId[] = [];
    for (let n = fn.first; n < fn.after && out.length < MAX_SITES; n++) {
      const callee = code.kind(n) === Kind.Call ? code.child(n, Role.Callee) : -1;
      if (callee < 0 || code.kind(callee) !== Kind.Name) continue;
      const arg = code.all(n, Role.Arg)[index];
      if (arg !== undefined && scope.lookup(code.name(callee), code.start(callee))?.value === closure)
        out.push(arg);
    }
    return out;
  }

  #field(fn: Fn, n: NodeId, depth: number, question: Question): Author {
    const code = fn.code;
    const name = code.name(n);
    const object = code.child(n, Role.Object);
    const path = this.#values.goPackage(fn, object);
    if (path !== undefined) {
      const home = this.#program.packageAt(path);
      return home ? this.#global(fn, n, home, name) : ofPackage(name, fn, n);
    }
    if (fn.package.language === 'go' && goRoutes.test(name)) return say('own', 'a registered route', fn, n);
    const init = fn.package.language === 'go' ? this.#initialised(fn, n, object) : -1;
    if (init >= 0) return this.#trace(fn, init, depth + 1, question);
    const whole = this.#trace(fn, object, depth + 1, question);
    if (
      whole.who === 'outside' ||
      whole.who === 'peer' ||
      whole.from === 'configuration' ||
      whole.from === 'database'
    )
      return whole;
    if (configurationNames.test(name)) return configuration(name, fn, n);
    const decl = this.#values.declOf(fn, object);
    const field = decl && this.#values.field(decl, name);
    if (!field) return isInside(whole) ? say('unknown', `\`${name}\``, fn, n) : whole;
    const filled = this.#fieldFillings(fn, n, depth, question);
    if (filled.length > 0) return first(filled);
    const kept = this.#kept(fn, n, depth, question);
    const written = Writes.of(this.#program)
      .toField(field.decl, name)
      .filter((w) => !w.file.facts.generated);
    const writes = this.#inProgram(question, written, (w) => w.file.package)
      .slice(0, MAX_SITES)
      .map(({ fn: by, node, value, index }) => {
        if (!by) return say('own', 'the program', fn, n);
        return value < 0 || isCount(by, node, value)
          ? say('fresh', 'a counter', fn, n)
          : this.#value(by, value, index, depth, question);
      });
    const all = [...writes, ...kept];
    // A buffer that is made once is filled by somebody, somewhere.
    const buffer = this.#values.typeOf(fn, n);
    if (all.length > 0 && all.every(isMade) && buffer && /^(slice|array)$/.test(peel(buffer).type.name)) {
      const makers = new Set(written.flatMap(({ fn: by }) => by ?? []));
      const read = [...makers].flatMap((by) => this.#readWhereMade(by, field.decl, name, depth, question));
      const author = read.length === 0 ? undefined : first(read);
      if (!author || isInside(author)) return say('unknown', `\`${name}\``, fn, n);
      return author.who === 'outside' ? { ...author, kept: true } : author;
    }
    if (all.length > 0) {
      const author = first(isInside(whole) ? all : [...all, whole]);
      if (author.who !== 'outside') return author;
      const isPlain = this.#isPlain(fn, n);
      const isMixed = all.some((a) => a.who !== 'outside');
      // A stream that every maker has from outside is still whoever's it is.
      if (!isPlain && !isMixed) return author;
      return { ...author, kept: true, ...(isMixed && isPlain && { far: true }) };
    }
    // Rust: a type that nothing here makes is made by whoever uses the library.
    if (fn.package.language === 'rust' && isInside(whole) && this.#isMadeElsewhere(field.decl))
      return { ...say('caller', `whoever makes a \`${field.decl.fact.name}\``, fn, n), offered: fn };
    return isInside(whole) ? say('unknown', `\`${name}\``, fn, n) : whole;
  }

  /** A name, a number or a record, not something that bytes are read from. */
  #isPlain(fn: Fn, n: NodeId): boolean {
    const type = this.#values.typeOf(fn, n);
    const inner = type && peel(type).type;
    return (
      inner !== undefined && (inner.decl ? inner.decl.fact.kind !== 'interface' : PLAIN.test(inner.name))
    );
  }

  /** Nothing that is seen here puts anything into any field. */
  #isMadeElsewhere(decl: TypeDecl): boolean {
    const writes = Writes.of(this.#program);
    return decl.fact.fields.every((f) => writes.toField(decl, f.name).length === 0);
  }

  /** Go: what a field of a local was made with, `task := &task{name: name}`, when nothing else is put there; or -1. */
  #initialised(fn: Fn, field: NodeId, object: NodeId): NodeId {
    const code = fn.code;
    const b =
      code.kind(object) === Kind.Name
        ? this.#values.scope(fn).lookup(code.name(object), code.start(object))
        : undefined;
    if (b?.source !== 'value' || b.value < 0) return -1;
    const made = wholeOf(fn, b.value);
    if (code.kind(made) !== Kind.Composite || this.#fillings(fn, field, b).length > 0) return -1;
    for (let m = b.node; m < field; m++)
      if (
        code.kind(m) === Kind.Assign &&
        code.all(m, Role.Target).some((t) => isPartOf(fn, t, b) || sameText(code, t, field))
      )
        return -1;
    const init = code.children(made).find((c) => code.is(c, Kind.FieldInit, code.name(field)));
    return init === undefined ? -1 : code.child(init, Role.Value);
  }

  /** `io.ReadFull(r.conn, r.head[:])` before a use of `r.head`. */
  #fieldFillings(fn: Fn, use: NodeId, depth: number, question: Question): Author[] {
    const code = fn.code;
    const out: Author[] = [];
    const isFilled = (a: NodeId) => {
      const whole = wholeOf(fn, a);
      return whole >= 0 && code.kind(whole) === Kind.Field && sameText(code, whole, use);
    };
    for (let m = code.next(CALLS, fn.first, use); m < use && out.length < 4; m = code.next(CALLS, m + 1, use))
      if (this.#filledArguments(fn, m).some(isFilled) && !code.within(use, m))
        out.push(this.#filler(fn, m, isFilled, depth, question));
    return out;
  }

  /** Go: `f := Frame{Body: make([]byte, n)}; io.ReadFull(r, f.Body)`: who is read from where a buffer is made. */
  #readWhereMade(by: Fn, decl: TypeDecl, field: string, depth: number, question: Question): Author[] {
    const { code } = by;
    const out: Author[] = [];
    if (by.package.language !== 'go') return out;
    const isFilled = (a: NodeId) => {
      const whole = wholeOf(by, a);
      return (
        code.is(whole, Kind.Field, field) && this.#values.declOf(by, code.child(whole, Role.Object)) === decl
      );
    };
    for (
      let m = code.next(CALLS, by.first, by.after);
      m < by.after && out.length < 4;
      m = code.next(CALLS, m + 1, by.after)
    )
      if (this.#filledArguments(by, m).some(isFilled))
        out.push(this.#filler(by, m, isFilled, depth, question));
    return out;
  }

  /** Whoever wrote what was put into a container. */
  #kept(fn: Fn, n: NodeId, depth: number, question: Question): Author[] {
    const type = this.#values.typeOf(fn, n);
    const place = type && container(this.#values.types, type) ? this.#places.of(fn, n) : undefined;
    if (!place) return [];
    return Effects.of(this.#program)
      .on(place)
      .filter((e) => e.kind === 'grow' && !e.fn.isTest)
      .slice(0, 6)
      .map((e) => {
        const from = e.key >= 0 ? e.key : e.value;
        return from < 0
          ? say('unknown', 'what is added to it', e.fn, e.node)
          : this.#trace(e.fn, from, depth + 1, question);
      });
  }

  #call(fn: Fn, n: NodeId, index: number, depth: number, question: Question): Author {
    const known = fn.package.language === 'rust' ? this.#rustCall(fn, n) : undefined;
    if (known) return known;
    const code = fn.code;
    const next = (m: NodeId) => this.#trace(fn, m, depth + 1, question);
    const name = callName(code, n);
    const args = code.all(n, Role.Arg);
    const object = code.kind(n) === Kind.MethodCall ? code.child(n, Role.Object) : -1;
    const path = object < 0 ? undefined : this.#values.goPackage(fn, object);
    if (
      object >= 0 &&
      messageTakes.test(name) &&
      Messages.of(this.#program).isReceiver(this.#values.typeOf(fn, object))
    )
      return this.#sent(fn, object, depth, question);
    // What a context carries the program has put there itself, whoever's request it goes with.
    if (object >= 0 && fn.package.language === 'go' && this.#givesContext(fn, object, name, args.length))
      return say('unknown', 'a context', fn, n);
    if (object >= 0 && fn.package.language === 'go' && goRoutes.test(name))
      return say('own', 'a registered route', fn, n);
    if (object < 0 && /^(make|new|len|cap)$/.test(name) && fn.package.language === 'go')
      return say('made', 'what is made here', fn, n);
    if (object < 0 && /^(append|min|max)$/.test(name)) return first(args.map(next));
    const targets = this.#inProgram(
      question,
      this.#values.callees(fn, n).filter((t) => t.fact.body >= 0),
      (t) => t.package,
    );
    if (targets.length > 0) {
      if (targets.length > 3) return say('unknown', `what \`${name}\` gives`, fn, n);
      const given = first(
        targets.map((t) => {
          const all = returnsOf(t, index);
          const returned = all.filter(
            (r) => !t.code.is(r, Kind.Literal, 'nil') && !t.code.is(r, Kind.String) && !isFailure(t, r),
          );
          if (
            returned.length === 0 &&
            all.some((r) => t.code.is(r, Kind.String) && !/^"?"?$/.test(t.code.name(r)))
          )
            return say('own', `the constants that \`${t.label}\` returns`, fn, n);
          return returned.length === 0
            ? say('unknown', `what \`${t.label}\` gives`, fn, n)
            : first(returned.slice(0, 6).map((r) => this.#returned(t, r, fn, n, depth, question)));
        }),
      );
      // What cannot be followed through a function was made of what it is given.
      return given.who !== 'unknown' || args.length === 0 || isLookup(fn, name)
        ? given
        : first(args.map(next));
    }
    if (path !== undefined) {
      if (goFresh.test(`${path}.${name}`)) return say('fresh', `\`${name}\``, fn, n);
      const passes = goPurePackages.has(path) || goPassing.has(`${path}.${name}`);
      if (goOwnPackages.has(path) && !passes) return say('own', 'its files and settings', fn, n);
      if (goAskingPackages.has(path) && goAsking.test(name))
        return say('peer', 'the answer of a server it asks', fn, n);
      const from =
        args.length === 0 ? say('unknown', `what \`${name}\` gives`, fn, n) : first(args.map(next));
      // What it finds for a request is not what the request says.
      if (from.who === 'outside' && !passes && isLookup(fn, name) && !/^(Read|Peek)/.test(name))
        return { ...from, far: true };
      if (from.who !== 'own' || passes || /^New\w*(Reader|Decoder|Scanner)/.test(name)) return from;
      return say('unknown', `what \`${name}\` gives`, fn, n);
    }
    // `String::from(x)`, `Key::new(tenant, name)`
    if (object < 0 && fn.package.language === 'rust') {
      // Whoever writes the query of an address does not choose the address.
      const parts = name === 'parse_with_params' ? args.slice(0, 1) : args;
      const of = parts.length === 0 ? undefined : first(parts.map(next));
      return of && (of.who !== 'own' || rustWraps.test(name))
        ? of
        : say('unknown', `what \`${name}\` gives`, fn, n);
    }
    if (object < 0) {
      if (args.length !== 1) return say('unknown', `\`${name}\``, fn, n);
      // A conversion to a type of its own, or a function that it was handed: nobody sees what that gives.
      const of = next(args[0] as NodeId);
      const isHanded = this.#values.scope(fn).lookup(name, code.start(n)) !== undefined;
      return of.who === 'outside' && isHanded ? { ...of, far: true } : of;
    }
    const of = next(object);
    if (of.who === 'outside' || of.who === 'peer' || isLookup(fn, name) || args.length === 0) return of;
    const given = first(args.map(next));
    // Go: `aead.Open(dst, nonce, sealed, data)` gives only what somebody with the key has sealed.
    if (name === 'Open' && args.length === 4) return { ...given, far: true };
    return given.who === 'outside' ? given : of;
  }

  /** `r.Context()`, and gin's `c.Get(key)`. */
  #givesContext(fn: Fn, object: NodeId, method: string, args: number): boolean {
    if (method === 'Context') return args === 0;
    if (args === 0) return false;
    const type = this.#values.typeOf(fn, object);
    const gives = type && goContextValues[withoutMajor(peel(type).type.name)];
    return gives?.test(method) === true;
  }

  /** Rust: calls that say by themselves whose value it is. */
  #rustCall(fn: Fn, n: NodeId): Author | undefined {
    const code = fn.code;
    const method = code.kind(n) === Kind.MethodCall;
    const callee = method ? -1 : code.child(n, Role.Callee);
    const path = method ? code.name(n) : callee < 0 ? '' : fn.file.fullPath(code.name(callee));
    const maker = method ? '' : lastSegment(path.slice(0, Math.max(0, path.lastIndexOf('::'))));
    // `TcpStream::connect(address).await?`, `connector.connect(domain, stream).await?`
    if (connectCalls.test(callName(code, n)) && code.kind(code.parent(n)) === Kind.Await)
      return say('peer', 'the answer of a server it asks', fn, n);
    // Making a request or a path takes nothing in; taking a connection does.
    if (rustSentTypes.has(maker) && sentSources.test(maker)) return say('outside', `a \`${maker}\``, fn, n);
    // `request.extensions().get::<MatchedPath>()`: what is asked for by its type.
    const asked = method ? code.child(n, Role.TypeArg) : -1;
    if (asked >= 0 && rustOwnTypes.has(lastSegment(code.name(asked))))
      return say('own', `a \`${lastSegment(code.name(asked))}\``, fn, n);
    if (rustOwnTypes.has(maker) || rustOwnCalls.test(path))
      return say('own', `\`${callName(code, n)}\``, fn, n);
    // `client.get(url).send().await`, `client.invoke().payload(p).send().await`: a request that is built, and its answer.
    if (method && path === 'send' && code.child(n, Role.Arg) < 0 && code.kind(code.parent(n)) === Kind.Await)
      return say('peer', 'the answer of a server it asks', fn, n);
    if (rustQueries.test(callName(code, n)))
      return { ...say('own', 'a row of its own database', fn, n), from: 'database' };
    if (rustFresh.test(path)) return say('fresh', `\`${callName(code, n)}\``, fn, n);
    // `headers.get(name)`: not a method of the workspace that has the same name.
    const object = method ? code.child(n, Role.Object) : -1;
    const sent = method ? this.#byType(fn, object) : undefined;
    if (sent?.who !== 'outside') return undefined;
    if (isOpened(fn, object)) return say('peer', 'the answer of a server it asks', fn, n);
    // `request.method()`: somebody outside chooses among few.
    return protocolParts.test(path) ? say('own', 'the protocol', fn, n) : sent;
  }

  /** What a function returns; its parameters are what it is given here, not what others give it. */
  #returned(t: Fn, r: NodeId, fn: Fn, call: NodeId, depth: number, question: Question): Author {
    const { entered } = question;
    question.entered = { target: t, fn, call, from: entered };
    const author = this.#trace(t, r, depth + 1, question);
    question.entered = entered;
    return author;
  }

  /** An argument of a call that was entered, seen from where the call stands. */
  #outside({ fn, from }: Entered, arg: NodeId, depth: number, question: Question): Author {
    const { entered } = question;
    question.entered = from;
    const author = this.#trace(fn, arg, depth + 1, question);
    question.entered = entered;
    return author;
  }
}

/** Rust: `HeaderMap::from_iter(…)`, `Request::new(body)`: what the program puts together nobody has sent to it. */
function makesToSend({ code, file, package: { language } }: Fn, n: NodeId): boolean {
  if (language !== 'rust' || code.kind(n) !== Kind.Call) return false;
  const path = file.fullPath(code.name(code.child(n, Role.Callee)));
  const maker = lastSegment(path.slice(0, Math.max(0, path.lastIndexOf('::'))));
  return rustSentTypes.has(maker) && !sentSources.test(maker) && sentMakers.test(lastSegment(path));
}

/** What a call gives for a parameter; undefined where results of another call are spread over the parameters. */
function argumentOf({ target, fn, call }: Entered, b: Binding): NodeId | undefined {
  const args = fn.code.all(call, Role.Arg);
  const spread = args.length === 1 && target.fact.params.length > 1 && target.package.language === 'go';
  return spread ? undefined : args[b.index];
}

/** Rust: `Err(Error::Refused(answer))`: what went wrong is no part of what comes out when nothing did. */
function isFailure({ code }: Fn, returned: NodeId): boolean {
  return code.is(returned, Kind.Call) && /(^|::)Err$/.test(code.name(code.child(returned, Role.Callee)));
}

/** The branches that give something, where there are any: `None => Err(Error::Unknown(name))` gives nothing. */
function succeeding(fn: Fn, branches: readonly NodeId[]): readonly NodeId[] {
  const { code } = fn;
  const result = (n: NodeId) => (code.kind(n) === Kind.Block ? (code.children(n).at(-1) ?? -1) : n);
  const given = branches.filter((b) => b < 0 || !isFailure(fn, result(b)));
  return given.length > 0 ? given : branches;
}

/** Rust: `&'static [u8]`, which lies in the program's file. */
function isStatic(fn: Fn, b: Binding): boolean {
  if (fn.package.language !== 'rust' || b.type < 0) return false;
  const { start, end } = fn.code.span(b.type);
  return /^&'static\s*(\[u8\b|str$)/.test(fn.package.text(fn.file.facts.file).slice(start, end));
}

/** The file of a function deals with the network: it imports what listens, dials or takes messages. */
export function readsNetwork(fn: Fn): boolean {
  return fn.file.facts.imports.some((i) => goNetworkPackages.test(i.path));
}

/** A call that looks something up gives what others have put there, whatever the key. */
function isLookup(fn: Fn, name: string): boolean {
  return fn.package.language === 'go' ? goLookups.test(name) : rustLookups.test(name);
}

/** `buf` of `buf[:4]` and `&buf`. */
function wholeOf(fn: Fn, arg: NodeId): NodeId {
  const code = fn.code;
  let n = arg;
  while ([Kind.Unary, Kind.Slice, Kind.Index].includes(code.kind(n) as never)) n = code.child(n, Role.Object);
  return n;
}

/** An argument is a local, its address or a part of it. */
function isPartOf(fn: Fn, arg: NodeId, b: Binding): boolean {
  const code = fn.code;
  const n = wholeOf(fn, arg);
  if (n < 0 || code.kind(n) !== Kind.Name || code.name(n) !== b.name) return false;
  const at = code.start(n);
  return b.from <= at && at < b.to;
}

function isInside(author: Author): boolean {
  return author.who === 'own' || isMade(author);
}

function isMade({ who }: Author): boolean {
  return who === 'made' || who === 'fresh';
}

const PLAIN = /^(string|byte|rune|uintptr|u?int(8|16|32|64)?)$/;

const RANK = { outside: 0, caller: 1, unknown: 2, peer: 3, fresh: 4, made: 5, own: 6 } as const;

/** Of several who had a part in a value, the one that says most: outside before unknown, unknown before its own. */
function first(authors: readonly Author[]): Author {
  return authors.reduce((a, b) =>
    a.again || RANK[b.who] < RANK[a.who] || (b.who === a.who && a.vague && !b.vague) ? b : a,
  );
}

function say(who: Author['who'], why: string, fn: Fn, n: NodeId): Author {
  return { who, why, at: fn.place(n) };
}

function configuration(name: string, fn: Fn, n: NodeId): Author {
  return { ...say('own', `the configuration \`${name}\``, fn, n), from: 'configuration' };
}

function ofPackage(name: string, fn: Fn, n: NodeId): Author {
  return { ...say('own', `the package's \`${name}\``, fn, n), from: 'package' };
}

function makeProvenance(program: Program): Provenance {
  return new Provenance(program);
}
