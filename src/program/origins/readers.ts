import type { Place } from '../../core/span.ts';
import { goAccepts } from '../../knowledge/handlers.ts';
import { requestMakers } from '../../knowledge/provenance.ts';
import {
  addressMakers,
  announcedLengths,
  answerNames,
  bodyLimits,
  children,
  clientMakers,
  clientTypes,
  complaints,
  connections,
  decoderMakers,
  extractorLimits,
  frameLimits,
  goAddressArguments,
  goBodies,
  goDecoderLimits,
  goDecoders,
  goDecodes,
  goDumps,
  goEndReads,
  goFileReads,
  goLineReads,
  goMessageLimit,
  goMessageReaders,
  goMessageReads,
  goObjects,
  goWholeReads,
  hugeUnits,
  inMemory,
  limitedParts,
  limitingReaders,
  limits,
  messageLimitSetting,
  passing,
  requestBodies,
  rustAccepts,
  rustAnswering,
  rustBodies,
  rustBodyAccess,
  rustBodyGivers,
  rustDecoders,
  rustLimits,
  rustWrappers,
  sameAddress,
  servingClosures,
  streamable,
  unpackedLengths,
  uploads,
  webSocketSettings,
  webSockets,
} from '../../knowledge/readers.ts';
import { CALLS, type Code, kinds } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import { Calls } from '../calls/calls.ts';
import { answersOf, exits } from '../calls/exits.ts';
import { isService, Linkage } from '../linkage.ts';
import { sendsRequest } from '../phases/handlers.ts';
import { sameText } from '../places/effects.ts';
import { Writes } from '../places/writes.ts';
import type { Fn, Package, Program } from '../program.ts';
import { withoutMajor } from '../types/go-types.ts';
import type { Binding } from '../types/scope.ts';
import { lastSegment, peel, type TypeRef } from '../types/types.ts';
import { Values } from '../types/values.ts';
import { type BodyRead, bodyRead, liftedServerLimit, mayReadBody } from './go-bodies.ts';
import { messageLimit } from './go-messages.ts';
import { decoderOfStream, gatheredReads, gatheredStream, gathersOutput, startedCommand } from './go-reads.ts';
import { isOpened } from './opened.ts';
import { Provenance } from './provenance.ts';
import { rustRead } from './rust-reads.ts';

/** A call that reads a stream or file to its end into memory. */
export interface WholeReadSite {
  readonly fn: Fn;
  readonly node: NodeId;
  readonly verb: string;
  /** The stream, or -1 for a file by name. */
  readonly reader: NodeId;
  /** The file name of a whole-file read, or -1. */
  readonly path: NodeId;
  /** An explicit limit argument, or -1. */
  readonly limit: NodeId;
  /**
   * `pieces`: a loop adds them up; `line`: up to a delimiter, however far that is; `decode`: a decoder keeps a value that is as
   * long as the stream; `message`: one message of a connection.
   */
  readonly way?: 'pieces' | 'line' | 'decode' | 'message';
  /** What decompresses, when the call itself does. */
  readonly decoder?: string;
  /** The call gives a request body. */
  readonly body?: true;
  /** Go: a framework gives the body of a request, or decodes it. */
  readonly framework?: BodyRead;
  /** The request whose body it gives, where it is an argument. */
  readonly request?: NodeId;
  /** The call gives the answer to a request that this address was put into. */
  readonly asked?: NodeId;
  /** The function that address stands in, where it is another one. */
  readonly askedBy?: Fn;
  /** Go: the call adds up the messages of a stream that a client sends. */
  readonly messages?: true;
  /** The call runs a program to its end, or waits for one: what it was started with. */
  readonly started?: readonly NodeId[];
}

/** Who says which server is asked: somebody outside, or whoever calls an exported function that nothing here calls. */
type Chooser = 'outside' | 'caller';

/** What a stream is made of, from the read back to its root. */
export type Stream =
  | { readonly kind: 'limited'; readonly by: string; readonly where: Place }
  | { readonly kind: 'memory' }
  | {
      readonly kind: 'decoded';
      readonly decoder: string;
      readonly where: Place;
      /** What goes into the decoder, where that is known. */
      readonly from?: { readonly fn: Fn; readonly bytes: NodeId };
      /** Go: an answer of a server that the program has chosen. */
      readonly answer?: true;
    }
  | {
      readonly kind: 'input';
      readonly what: string;
      readonly request: boolean;
      /** A program that was started here writes it. */
      readonly child?: boolean;
      /** It is where that program says what went wrong. */
      readonly complaints?: true;
      /** The function that has accepted the connection. */
      readonly accepted?: Fn;
      /**
       * Go: the connection comes out of an `Accept` in sight: a stranger has opened it. Or whoever uses a library that opens
       * none hands it in.
       */
      readonly opened?: 'by-peer' | 'by-caller';
      /** The connection comes over a socket in the file system: whoever is at its other end runs on the same machine. */
      readonly local?: true;
      /** An answer of a server that somebody outside has chosen, or whoever calls what the workspace offers. */
      readonly chosen?: Chooser;
      /** Go: the server limited it, had this not lifted the limit. */
      readonly lifted?: Place;
      readonly where: Place;
    }
  | { readonly kind: 'unknown' };

const UNKNOWN: Stream = { kind: 'unknown' };
/** Steps from a read back to where its stream begins; a call counts for more than one. */
const MAX_STEPS = 12;

/** What a request body is called in what is said of it. */
export const REQUEST = 'a request body';

/** Every whole read of a package outside tests, in source order. */
export function wholeReads(pkg: Package): WholeReadSite[] {
  return pkg.serviceFunctions.flatMap(wholeReadsIn);
}

/** The whole reads of one function, kept: several rules ask for them. */
export function wholeReadsIn(fn: Fn): readonly WholeReadSite[] {
  const kept = fn.package.program.derive(makeSites);
  let sites = kept.get(fn);
  if (!sites) {
    sites = findWholeReads(fn);
    kept.set(fn, sites.length > 0 ? sites : NO_SITES);
  }
  return sites;
}

/** Rust: `Request<Full<Bytes>>`, whose body somebody has read before: https://docs.rs/http-body-util/latest/http_body_util/struct.Full.html */
function isWhole(type: TypeRef): boolean {
  return lastSegment(type.name) === 'Full' || type.args.some((a) => lastSegment(a.name) === 'Full');
}

/**
 * Rust: a body, or a message around one, which is read as if it were its body:
 * https://docs.rs/http/latest/http/request/struct.Request.html#impl-Body-for-Request%3CB%3E
 */
function hasBody({ name, args }: TypeRef): boolean {
  const of = /(^|::)(Request|Response)$/.test(name) ? args[0]?.name : name;
  return of !== undefined && rustBodies.has(lastSegment(of));
}

const NO_SITES: readonly WholeReadSite[] = [];
const makeSites = () => new Map<Fn, readonly WholeReadSite[]>();

function findWholeReads(fn: Fn): readonly WholeReadSite[] {
  const values = Values.of(fn.package.program);
  const out: WholeReadSite[] = [];
  const code = fn.code;
  const { first: body, after } = fn;
  for (let n = code.next(CALLS, body, after); n < after; n = code.next(CALLS, n + 1, after)) {
    const site = fn.package.language === 'go' ? goRead(values, fn, n) : rustRead(values, fn, n);
    if (site) out.push(site);
  }
  return out;
}

function goRead(values: Values, fn: Fn, n: NodeId): WholeReadSite | undefined {
  const code = fn.code;
  if (gatheredStream(values, fn, n) >= 0)
    return {
      ...{ fn, node: n, verb: verbOf(code, n), limit: -1, reader: -1, path: -1 },
      ...{ way: 'pieces', messages: true },
    };
  const gathered = gatheredReads(values, fn, n);
  if (gathered >= 0)
    return { fn, node: n, verb: verbOf(code, n), limit: -1, reader: gathered, path: -1, way: 'pieces' };
  const name = code.name(n);
  if (code.kind(n) !== Kind.MethodCall || !(goReads.has(name) || mayReadBody(name))) return undefined;
  const object = code.child(n, Role.Object);
  const pkg = values.goPackage(fn, object);
  const args = code.all(n, Role.Arg);
  const canonical = pkg === undefined ? `.${name}` : `${pkg}.${name}`;
  const verb = pkg === undefined ? name : `${code.name(object)}.${name}`;
  const base = { fn, node: n, verb, limit: -1 };
  const decodes = goDecode(values, fn, n, pkg, name);
  // `DecodeAll(input, dst)`; the functions have them the other way round.
  if (decodes)
    return {
      ...base,
      reader: args.at(name === 'DecodeAll' ? 0 : -1) ?? -1,
      path: -1,
      decoder: decodes.decoder,
    };
  if (goFileReads.has(canonical)) return { ...base, reader: -1, path: args[0] ?? -1 };
  if (pkg === undefined && isMethodOf(values, fn, object, name, goLineReads, lineMethods))
    return { ...base, reader: object, path: -1, way: 'line' };
  if (pkg === undefined && isMethodOf(values, fn, object, name, goEndReads, endMethods))
    return { ...base, reader: object, path: -1 };
  if (goDumps.has(canonical) && args[1] !== undefined && code.name(args[1]) === 'true')
    return { ...base, reader: -1, path: -1, body: true, request: args[0] as NodeId };
  const framework = bodyRead(values, fn, n);
  if (framework && framework.way !== 'streams') {
    const way = framework.way === 'decodes' ? { way: 'decode' as const } : {};
    return { ...base, ...way, reader: -1, path: -1, framework };
  }
  const decoder = pkg === undefined && name === 'Decode' ? decoderOfStream(values, fn, n) : -1;
  // The limit belongs where the decoder is made.
  if (decoder >= 0)
    return { ...base, node: decoder, reader: code.child(decoder, Role.Arg), path: -1, way: 'decode' };
  if (pkg === undefined && isMethodOf(values, fn, object, name, goMessageReads, messageMethods))
    return { ...base, reader: object, path: -1, way: 'message' };
  const row = Object.hasOwn(goWholeReads, canonical) ? goWholeReads[canonical] : undefined;
  if (row) {
    const type = pkg === undefined ? values.typeOf(fn, object) : undefined;
    if (pkg === undefined && (!type || peel(type).type.name !== 'bytes.Buffer')) return undefined;
    return { ...base, reader: args[row.reader] ?? -1, path: -1 };
  }
  if (pkg === undefined && args.length === 0 && startedMethods.test(name)) {
    const started =
      name.endsWith('Output') || gathersOutput(values, fn, object)
        ? startedCommand(values, fn, object)
        : undefined;
    return started && { ...base, reader: -1, path: -1, started };
  }
  // io.Copy(&buf, r)
  if (/^io\.Copy(Buffer)?$/.test(canonical) && args.length >= 2 && isMemory(values, fn, args[0] as NodeId))
    return { ...base, reader: args[1] as NodeId, path: -1 };
  return undefined;
}

function verbOf(code: Code, call: NodeId): string {
  return code.kind(call) === Kind.Call ? 'append' : code.name(call);
}

/** How many callers away a writer may be made. */
const MAX_HANDED = 2;

/** A text that grows, or a writer that some caller hands one for: `copyPayload(r, &buf)`. */
function isMemory(values: Values, fn: Fn, writer: NodeId, depth = 0): boolean {
  const { code } = fn;
  const type = values.typeOf(fn, writer);
  if (type && /^(bytes\.Buffer|strings\.Builder)$/.test(peel(type).type.name)) return true;
  const isWriter = type !== undefined && type.name === 'io.Writer';
  const b =
    isWriter && depth < MAX_HANDED && code.is(writer, Kind.Name)
      ? values.scope(fn).lookup(code.name(writer), code.start(writer))
      : undefined;
  if (b?.source !== 'parameter') return false;
  return Calls.of(fn.package.program)
    .sitesOf(fn)
    .some(({ kind, guess, fn: by, node }) => {
      const given =
        kind === 'call' && !guess && !by.isTest ? by.code.all(node, Role.Arg)[b.index] : undefined;
      return given !== undefined && isMemory(values, by, given, depth + 1);
    });
}

/** A table of methods has this one of the object's type; most calls have another name, and no type is asked for. */
function isMethodOf(
  values: Values,
  fn: Fn,
  object: NodeId,
  method: string,
  table: Readonly<Record<string, readonly string[]>>,
  all: ReadonlySet<string>,
): boolean {
  if (!all.has(method)) return false;
  const type = values.typeOf(fn, object);
  const name = type === undefined ? '' : peel(type).type.name;
  return Object.hasOwn(table, name) && (table[name]?.includes(method) ?? false);
}

const lineMethods: ReadonlySet<string> = new Set(Object.values(goLineReads).flat());
const endMethods: ReadonlySet<string> = new Set(Object.values(goEndReads).flat());
const messageMethods: ReadonlySet<string> = new Set(Object.values(goMessageReads).flat());
const readerMethods: ReadonlySet<string> = new Set(Object.values(goMessageReaders).flat());

/** What starts a program and waits for its end, or only waits: https://pkg.go.dev/os/exec#Cmd */
const startedMethods = /^((Combined)?Output|Run|Wait)$/;

/** The names of all functions and methods that read something whole. */
const goReads: ReadonlySet<string> = new Set([
  ...[...Object.keys(goWholeReads), ...Object.keys(goDecodes), ...goFileReads, ...goDumps].map(lastSegment),
  ...[...lineMethods, ...endMethods, ...messageMethods],
  ...['Copy', 'CopyBuffer', 'Decode', 'DecodeAll', 'Output', 'CombinedOutput', 'Run', 'Wait'],
]);

/** The option of the decoders of a package that limits what they give, if there is one. */
function decoderLimit(fn: Fn): Stream | undefined {
  for (const other of fn.package.functions) {
    const limit = other.isTest ? -1 : decoderLimitIn(other.code, ...other.range);
    if (limit >= 0)
      return { kind: 'limited', by: `\`${other.code.name(limit)}\``, where: other.place(limit) };
  }
  // `var decoder, _ = zstd.NewReader(nil, zstd.WithDecoderMaxMemory(n))`
  for (const g of fn.package.globals) {
    const { code } = g.file;
    const { value } = g.fact;
    const limit = value < 0 || g.fact.test ? -1 : decoderLimitIn(code, value, code.after(value));
    if (limit >= 0)
      return { kind: 'limited', by: `\`${code.name(limit)}\``, where: g.file.place(code.span(limit)) };
  }
  return undefined;
}

function decoderLimitIn(code: Code, from: NodeId, to: NodeId): NodeId {
  for (let n = from; n < to; n++)
    if (code.kind(n) === Kind.MethodCall && goDecoderLimits.has(code.name(n))) return n;
  return -1;
}

/** The row of a call that decompresses a whole buffer: `snappy.Decode(nil, body)`, `decoder.DecodeAll(body, nil)`. */
function goDecode(values: Values, fn: Fn, n: NodeId, pkg: string | undefined, name: string) {
  if (pkg === undefined && name !== 'DecodeAll') return undefined;
  const type = pkg === undefined ? values.typeOf(fn, fn.code.child(n, Role.Object)) : undefined;
  const key =
    pkg !== undefined ? `${withoutMajor(pkg)}.${name}` : `${type ? peel(type).type.name : ''}.${name}`;
  return Object.hasOwn(goDecodes, key) ? goDecodes[key] : undefined;
}

/** A limit of a server on what clients send, and the package it stands in. */
interface BodyLimit {
  readonly where: Place;
  readonly by: string;
  readonly in: Package;
}

/** Follows streams back to where they come from. One per program. */
export class Readers {
  readonly #program: Program;
  readonly #values: Values;
  readonly #calls: Calls;
  #bodyLimits: readonly BodyLimit[] | undefined;
  /** What a transport of their own limits the answers to the clients of a package to; null for nothing. */
  readonly #transports = new Map<Package, Stream | null>();

  constructor(program: Program) {
    this.#program = program;
    this.#values = Values.of(program);
    this.#calls = Calls.of(program);
  }

  static of(program: Program): Readers {
    return program.derive(makeReaders);
  }

  /** What the stream of a whole read is. */
  of(site: WholeReadSite): Stream {
    const where = site.fn.place(site.node);
    const option =
      site.decoder !== undefined && site.fn.package.language === 'go' ? decoderLimit(site.fn) : undefined;
    if (option) return option;
    if (site.decoder !== undefined) {
      const from = { fn: site.fn, bytes: site.reader };
      return { kind: 'decoded', decoder: site.decoder, where, ...(site.reader >= 0 ? { from } : {}) };
    }
    if (site.request !== undefined) return this.#bodyOfRequest(site.fn, site.request, site.node);
    if (site.framework) return this.#bodyOfFramework(site.fn, site.node, site.framework);
    if (site.body) return { kind: 'input', what: REQUEST, request: true, where };
    if (site.messages) return { kind: 'input', what: 'what a client streams', request: true, where };
    if (site.asked !== undefined) {
      const chosen = this.#senderOf(site.askedBy ?? site.fn, site.asked);
      return chosen ? { kind: 'input', what: 'a response body', request: false, chosen, where } : UNKNOWN;
    }
    if (site.started) {
      const authors = Provenance.of(site.fn.package.program);
      const isSent = site.started.some((word) => authors.of(site.fn, word).who === 'outside');
      const what = 'the output of a program';
      // Most that a Go service starts says a line or two.
      if (!isSent && site.fn.package.language === 'go') return UNKNOWN;
      return {
        kind: 'input',
        what,
        request: false,
        child: true,
        where,
        ...(isSent ? { chosen: 'outside' as const } : {}),
      };
    }
    if (site.way === 'message') return this.#message(site);
    return this.#trace(site.fn, site.reader, site.node, 0);
  }

  /** Go: a message of a connection that the package has upgraded, where nothing in it says how long one may be. */
  #message({ fn, reader }: Pick<WholeReadSite, 'fn' | 'reader'>): Stream {
    const { limit, upgrade } = messageLimit(fn);
    if (limit) return this.#limited(limit.fn, limit.node, goMessageLimit);
    return upgrade && !isOpened(fn, reader)
      ? { kind: 'input', what: 'a message of a client', request: true, where: upgrade }
      : UNKNOWN;
  }

  /** Go: `c.GetRawData()` where nothing before it limits the body, nor the server all of them. */
  #bodyOfFramework(fn: Fn, call: NodeId, { request, served }: BodyRead): Stream {
    const lifted = served ? liftedServerLimit(fn.package) : undefined;
    if (served && !lifted) return UNKNOWN;
    const stream = this.#bodyOfRequest(fn, request, call);
    return stream.kind === 'input' && lifted ? { ...stream, lifted } : stream;
  }

  /** Go: the body of a request that somebody sends; of one that the program sends it has put together the body itself. */
  #bodyOfRequest(fn: Fn, request: NodeId, sink: NodeId): Stream {
    if (sendsRequest(fn, request) || this.#isOwnRequest(fn, request, 0)) return UNKNOWN;
    return (
      this.#bodyOf(fn, fn.code.name(request), sink) ??
      this.#limitedByCallers(fn, request, 0) ?? {
        kind: 'input',
        what: REQUEST,
        request: true,
        where: fn.place(request),
      }
    );
  }

  #trace(fn: Fn, n: NodeId, sink: NodeId, depth: number): Stream {
    if (n < 0 || depth > MAX_STEPS) return UNKNOWN;
    const code = fn.code;
    const next = (m: NodeId) => this.#trace(fn, m, sink, depth + 1);
    switch (code.kind(n)) {
      case Kind.Unary:
      case Kind.Try:
      case Kind.Await:
      case Kind.Cast:
        return next(code.child(n, Role.Object));
      case Kind.String:
        return { kind: 'memory' };
      case Kind.Composite: {
        const type = code.child(n, Role.Type);
        if (type < 0 || fn.package.language !== 'go') return UNKNOWN;
        return limits.has(lastSegment(code.name(type)))
          ? this.#limited(fn, n, lastSegment(code.name(type)))
          : this.#wrapper(fn, n, next);
      }
      case Kind.Call:
      case Kind.MethodCall:
        return this.#call(fn, n, depth, next);
      case Kind.Field:
        return this.#field(fn, n, sink, depth);
      case Kind.Name:
        return this.#name(fn, n, sink, depth, next);
      default:
        return UNKNOWN;
    }
  }

  /** Go: `&countingReader{r: r.Body}`: a reader of the program's own around another one, which it may limit. */
  #wrapper(fn: Fn, made: NodeId, next: (m: NodeId) => Stream): Stream {
    const decl = this.#values.declOf(fn, made);
    const read = decl && this.#values.methodsOfDecl(decl, 'Read')[0];
    if (decl?.fact.kind !== 'struct') return UNKNOWN;
    if (read && countsDown(read)) return this.#limited(fn, made, decl.fact.name);
    const { code } = fn;
    const { fields } = decl.fact;
    const inner = fields.map((f, i) => {
      const init = code.children(made).find((c) => code.is(c, Kind.FieldInit, f.name));
      const given = init ?? code.children(made).filter((c) => code.role(c) !== Role.Type)[i] ?? -1;
      const value = code.is(given, Kind.FieldInit)
        ? init === undefined
          ? -1
          : code.child(given, Role.Value)
        : given;
      const isRead = read ? readsFrom(read, f.name) : f.embedded;
      return value >= 0 && isRead ? next(value) : UNKNOWN;
    });
    // `struct{ io.Reader; io.Closer }{limited, resp.Body}`: of both it has a `Read` from, the first is meant.
    return inner.find((s) => s.kind !== 'unknown') ?? UNKNOWN;
  }

  #limited(fn: Fn, n: NodeId, name: string): Stream {
    return { kind: 'limited', by: `\`${name}\``, where: fn.place(n) };
  }

  #call(fn: Fn, n: NodeId, depth: number, next: (m: NodeId) => Stream): Stream {
    const code = fn.code;
    const method = code.kind(n) === Kind.MethodCall;
    const object = method ? code.child(n, Role.Object) : -1;
    const callee = method ? -1 : code.child(n, Role.Callee);
    const name = callName(code, n);
    const args = code.all(n, Role.Arg);
    const first = args[0] ?? -1;
    const pkg = method ? this.#values.goPackage(fn, object) : undefined;
    const owner = callee < 0 ? '' : (code.name(callee).split('::').at(-2) ?? '');
    if (limits.has(name) || limits.has(owner)) return this.#limited(fn, n, limits.has(name) ? name : owner);
    if (pkg !== undefined && goDecoders.test(withoutMajor(pkg)) && /^New\w*Reader/.test(name))
      return this.#decoded(fn, n, next(first), `${code.name(object)}.${name}`);
    if (pkg === 'strings' || (pkg === 'bytes' && /^New/.test(name))) return { kind: 'memory' };
    if (pkg === 'os' && /^Open/.test(name)) return UNKNOWN;
    if (rustDecoders.test(owner)) return this.#decoded(fn, n, next(first), owner, first);
    if (callee >= 0 && decoderMakers.test(fn.file.fullPath(code.name(callee))))
      return this.#decoded(fn, n, next(first), owner, first);
    if (/^(Cursor)$/.test(owner)) return { kind: 'memory' };
    // An entry of an archive is decompressed as it is read.
    if (method && (name === 'Open' || /^by_(index|name)$/.test(name))) {
      const type = this.#values.typeOf(fn, object);
      const inner = type && peel(type).type.name;
      if (inner === 'archive/zip.File' || /(^|::)ZipArchive$/.test(inner ?? ''))
        return this.#decoded(fn, n, UNKNOWN, 'an archive entry', this.#archived(fn, object));
    }
    if (method && isMethodOf(this.#values, fn, object, name, goMessageReaders, readerMethods))
      return this.#message({ fn, reader: object });
    if (method && name === 'FormFile')
      return (
        this.#bodyOf(fn, code.name(object), n) ??
        this.#limitedByCallers(fn, object, 0) ??
        this.#uploadMeasured(fn, n, object) ?? {
          kind: 'input',
          what: 'an upload',
          request: true,
          where: fn.place(n),
        }
      );
    const framework = method ? bodyRead(this.#values, fn, n) : undefined;
    if (framework?.way === 'streams') return this.#bodyOfFramework(fn, n, framework);
    if (pkg === 'io' && name === 'MultiReader') return worst(args.map(next));
    if (method && name === 'Open' && this.#isUpload(fn, object))
      return { kind: 'input', what: 'an upload', request: true, where: fn.place(n) };
    if (method && fn.package.language === 'rust' && rustAccepts.test(name) && args.length === 0)
      return { kind: 'input', what: 'a connection', request: true, accepted: fn, where: fn.place(n) };
    const body =
      method && fn.package.language === 'rust' ? this.#rustBody(fn, n, object, name, first) : undefined;
    if (body) return body;
    const targets = this.#values.callees(fn, n);
    if (targets.length === 1 && depth < 6) {
      const target = targets[0] as Fn;
      const c = target.code;
      const { first: body, after } = target;
      const found: Stream[] = [];
      for (let m = body; m < after; m++)
        if (c.kind(m) === Kind.Return) found.push(this.#trace(target, c.child(m, Role.Value), m, depth + 1));
      const most = worst(found);
      if (most.kind !== 'unknown') return most;
      const last = body < after ? c.children(body).at(-1) : undefined;
      return last === undefined || target.package.language === 'go'
        ? UNKNOWN
        : this.#trace(target, last, last, depth + 1);
    }
    // `BufReader::with_capacity(SIZE, stream)`
    const wrapped = name === 'with_capacity' ? (args.at(-1) ?? -1) : first;
    if (passing.has(name) || rustWrappers.test(owner))
      return next(pkg !== undefined || !method ? wrapped : object);
    return UNKNOWN;
  }

  /** Go: `file, err := c.FormFile("image")` or a `*multipart.FileHeader`, of which `Open` gives what was uploaded. */
  #isUpload(fn: Fn, header: NodeId): boolean {
    const { code } = fn;
    if (fn.package.language !== 'go') return false;
    const b = code.is(header, Kind.Name)
      ? this.#values.scope(fn).lookup(code.name(header), code.start(header))
      : undefined;
    if (b && b.value >= 0 && code.is(b.value, Kind.MethodCall, 'FormFile')) return true;
    const type = this.#values.typeOf(fn, header);
    return type !== undefined && peel(type).type.name === 'mime/multipart.FileHeader';
  }

  /**
   * Go: `h.request.Body = http.MaxBytesReader(…)` before the upload, or `if header.Size > max { return … }` behind
   * `file, header, err := r.FormFile("image")`.
   */
  #uploadMeasured(fn: Fn, upload: NodeId, request: NodeId): Stream | undefined {
    const { code } = fn;
    for (let m = fn.first; m < upload; m++) {
      const target = code.kind(m) === Kind.Assign ? code.child(m, Role.Target) : -1;
      if (!code.is(target, Kind.Field, 'Body') || !sameText(code, code.child(target, Role.Object), request))
        continue;
      const value = code.child(m, Role.Value);
      if (value >= 0 && limits.has(callName(code, value)))
        return this.#limited(fn, value, callName(code, value));
    }
    const made = code.parent(upload);
    const header = code.kind(made) === Kind.Let ? code.all(made, Role.Pattern)[1] : undefined;
    for (let m = upload; header !== undefined && m < fn.after; m++) {
      const condition = code.kind(m) === Kind.If ? code.child(m, Role.Condition) : -1;
      const size = code.is(condition, Kind.Binary, '>') ? code.child(condition, Role.Left) : -1;
      if (
        code.is(size, Kind.Field, 'Size') &&
        code.is(code.child(size, Role.Object), Kind.Name, code.name(header)) &&
        exits(code, code.child(m, Role.Then))
      )
        return { kind: 'limited', by: `a test of \`${code.name(header)}.Size\``, where: fn.place(condition) };
    }
    return undefined;
  }

  /** Rust: what an archive was opened from: `ZipArchive::new(Cursor::new(bytes))`; or -1. */
  #archived(fn: Fn, archive: NodeId): NodeId {
    const code = fn.code;
    if (fn.package.language !== 'rust' || code.kind(archive) !== Kind.Name) return -1;
    let n = this.#values.scope(fn).lookup(code.name(archive), code.start(archive))?.value ?? -1;
    while (n >= 0 && [Kind.Try, Kind.MethodCall, Kind.Unary, Kind.Await].includes(code.kind(n) as never))
      n = code.child(n, Role.Object);
    return n >= 0 && code.kind(n) === Kind.Call ? code.child(n, Role.Arg) : -1;
  }

  /** `request.into_body()`, `response.bytes_stream()`, rocket's `data.open(limit)`. */
  #rustBody(fn: Fn, n: NodeId, object: NodeId, name: string, limit: NodeId): Stream | undefined {
    const type = this.#values.typeOf(fn, object);
    const outer = type && peel(type).type;
    const inner = outer && !outer.decl ? lastSegment(outer.name) : '';
    const where = fn.place(n);
    if (
      Object.hasOwn(rustBodyGivers, name) &&
      (rustBodyGivers[name] as RegExp).test(outer?.decl ? '' : (outer?.name ?? ''))
    )
      return { kind: 'input', what: REQUEST, request: true, where };
    if (rustBodyAccess.test(name)) {
      if (outer && isWhole(outer)) return { kind: 'memory' };
      if (requestBodies.test(inner)) return { kind: 'input', what: REQUEST, request: true, where };
      if (inner === 'Response') return { kind: 'input', what: 'a response body', request: false, where };
      if (!type && isServed(this.#values, fn, object))
        return { kind: 'input', what: REQUEST, request: true, where };
    }
    if (name !== 'open' || inner !== 'Data' || limit < 0) return undefined;
    return hugeUnits.test(fn.code.name(limit))
      ? { kind: 'input', what: REQUEST, request: true, where }
      : this.#limited(fn, limit, 'open');
  }

  /** A decoder's output has no bound of its own, whatever its input has; only what is known to be small stays small. */
  #decoded(fn: Fn, n: NodeId, input: Stream, decoder: string, bytes = -1): Stream {
    if (input.kind === 'memory' && decoder === '') return input;
    const isAnswer =
      fn.package.language === 'go' && input.kind === 'input' && !input.request && !input.chosen;
    return {
      kind: 'decoded',
      decoder,
      where: fn.place(n),
      ...(bytes >= 0 ? { from: { fn, bytes } } : {}),
      ...(isAnswer ? { answer: true } : {}),
    };
  }

  #field(fn: Fn, n: NodeId, sink: NodeId, depth: number): Stream {
    const code = fn.code;
    const name = code.name(n);
    const object = code.child(n, Role.Object);
    const type = this.#values.typeOf(fn, object);
    const inner = type && peel(type).type.name;
    const body =
      name === 'Body' && inner !== undefined && Object.hasOwn(goBodies, inner) ? goBodies[inner] : undefined;
    const stored = name === 'Body' && !body ? this.#storedObject(fn, object) : undefined;
    if (stored) return stored;
    if (!body) {
      const typed = this.#byType(fn, n);
      const isBody = fn.package.language === 'rust' && typed.kind === 'input' && typed.what === REQUEST;
      // A field that holds a body holds whose body was put there.
      const put =
        (typed.kind === 'unknown' || isBody) && type ? this.#written(peel(type).type, name, depth) : UNKNOWN;
      return put.kind === 'unknown' ? typed : put;
    }
    // What `RoundTrip` sends is what the program itself has put together.
    if (body.request && (sendsRequest(fn, n) || this.#isOwnRequest(fn, object, 0))) return UNKNOWN;
    const replaced =
      this.#bodyReplaced(fn, n, sink) ??
      (body.request
        ? (this.#readByHelper(fn, object, sink) ?? this.#limitedByCallers(fn, object, 0))
        : undefined);
    if (replaced) return replaced;
    const transport = body.request ? undefined : this.#transportLimit(fn.package);
    if (transport) return transport;
    const chosen = body.request ? undefined : this.#chooserOf(fn, object);
    return {
      kind: 'input',
      what: body.what,
      request: body.request,
      ...(chosen && { chosen }),
      where: fn.place(n),
    };
  }

  /** Go: the clients of a package are made with a transport of its own that limits every answer. */
  #transportLimit(pkg: Package): Stream | undefined {
    if (pkg.language !== 'go') return undefined;
    let limit = this.#transports.get(pkg);
    if (limit === undefined) {
      limit = this.#findTransportLimit(pkg) ?? null;
      this.#transports.set(pkg, limit);
    }
    return limit ?? undefined;
  }

  #findTransportLimit(pkg: Package): Stream | undefined {
    for (const fn of pkg.serviceFunctions)
      for (
        let n = fn.code.next(SETTINGS, fn.first, fn.after);
        n < fn.after;
        n = fn.code.next(SETTINGS, n + 1, fn.after)
      ) {
        const { code } = fn;
        const target = code.kind(n) === Kind.Assign ? code.child(n, Role.Target) : n;
        const value = code.child(n, Role.Value);
        if (target < 0 || value < 0 || code.name(target) !== 'Transport') continue;
        const decl = this.#values.declOf(
          fn,
          code.is(value, Kind.Unary) ? code.child(value, Role.Object) : value,
        );
        const trip = decl && this.#values.methodsOfDecl(decl, 'RoundTrip')[0];
        const limit = trip && this.#limitsAnswer(trip);
        if (limit) return limit;
      }
    return undefined;
  }

  /** `resp.Body = &limitedBody{resp.Body, t.max}` in `RoundTrip`. */
  #limitsAnswer(trip: Fn): Stream | undefined {
    const { code } = trip;
    for (let n = trip.first; n < trip.after; n++) {
      const target = code.is(n, Kind.Assign, '=') ? code.child(n, Role.Target) : -1;
      if (!code.is(target, Kind.Field, 'Body')) continue;
      const put = this.#trace(trip, code.child(n, Role.Value), n, 3);
      if (put.kind === 'limited') return put;
    }
    return undefined;
  }

  /** Go: `out, err := client.GetObject(ctx, &s3.GetObjectInput{Key: &key})`: an object that somebody outside has named. */
  #storedObject(fn: Fn, output: NodeId): Stream | undefined {
    const { code } = fn;
    const b =
      fn.package.language === 'go' && code.is(output, Kind.Name)
        ? this.#values.scope(fn).lookup(code.name(output), code.start(output))
        : undefined;
    const call = b?.value ?? -1;
    if (!code.is(call, Kind.MethodCall) || !Object.hasOwn(goObjects, code.name(call))) return undefined;
    for (let n = call; n < code.after(call); n++) {
      if (!code.is(n, Kind.FieldInit, goObjects[code.name(call)])) continue;
      let key = code.child(n, Role.Value);
      // `aws.String(key)`, `&key`
      while (code.kind(key) === Kind.Unary || code.kind(key) === Kind.MethodCall)
        key = code.child(key, code.kind(key) === Kind.Unary ? Role.Object : Role.Arg);
      const chosen = this.#chooser(fn, key) ?? (key < 0 ? undefined : this.#handedAddress(fn, key));
      return {
        kind: 'input',
        what: 'an object of a store',
        request: false,
        ...(chosen && { chosen }),
        where: fn.place(call),
      };
    }
    return undefined;
  }

  /** Go: a request that the program has made: here, or wherever the function is called, to sign or log it. */
  #isOwnRequest(fn: Fn, request: NodeId, depth: number): boolean {
    const code = fn.code;
    if (code.kind(request) !== Kind.Name || depth > 2) return false;
    const b = this.#values.scope(fn).lookup(code.name(request), code.start(request));
    if (b?.source === 'value' && b.value >= 0) return requestMakers.test(callName(code, b.value));
    if (b?.source !== 'parameter') return false;
    // `RoundTrip(r)` itself is given one to send.
    if (sendsRequest(fn)) return true;
    const sites = this.#calls.sitesOf(fn);
    return (
      sites.length > 0 &&
      sites.every(
        (s) =>
          s.kind === 'call' &&
          this.#isOwnRequest(s.fn, s.fn.code.all(s.node, Role.Arg)[b.index] ?? -1, depth + 1),
      )
    );
  }

  /** Go: the answer to `http.Get(r.FormValue("url"))`, or to a request made of such an address. */
  #chooserOf(fn: Fn, response: NodeId, depth = 0): Chooser | undefined {
    const code = fn.code;
    // `body, err := readBody(resp)`: whoever has asked.
    const b =
      depth === 0 && code.is(response, Kind.Name)
        ? this.#values.scope(fn).lookup(code.name(response), code.start(response))
        : undefined;
    if (b?.source === 'parameter')
      return this.#handedBy(fn, b.index, (by, arg) => this.#chooserOf(by, arg, depth + 1));
    const made = (n: NodeId): NodeId => {
      if (n < 0 || code.kind(n) !== Kind.Name) return n;
      return this.#values.scope(fn).lookup(code.name(n), code.start(n))?.value ?? -1;
    };
    let call = made(response);
    if (code.is(call, Kind.MethodCall, 'Do')) {
      const request = code.child(call, Role.Arg);
      const given = code.is(request, Kind.Name)
        ? this.#values.scope(fn).lookup(code.name(request), code.start(request))
        : undefined;
      // `func (c *Client) do(req *http.Request)`: whoever has made the request.
      if (given?.source === 'parameter' && depth < 2 && !isService(fn.package))
        return this.#handedBy(fn, given.index, (by, arg) => this.#chooserOfRequest(by, arg));
      call = made(request);
    }
    // `resp, err := c.get(ctx, path)`: a helper of a library that asks.
    if (call >= 0 && depth < 2 && CALLS[code.kind(call)] === 1) {
      const [helper, ...others] = this.#values.callees(fn, call);
      if (helper && others.length === 0 && !isService(fn.package))
        return answersOf(helper, 0)
          .map((answer) => this.#chooserOf(helper, answer, depth + 1))
          .find((c) => c !== undefined);
    }
    return this.#chooserOfCall(fn, call);
  }

  /** Go: `req, err := http.NewRequest("GET", url, nil)`, which somebody else is handed. */
  #chooserOfRequest(fn: Fn, request: NodeId): Chooser | undefined {
    const { code } = fn;
    const made = code.is(request, Kind.Name)
      ? (this.#values.scope(fn).lookup(code.name(request), code.start(request))?.value ?? -1)
      : request;
    return this.#chooserOfCall(fn, made);
  }

  /** Go: who has chosen the address that a call asks, or makes a request of. */
  #chooserOfCall(fn: Fn, call: NodeId): Chooser | undefined {
    const { code } = fn;
    const made = (n: NodeId): NodeId =>
      n < 0 || code.kind(n) !== Kind.Name
        ? n
        : (this.#values.scope(fn).lookup(code.name(n), code.start(n))?.value ?? -1);
    if (call < 0 || code.kind(call) !== Kind.MethodCall) return undefined;
    const at = Object.hasOwn(goAddressArguments, code.name(call))
      ? goAddressArguments[code.name(call)]
      : undefined;
    const address = at === undefined ? undefined : code.all(call, Role.Arg)[at];
    if (address === undefined) return undefined;
    if (code.all(call, Role.Arg).some((a) => this.#isRequestBody(fn, a))) return 'outside';
    // The whole address, not a part of one that the program puts together.
    return this.#chooser(fn, made(address) < 0 ? address : made(address)) ?? this.#handedAddress(fn, address);
  }

  /** Go: `http.NewRequest(http.MethodPost, url, r.Body)`: what a client has sent is passed on. */
  #isRequestBody(fn: Fn, n: NodeId): boolean {
    const type = fn.code.is(n, Kind.Field, 'Body')
      ? this.#values.typeOf(fn, fn.code.child(n, Role.Object))
      : undefined;
    return type !== undefined && peel(type).type.name === 'net/http.Request';
  }

  /** Go: a helper that is given the address, by a function that it has come to from outside: `f.Title(r.FormValue("url"))`. */
  #handedAddress(fn: Fn, address: NodeId, depth = 0): Chooser | undefined {
    const b = fn.code.is(address, Kind.Name)
      ? this.#values.scope(fn).lookup(fn.code.name(address), fn.code.start(address))
      : undefined;
    if (b?.source !== 'parameter') return undefined;
    return this.#handedBy(
      fn,
      b.index,
      (by, arg) =>
        this.#chooser(by, arg) ?? (depth < 2 ? this.#handedAddress(by, arg, depth + 1) : undefined),
    );
  }

  /** Rust: the whole address, not a part of one that the program puts together, came with the request. */
  #senderOf(fn: Fn, address: NodeId, depth = 0): Chooser | undefined {
    const code = fn.code;
    let whole = address;
    for (let i = 0; i < 12; i++) {
      const kind = code.kind(whole);
      const b =
        kind === Kind.Name ? this.#values.scope(fn).lookup(code.name(whole), code.start(whole)) : undefined;
      if (b?.source === 'value' && b.value >= 0) whole = b.value;
      // `let Ok(url) = Url::parse(link) else { … }`
      else if (b?.source === 'part' && b.value >= 0 && addressMakers.test(callName(code, b.value)))
        whole = b.value;
      else if (kind === Kind.Unary || kind === Kind.Try) whole = code.child(whole, Role.Object);
      else if (kind === Kind.MethodCall && sameAddress.test(code.name(whole)))
        whole = code.child(whole, Role.Object);
      // `Url::parse(link)`
      else if (kind === Kind.Call && addressMakers.test(callName(code, whole)))
        whole = code.child(whole, Role.Arg);
      else break;
    }
    const chooser = this.#chooser(fn, whole);
    if (chooser) return chooser;
    // A helper that is given the address: by whoever it came to.
    const b = code.is(whole, Kind.Name)
      ? this.#values.scope(fn).lookup(code.name(whole), code.start(whole))
      : undefined;
    if (b?.source === 'parameter' && depth < 2)
      return this.#handedBy(fn, b.index, (by, arg) => this.#senderOf(by, arg, depth + 1));
    // `client.get(&order.callback)`, where the whole order was handed on.
    const of = code.kind(whole) === Kind.Field ? code.child(whole, Role.Object) : -1;
    // `client.get(&self.url)`: whoever has made the whole of it.
    const decl =
      depth < 2 && code.is(of, Kind.Name, fn.fact.receiver) ? this.#values.declOf(fn, of) : undefined;
    if (decl)
      for (const write of Writes.of(this.#program).toField(decl, code.name(whole))) {
        const maker = write.fn && this.#senderOf(write.fn, write.value, depth + 1);
        if (maker) return maker;
      }
    const owner = code.is(of, Kind.Name)
      ? this.#values.scope(fn).lookup(code.name(of), code.start(of))
      : undefined;
    return owner?.source === 'parameter' && depth < 2
      ? this.#handedBy(fn, owner.index, (by, arg) => this.#chooser(by, withoutSign(by.code, arg)))
      : undefined;
  }

  /** Who has chosen what a helper is handed as an argument: somebody outside before whoever calls what is offered. */
  #handedBy(
    fn: Fn,
    index: number,
    chooser: (by: Fn, arg: NodeId) => Chooser | undefined,
  ): Chooser | undefined {
    let found: Chooser | undefined;
    for (const { kind, guess, fn: by, node } of this.#calls.sitesOf(fn)) {
      const arg = kind === 'call' && !guess ? by.code.all(node, Role.Arg)[index] : undefined;
      found = (arg === undefined ? undefined : chooser(by, arg)) ?? found;
      if (found === 'outside') break;
    }
    return found;
  }

  #chooser(fn: Fn, whole: NodeId): Chooser | undefined {
    const address = beginningOf(fn.code, whole);
    if (![Kind.Name, Kind.Field, Kind.MethodCall].includes(fn.code.kind(address) as never)) return undefined;
    const { who, at, offered } = Provenance.of(this.#program).of(fn, address);
    // The address itself is handed in, not something that it is made of or kept in.
    if (who === 'caller' && offered === fn && fn.code.kind(address) === Kind.Name) return who;
    // Go: whoever uses a library says once which server is asked, and may have been told by others.
    if (who === 'caller' || this.#isLeftToUser(fn, address))
      return fn.package.language === 'go' && !isService(fn.package) ? 'caller' : undefined;
    // Further away, what looks like a request is as likely as not somebody else's.
    return who === 'outside' && at.file === fn.file.facts.file ? who : undefined;
  }

  /** Go: `f.base` of a type that nothing in sight fills: whoever makes one does. */
  #isLeftToUser(fn: Fn, address: NodeId): boolean {
    const { code } = fn;
    if (fn.package.language !== 'go' || code.kind(address) !== Kind.Field) return false;
    const decl = this.#values.declOf(fn, code.child(address, Role.Object));
    const field = decl && this.#values.field(decl, code.name(address));
    return (
      field !== undefined && Writes.of(this.#program).toField(field.decl, code.name(address)).length === 0
    );
  }

  /** What is written to a field: `client{r: bufio.NewReader(conn)}`. */
  #written({ decl }: TypeRef, field: string, depth: number): Stream {
    if (!decl || depth > 4) return UNKNOWN;
    return worst(
      Writes.of(this.#program)
        .toField(decl, field)
        .map(({ fn, node, value }) => (fn ? this.#trace(fn, value, node, depth + 3) : UNKNOWN)),
    );
  }

  /** Go: every caller hands the request over with a limit on its body: `r.Body = http.MaxBytesReader(…); parse(r)`. */
  #limitedByCallers(fn: Fn, request: NodeId, depth: number): Stream | undefined {
    const code = fn.code;
    if (fn.package.language !== 'go' || depth > 2 || code.kind(request) !== Kind.Name) return undefined;
    const b = this.#values.scope(fn).lookup(code.name(request), code.start(request));
    if (b?.source !== 'parameter') return undefined;
    const sites = this.#calls.sitesOf(fn);
    let limit: Stream | undefined;
    for (const site of sites) {
      const arg = site.kind === 'call' ? site.fn.code.all(site.node, Role.Arg)[b.index] : undefined;
      if (arg === undefined || site.fn.code.kind(arg) !== Kind.Name) return undefined;
      const found =
        this.#bodyOf(site.fn, site.fn.code.name(arg), site.node) ??
        this.#limitedByCallers(site.fn, arg, depth + 1);
      if (!found) return undefined;
      limit = found;
    }
    return limit;
  }

  /** `r.Body = http.MaxBytesReader(…)` on a local name before a node, or in a helper that the request is given to. */
  #bodyOf(fn: Fn, request: string, before: NodeId, depth = 0): Stream | undefined {
    const code = fn.code;
    for (let m = fn.first; m < before; m++) {
      const helped = depth < 2 ? this.#limitedByHelper(fn, m, request, depth) : undefined;
      if (helped) return helped;
      if (code.kind(m) !== Kind.Assign) continue;
      const target = code.child(m, Role.Target);
      if (
        !code.is(target, Kind.Field, 'Body') ||
        !isRequestOf(code, code.child(target, Role.Object), request)
      )
        continue;
      const value = code.child(m, Role.Value);
      if (value >= 0 && (limits.has(callName(code, value)) || isReadBefore(code, value)))
        return this.#limited(fn, value, callName(code, value));
    }
    return undefined;
  }

  /** `h.limitBody(w, r)`, a statement of its own, or `body, ok := h.readBody(w, r)`: what it does to the request. */
  #limitedByHelper(fn: Fn, statement: NodeId, request: string, depth: number): Stream | undefined {
    const { code } = fn;
    const kind = code.kind(statement);
    const up = code.kind(code.parent(statement));
    if (
      (kind !== Kind.Call && kind !== Kind.MethodCall) ||
      ![Kind.Block, Kind.Let, Kind.Assign].includes(up as never)
    )
      return undefined;
    const index = code.all(statement, Role.Arg).findIndex((a) => code.is(a, Kind.Name, request));
    const [target, ...others] = index < 0 ? [] : this.#values.callees(fn, statement);
    const given = target?.fact.params[index];
    if (!target || given === undefined || others.length > 0) return undefined;
    const name = target.code.name(target.code.child(given, Role.Pattern));
    return this.#bodyOf(target, name, target.after, depth + 1);
  }

  /** `parse(r)` before the read: a helper that limits the body, or has read it and puts what it read in its place. */
  #readByHelper(fn: Fn, request: NodeId, sink: NodeId): Stream | undefined {
    const { code } = fn;
    if (fn.package.language !== 'go' || !code.is(request, Kind.Name)) return undefined;
    for (let m = fn.first; m < sink; m++) {
      const helped = code.within(sink, m) ? undefined : this.#limitedByHelper(fn, m, code.name(request), 0);
      if (helped) return helped;
    }
    return undefined;
  }

  /** `r.Body = http.MaxBytesReader(w, r.Body, n)` before the read. */
  #bodyReplaced(fn: Fn, body: NodeId, sink: NodeId): Stream | undefined {
    const code = fn.code;
    const { first: start } = fn;
    for (let m = start; m < sink; m++) {
      if (code.kind(m) !== Kind.Assign) continue;
      const target = code.child(m, Role.Target);
      if (target < 0 || code.kind(target) !== Kind.Field || code.name(target) !== code.name(body)) continue;
      const value = code.child(m, Role.Value);
      if (value >= 0 && limits.has(callName(code, value)))
        return this.#limited(fn, value, callName(code, value));
    }
    return undefined;
  }

  #name(fn: Fn, n: NodeId, sink: NodeId, depth: number, next: (m: NodeId) => Stream): Stream {
    const code = fn.code;
    const b = this.#values.scope(fn).lookup(code.name(n), code.start(n));
    if (!b) return UNKNOWN;
    // The last value given to the name before the read.
    let value = b.value;
    const { first: start } = fn;
    for (let m = start; m < sink; m++) {
      if (code.kind(m) !== Kind.Assign || code.within(sink, m)) continue;
      const targets = code.all(m, Role.Target);
      if (targets.some((t) => code.is(t, Kind.Name, b.name))) value = code.child(m, Role.Value);
    }
    if (value >= 0 && value !== n && (b.source === 'value' || b.source === 'part' || value !== b.value)) {
      const found = next(value);
      if (found.kind !== 'unknown') return found;
    }
    // An entry of an archive is decompressed as it is read.
    if (b.source === 'element' && b.value >= 0 && fn.package.language === 'rust') {
      const from = next(b.value);
      if (from.kind === 'decoded' || (from.kind === 'input' && from.request)) return from;
    }
    const typed = this.#byType(fn, n);
    const opened = typed.kind === 'unknown' && value >= 0 ? this.#openedFor(fn, n, value) : undefined;
    if (opened) return opened;
    if (typed.kind !== 'unknown' || b.source !== 'parameter' || depth > 4) return typed;
    // A reader that is handed in: what all callers hand in. Rust: helper after helper borrows the same one.
    const further = fn.package.language === 'rust' ? 2 : 3;
    return worst(
      this.#calls
        .sitesOf(fn)
        .filter((s) => s.kind === 'call')
        .map((s) =>
          this.#trace(s.fn, s.fn.code.all(s.node, Role.Arg)[b.index] ?? -1, s.node, depth + further),
        ),
    );
  }

  /** Go: `rc, err := s.store.Open(ctx, key)` of a store behind an interface, where a request has named what is opened. */
  #openedFor(fn: Fn, stream: NodeId, call: NodeId): Stream | undefined {
    const { code } = fn;
    if (fn.package.language !== 'go' || code.kind(call) !== Kind.MethodCall) return undefined;
    const store = this.#values.declOf(fn, code.child(call, Role.Object));
    const type = this.#values.typeOf(fn, stream);
    if (store?.fact.kind !== 'interface' || !type || peel(type).type.name !== 'io.ReadCloser')
      return undefined;
    const authors = Provenance.of(this.#program);
    const isNamed = code.all(call, Role.Arg).some((arg) => {
      const { who, at } = authors.of(fn, arg);
      return who === 'outside' && at.file === fn.file.facts.file;
    });
    const what = `what \`${code.name(call)}\` opens`;
    return isNamed
      ? { kind: 'input', what, request: false, chosen: 'outside', where: fn.place(call) }
      : undefined;
  }

  #byType(fn: Fn, n: NodeId): Stream {
    const type = this.#values.typeOf(fn, n);
    const inner = type && peel(type).type;
    if (!inner || inner.decl) return UNKNOWN;
    if (children.test(inner.name))
      return {
        kind: 'input',
        what: 'the output of a program',
        request: true,
        child: true,
        ...(complaints.test(inner.name) ? { complaints: true as const } : {}),
        where: fn.place(n),
      };
    if (limitedParts.test(inner.name))
      return { kind: 'limited', by: 'the length that `multipart::form` takes', where: fn.place(n) };
    if (connections.test(inner.name)) {
      const answer = fn.package.language === 'go' ? this.#partOfAnswer(fn, n) : undefined;
      if (answer) return answer;
      if (isOpened(fn, n))
        return { kind: 'input', what: "a server's answer", request: false, where: fn.place(n) };
      const what = uploads.test(inner.name) ? 'an upload' : 'a connection';
      const opened = this.#isAccepted(fn, n)
        ? ('by-peer' as const)
        : this.#isHandedIn(fn, n)
          ? ('by-caller' as const)
          : undefined;
      const local = /Unix(Conn|Stream)$/.test(inner.name) && ({ local: true } as const);
      return { kind: 'input', what, request: true, ...(opened && { opened }), ...local, where: fn.place(n) };
    }
    if (fn.package.language === 'rust' && webSockets.test(inner.name) && !isOpened(fn, n))
      return { kind: 'input', what: 'what a web socket brings', request: true, where: fn.place(n) };
    if (fn.package.language === 'rust' && isWhole(inner)) return { kind: 'memory' };
    if (fn.package.language === 'rust' && hasBody(inner))
      return lastSegment(inner.name) === 'Response' || readsAnswer(fn) || this.#isOfAnswer(fn, n, 0)
        ? { kind: 'input', what: 'a response body', request: false, where: fn.place(n) }
        : { kind: 'input', what: REQUEST, request: true, where: fn.place(n) };
    if (inMemory.test(inner.name)) return { kind: 'memory' };
    if (rustDecoders.test(lastSegment(inner.name)))
      return { kind: 'decoded', decoder: lastSegment(inner.name), where: fn.place(n) };
    return UNKNOWN;
  }

  /** Go: `part, err := parts.NextPart()` of `parts := multipart.NewReader(resp.Body, boundary)`: a part of an answer. */
  #partOfAnswer(fn: Fn, n: NodeId): Stream | undefined {
    const { code } = fn;
    const madeOf = (name: NodeId) =>
      code.is(name, Kind.Name)
        ? (this.#values.scope(fn).lookup(code.name(name), code.start(name))?.value ?? -1)
        : -1;
    const part = madeOf(n);
    if (!code.is(part, Kind.MethodCall) || !/^Next(Raw)?Part$/.test(code.name(part))) return undefined;
    const reader = madeOf(code.child(part, Role.Object));
    if (!code.is(reader, Kind.MethodCall, 'NewReader')) return undefined;
    const from = this.#trace(fn, code.child(reader, Role.Arg), reader, 5);
    return from.kind === 'input' && !from.request ? from : undefined;
  }

  /** Go: `c, err := l.Accept()`, here or where it is handed on. */
  #isAccepted(fn: Fn, n: NodeId, depth = 0): boolean {
    const code = fn.code;
    if (fn.package.language !== 'go' || !code.is(n, Kind.Name)) return false;
    const b = this.#values.scope(fn).lookup(code.name(n), code.start(n));
    if (b?.source === 'parameter') {
      const sites = this.#calls.sitesOf(fn).filter((s) => s.kind === 'call' && !s.fn.isTest);
      return (
        depth < 2 &&
        sites.length > 0 &&
        sites.every((s) => this.#isAccepted(s.fn, s.fn.code.all(s.node, Role.Arg)[b.index] ?? -1, depth + 1))
      );
    }
    const value = b?.value ?? -1;
    return code.is(value, Kind.MethodCall) && goAccepts.test(code.name(value));
  }

  /** Go: `func Handle(c net.Conn)` of a library that dials nobody: it speaks with those who have connected. */
  #isHandedIn(fn: Fn, n: NodeId, depth = 0): boolean {
    const { code } = fn;
    if (fn.package.language !== 'go' || !code.is(n, Kind.Name) || isService(fn.package)) return false;
    const b = this.#values.scope(fn).lookup(code.name(n), code.start(n));
    if (b?.source !== 'parameter') return false;
    const sites = this.#calls.sitesOf(fn).filter((s) => s.kind === 'call' && !s.fn.isTest);
    if (sites.length === 0) return fn.fact.exported && !opensConnections(fn.package);
    return (
      depth < 2 &&
      sites.every((s) => this.#isHandedIn(s.fn, s.fn.code.all(s.node, Role.Arg)[b.index] ?? -1, depth + 1))
    );
  }

  /**
   * Rust: the body is that of a response that the function was given by what it has called: `let (parts, body) =
   * next.run(request).await.into_parts()`, also in the functions that hand it over.
   */
  #isOfAnswer(fn: Fn, body: NodeId, depth: number): boolean {
    const code = fn.code;
    let n = body;
    for (let i = 0; i < 12 && n >= 0; i++) {
      const kind = code.kind(n);
      if (kind === Kind.Await) {
        const call = code.child(n, Role.Object);
        if (code.kind(call) === Kind.MethodCall && rustAnswering.test(code.name(call))) return true;
      }
      if ([Kind.Await, Kind.Try, Kind.Unary, Kind.MethodCall, Kind.Field].includes(kind as never)) {
        n = code.child(n, Role.Object);
        continue;
      }
      if (kind !== Kind.Name) return false;
      const b = this.#values.scope(fn).lookup(code.name(n), code.start(n));
      if (b?.source === 'parameter') {
        if (isOfAnswerType(fn, b.index)) return true;
        const sites = this.#calls.sitesOf(fn).filter((s) => s.kind === 'call' && !s.fn.isTest);
        return (
          depth < 3 &&
          sites.length > 0 &&
          sites.every((s) =>
            this.#isOfAnswer(s.fn, s.fn.code.all(s.node, Role.Arg)[b.index] ?? -1, depth + 1),
          )
        );
      }
      if (!b || b.value < 0 || b.value >= n) return false;
      n = b.value;
    }
    return false;
  }

  /**
   * A limit on every request body in a program that a package is a part of: a middleware or a server setting.
   * @param raw the body is a stream of actix-web, of which what limits its extractors says nothing
   */
  bodyLimit(pkg: Package, raw = false): { readonly where: Place; readonly by: string } | undefined {
    this.#bodyLimits ??= this.#program.packages
      .filter((p) => p.language === pkg.language)
      .map((p) => this.#bodyLimitIn(p))
      .filter((limit) => limit !== undefined);
    const linkage = Linkage.of(this.#program);
    return this.#bodyLimits.find(
      ({ by, in: home }) => linkage.canMeet(home, pkg) && !(raw && extractorLimits.test(by)),
    );
  }

  #bodyLimitIn(pkg: Package): BodyLimit | undefined {
    for (const fn of pkg.functions) {
      if (fn.isTest) continue;
      const code = fn.code;
      const { first: body, after } = fn;
      for (let n = code.next(CALLS, body, after); n < after; n = code.next(CALLS, n + 1, after)) {
        const kind = code.kind(n);
        if (kind === Kind.Call || kind === Kind.MethodCall) {
          const name = callName(code, n);
          const written = kind === Kind.Call ? code.name(code.child(n, Role.Callee)) : '';
          const owner = lastSegment(written.slice(0, Math.max(0, written.lastIndexOf('::'))));
          if ((bodyLimits.has(name) || bodyLimits.has(owner)) && liftsLimit(code, n) === undefined)
            return { by: `\`${bodyLimits.has(name) ? name : owner}\``, where: fn.place(n), in: pkg };
          // `r.Body = http.MaxBytesReader(…)` in a closure that passes the request on: a middleware. Whatever else
          // takes its place under a name that speaks of a limit is taken at its word.
          const assign = code.parent(n);
          if (
            code.kind(assign) === Kind.Assign &&
            limitingReaders.test(name) &&
            code.is(code.child(assign, Role.Target), Kind.Field, 'Body') &&
            passesOn(fn, n)
          )
            return { by: `\`${name}\` in a middleware`, where: fn.place(n), in: pkg };
        }
      }
    }
    return undefined;
  }
}

/** Go: `io.NopCloser(bytes.NewReader(body))`: who read the body before gives it back. */
function isReadBefore(code: Code, value: NodeId): boolean {
  const inner = code.is(value, Kind.MethodCall, 'NopCloser') ? code.child(value, Role.Arg) : -1;
  return (
    code.kind(inner) === Kind.MethodCall &&
    /^New(Reader|Buffer(String)?)$/.test(code.name(inner)) &&
    /^(bytes|strings)$/.test(code.name(code.child(inner, Role.Object)))
  );
}

/** Go: `Read` of a reader that gives no more than it has left: it compares a field with how much it is asked for, or with nothing. */
function countsDown({ code, first, after, fact }: Fn): boolean {
  const own = (n: NodeId) =>
    code.is(n, Kind.Field) && code.is(code.child(n, Role.Object), Kind.Name, fact.receiver);
  for (let n = first; n < after; n++) {
    const condition = code.kind(n) === Kind.If ? code.child(n, Role.Condition) : -1;
    for (let m = condition; condition >= 0 && m < code.after(condition); m++) {
      if (code.kind(m) !== Kind.Binary || !/^[<>]=?$/.test(code.name(m))) continue;
      const counts = [Role.Left, Role.Right].some((r) => own(code.child(m, r)));
      if (counts && (exits(code, code.child(n, Role.Then)) || cutsItsBuffer(code, code.child(n, Role.Then))))
        return true;
    }
  }
  return false;
}

/** `p = p[:l.left]` */
function cutsItsBuffer(code: Code, block: NodeId): boolean {
  for (let n = block; block >= 0 && n < code.after(block); n++)
    if (code.is(n, Kind.Assign, '=') && code.is(code.child(n, Role.Value), Kind.Slice)) return true;
  return false;
}

/** Go: `c.r.Read(p)` of a field of its own. */
function readsFrom({ code, first, after }: Fn, field: string): boolean {
  for (let n = code.next(CALLS, first, after); n < after; n = code.next(CALLS, n + 1, after))
    if (code.is(n, Kind.MethodCall, 'Read') && code.is(code.child(n, Role.Object), Kind.Field, field))
      return true;
  return false;
}

/** Go: an expression is a request, or what a framework keeps it in: `r`, `c.Request`, `c.Request()`. */
function isRequestOf(code: Code, n: NodeId, request: string): boolean {
  const inner = code.name(n) === 'Request' && code.kind(n) !== Kind.Name ? code.child(n, Role.Object) : n;
  return code.is(inner, Kind.Name, request);
}

/** Go: something in a package dials. */
function opensConnections(pkg: Package): boolean {
  return pkg.functions.some((fn) => {
    const { code } = fn;
    for (let n = code.next(CALLS, fn.first, fn.after); n < fn.after; n = code.next(CALLS, n + 1, fn.after))
      if (!fn.isTest && /^Dial/.test(callName(code, n))) return true;
    return false;
  });
}

const SETTINGS = kinds(Kind.FieldInit, Kind.Assign);

const limitNames = new Set([...rustLimits].map(lastSegment));

/** The name of a call that lifts a limit on what clients send, or undefined. */
export function liftsLimit(code: Code, n: NodeId): string | undefined {
  const kind = code.kind(n);
  if (kind === Kind.Path)
    return /(^|::)DefaultBodyLimit::disable$/.exec(code.name(n))?.[0].replace(/^::/, '');
  if (kind !== Kind.Call && kind !== Kind.MethodCall) return undefined;
  const callee = code.child(n, Role.Callee);
  const written = code.name(callee < 0 ? n : callee);
  if (!limitNames.has(lastSegment(written))) return undefined;
  const name = written.split('::').slice(-2).join('::');
  const limit = code.child(n, Role.Arg);
  return rustLimits.has(name) && limit >= 0 && isHighest(code, limit) ? name : undefined;
}

/**
 * Rust: `LengthDelimitedCodec::builder().max_frame_length(usize::MAX)`, where 8 MiB is what it would be:
 * https://docs.rs/tokio-util/latest/tokio_util/codec/length_delimited/struct.Builder.html#method.max_frame_length
 */
export function liftsFrameLimit(code: Code, n: NodeId): boolean {
  const limit = code.is(n, Kind.MethodCall) && frameLimits.has(code.name(n)) ? code.child(n, Role.Arg) : -1;
  return limit >= 0 && isHighest(code, limit);
}

/** Rust: `max_message_size: None`, `config.max_message_size = None`, `upgrade.max_message_size(usize::MAX)`. */
export function liftsMessageLimit(fn: Fn, n: NodeId): boolean {
  const { code } = fn;
  const kind = code.kind(n);
  const setting = kind === Kind.Assign ? code.child(n, Role.Target) : n;
  if (setting < 0 || code.name(setting) !== messageLimitSetting) return false;
  const limit = code.child(n, kind === Kind.MethodCall ? Role.Arg : Role.Value);
  if (limit < 0 || !(/^(Option::)?None$/.test(code.name(limit)) || isHighest(code, limit))) return false;
  if (kind === Kind.FieldInit)
    return webSocketSettings.test(code.name(code.child(code.parent(n), Role.Type)));
  const type = Values.of(fn.package.program).typeOf(fn, code.child(setting, Role.Object));
  return type !== undefined && webSocketSettings.test(peel(type).type.name);
}

/** Rust: a setting of `GreeterClient::new(channel)`, or of a value that is one. */
export function isClientSetting(fn: Fn, call: NodeId, depth = 0): boolean {
  const code = fn.code;
  const values = Values.of(fn.package.program);
  let n = call;
  while (n >= 0 && [Kind.MethodCall, Kind.Try, Kind.Await, Kind.Unary].includes(code.kind(n) as never))
    n = code.child(n, Role.Object);
  if (n < 0) return false;
  if (code.kind(n) === Kind.Call) return clientMakers.test(code.name(code.child(n, Role.Callee)));
  const type = values.typeOf(fn, n);
  if (type && clientTypes.test(lastSegment(peel(type).type.name))) return true;
  const b = code.kind(n) === Kind.Name ? values.scope(fn).lookup(code.name(n), code.start(n)) : undefined;
  return b !== undefined && b.value >= 0 && depth < 3 && isClientSetting(fn, b.value, depth + 1);
}

/** `usize::MAX`, `u64::MAX`, `isize::MAX as usize`: no limit. */
export function isHighest(code: Code, limit: NodeId): boolean {
  for (let n = limit; n < code.after(limit); n++)
    if (code.kind(n) === Kind.Path && /::(MAX|MAX_PERMITS|max_value)$/.test(code.name(n))) return true;
  return false;
}

/** Of what a stream may be, what somebody outside can make long. */
function worst(streams: readonly Stream[]): Stream {
  return (
    streams.find((s) => s.kind === 'input' || s.kind === 'decoded') ??
    streams.find((s) => s.kind === 'limited') ??
    streams.find((s) => s.kind !== 'unknown') ??
    UNKNOWN
  );
}

function makeReaders(program: Program): Readers {
  return new Readers(program);
}

/** `order` of `&order`. */
function withoutSign(code: Code, n: NodeId): NodeId {
  return code.kind(n) === Kind.Unary ? code.child(n, Role.Object) : n;
}

/** What an address begins with says whose server it is: `issuer + "/keys"`, `fmt.Sprintf("%s/keys", issuer)`. */
function beginningOf(code: Code, address: NodeId): NodeId {
  let n = address;
  while (code.is(n, Kind.Binary, '+')) n = code.child(n, Role.Left);
  if (!code.is(n, Kind.MethodCall, 'Sprintf')) return n;
  const [format = -1, first = -1] = code.all(n, Role.Arg);
  return code.is(format, Kind.String) && /^"?%[sv]/.test(code.name(format)) ? first : n;
}

/** Rust: the function is about an answer by its name, or is given the status of one: whom it asks it has chosen. */
function readsAnswer(fn: Fn): boolean {
  const isStatus = (p: NodeId) => /(^|::)StatusCode$/.test(fn.code.name(fn.code.child(p, Role.Type)));
  return answerNames.test(fn.fact.name) || fn.fact.params.some(isStatus);
}

/** Rust: a parameter is a response, or the error of a call that holds one: `fn explain(error: client::Error)`. */
function isOfAnswerType({ code, fact }: Fn, index: number): boolean {
  const type = fact.params[index] === undefined ? -1 : code.child(fact.params[index], Role.Type);
  return type >= 0 && /(Error|Response)$/.test(lastSegment(code.name(type)));
}

/** Rust: `service_fn(move |request| async move { … })`: nothing but requests comes to such a closure. */
function isServed(values: Values, fn: Fn, request: NodeId): boolean {
  const { code } = fn;
  const b = code.is(request, Kind.Name)
    ? values.scope(fn).lookup(code.name(request), code.start(request))
    : undefined;
  const closure = b ? code.ancestor(b.node, (a) => code.kind(a) === Kind.Closure) : -1;
  const call = closure < fn.first ? -1 : code.parent(closure);
  return (
    code.all(closure, Role.Param).some((p) => code.within(b?.node ?? -1, p)) &&
    code.is(call, Kind.Call) &&
    servingClosures.test(callName(code, call))
  );
}

/** The closure or function around a node calls `ServeHTTP`, `Next`, or the handler it was given: it hands the request on. */
function passesOn(fn: Fn, node: NodeId): boolean {
  const code = fn.code;
  const scope = Values.of(fn.package.program).scope(fn);
  for (let n = node; n < fn.after; n++) {
    if (code.kind(n) === Kind.MethodCall && /^(ServeHTTP|Next)$/.test(code.name(n))) return true;
    // `next(w, r)` of `func limited(next http.HandlerFunc) http.HandlerFunc`
    const callee = code.kind(n) === Kind.Call ? code.child(n, Role.Callee) : -1;
    if (!code.is(callee, Kind.Name) || code.all(n, Role.Arg).length !== 2) continue;
    if (scope.lookup(code.name(callee), code.start(callee))?.source === 'parameter') return true;
  }
  return false;
}

/** The value of a whole read is only hashed or written on, so that reading it whole buys nothing. */
export function onlyStreamed(fn: Fn, node: NodeId): Place | undefined {
  const code = fn.code;
  const statement = code.ancestor(node, (a) => code.kind(a) === Kind.Let);
  if (statement < 0) return undefined;
  const pattern = code.child(statement, Role.Pattern);
  const name = pattern < 0 ? '' : code.name(pattern);
  if (name === '' || name === '_') return undefined;
  let use: Place | undefined;
  for (let n = code.after(statement); n < fn.after; n++) {
    if (!code.is(n, Kind.Name, name)) continue;
    const argument = code.kind(code.parent(n)) === Kind.Unary ? code.parent(n) : n;
    const call = code.parent(argument);
    const kind = code.kind(call);
    if (
      kind === Kind.MethodCall &&
      code.role(argument) === Role.Object &&
      /^(len|is_empty)$/.test(code.name(call))
    )
      continue;
    if (kind === Kind.Call && code.is(code.child(call, Role.Callee), Kind.Name, 'len')) continue;
    if (
      (kind !== Kind.Call && kind !== Kind.MethodCall) ||
      code.role(argument) !== Role.Arg ||
      !streamable.test(callName(code, call))
    )
      return undefined;
    use ??= fn.place(call);
  }
  return use;
}

/** A comparison of an announced length with a limit, with a way out. */
export interface LengthTest {
  readonly at: Place;
  /** Go: it lets a body pass that announces no length, whose `ContentLength` is -1: https://pkg.go.dev/net/http#Request */
  readonly passesUnknown: boolean;
}

/** The test of how long a stream says that it is, before it is read. */
export function testsContentLength(fn: Fn, read: NodeId): LengthTest | undefined {
  const condition = lengthTest(fn, read, announcedLengths);
  if (condition < 0) return undefined;
  const passesUnknown = fn.package.language === 'go' && passesUnknownLength(fn, condition, read);
  return { at: fn.place(condition), passesUnknown };
}

/** The test of how long data says that it will be when unpacked: what is packed may be small. */
export function testsUnpackedLength(fn: Fn, read: NodeId): Place | undefined {
  const condition = lengthTest(fn, read, unpackedLengths);
  return condition < 0 ? undefined : fn.place(condition);
}

/** The condition of a branch that leaves before a read where an announced length is too large, or -1. */
function lengthTest(fn: Fn, read: NodeId, lengths: RegExp): NodeId {
  const code = fn.code;
  const { first: body } = fn;
  for (let n = body; n < read; n++) {
    if (code.kind(n) !== Kind.If) continue;
    const then = code.child(n, Role.Then);
    const condition = code.child(n, Role.Condition);
    // `if length <= MAX { read } else { refuse }`
    const isInside = code.within(read, then) && /^<=?$/.test(code.name(condition));
    const tested = isInside ? code.child(condition, Role.Left) : exits(code, then) ? condition : -1;
    if (tested >= 0 && announcesLength(fn, tested, lengths, 0)) return condition;
  }
  return -1;
}

/** Go: `r.ContentLength > max` alone is false for -1, and nothing else before the read refuses that. */
function passesUnknownLength(fn: Fn, condition: NodeId, read: NodeId): boolean {
  const { code } = fn;
  let asked = false;
  for (let n = condition; n < code.after(condition); n++) asked ||= code.is(n, Kind.Field, 'ContentLength');
  if (!asked) return false;
  for (let n = fn.first; n < read; n++) {
    if (code.kind(n) !== Kind.Binary || !code.is(code.child(n, Role.Left), Kind.Field, 'ContentLength'))
      continue;
    const right = code.child(n, Role.Right);
    const number = code.is(right, Kind.Unary, '-') ? code.child(right, Role.Object) : right;
    if (code.is(number, Kind.Number) && /^[01]$/.test(code.name(number))) return false;
  }
  return true;
}

/** Go: `n, err := snappy.DecodedLen(data)`, or the same to a local that was declared before. */
function announcedBy({ code }: Fn, b: Binding, before: NodeId): boolean {
  if (b.value >= 0) return code.is(b.value, Kind.MethodCall, 'DecodedLen');
  for (let n = Math.max(b.node, 0); n < before; n++)
    if (
      code.is(n, Kind.Assign, '=') &&
      code.is(code.child(n, Role.Target), Kind.Name, b.name) &&
      code.is(code.child(n, Role.Value), Kind.MethodCall, 'DecodedLen')
    )
      return true;
  return false;
}

/** An expression asks for an announced length, or names a local that holds one. */
function announcesLength(fn: Fn, root: NodeId, lengths: RegExp, depth: number): boolean {
  const code = fn.code;
  for (let n = root; n < code.after(root); n++) {
    if (lengths.test(code.name(n))) return true;
    if (code.kind(n) !== Kind.Name || depth > 1) continue;
    const b = Values.of(fn.package.program).scope(fn).lookup(code.name(n), code.start(n));
    // Go: only what a decoder announces is followed; a local that holds a size may hold any.
    if (fn.package.language === 'go') {
      if (b && announcedBy(fn, b, root)) return true;
      continue;
    }
    if (b?.source !== 'value' || b.value < 0) continue;
    if (announcesLength(fn, b.value, lengths, depth + 1)) return true;
  }
  return false;
}
