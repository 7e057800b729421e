/** Where Rust code reads a stream to its end into memory. */
import {
  bodyTypeWords,
  compiledIn,
  pieceCalls,
  rustAnswerReads,
  rustAsks,
  rustBodyReads,
  rustBodySources,
  rustBufferReads,
  rustCollectors,
  rustDecodes,
  rustDecodingMethods,
  rustFileReads,
  rustLineCodecs,
  rustLineReads,
  rustObjectGet,
  rustParsers,
  rustPieces,
  rustWholeReads,
} from '../../knowledge/readers.ts';
import type { Code } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import { Calls } from '../calls/calls.ts';
import { exits } from '../calls/exits.ts';
import { sameText } from '../places/effects.ts';
import type { Fn } from '../program.ts';
import type { Binding } from '../types/scope.ts';
import { byLastSegment, keyOf, lastSegment, peel } from '../types/types.ts';
import type { Values } from '../types/values.ts';
import type { WholeReadSite } from './readers.ts';

/** The whole read that a call is, or undefined. */
export function rustRead(values: Values, fn: Fn, n: NodeId): WholeReadSite | undefined {
  const read = fn.code.kind(n) === Kind.MethodCall ? methodRead(values, fn, n) : callRead(values, fn, n);
  return read && isCompiledIn(values, fn, read.reader, 0) ? undefined : read;
}

/** `include_str!("words.txt").lines()`: it is part of the program, and read from nowhere. */
function isCompiledIn(values: Values, fn: Fn, reader: NodeId, depth: number): boolean {
  const code = fn.code;
  if (reader < 0 || depth > 3) return false;
  switch (code.kind(reader)) {
    case Kind.Macro:
      return compiledIn.test(code.name(reader));
    case Kind.Unary:
    case Kind.MethodCall:
      return isCompiledIn(values, fn, code.child(reader, Role.Object), depth + 1);
    case Kind.Name: {
      const b = values.scope(fn).lookup(code.name(reader), code.start(reader));
      if (b) return b.source === 'value' && isCompiledIn(values, fn, b.value, depth + 1);
      const { fact, file } = fn.package.globalMeant(fn.file, code.name(reader)) ?? {};
      return (
        fact !== undefined &&
        file !== undefined &&
        fact.value >= 0 &&
        compiledIn.test(file.code.name(fact.value))
      );
    }
    default:
      return false;
  }
}

/** Of the methods that read something whole, those without a pattern. */
const readMethods: ReadonlySet<string> = new Set([
  ...rustWholeReads,
  ...Object.keys(rustLineReads),
  ...rustCollectors,
  ...Object.keys(rustDecodingMethods),
  ...rustAnswerReads,
  ...rustBufferReads,
  'output',
  'wait_with_output',
  'finish',
]);

function methodRead(values: Values, fn: Fn, n: NodeId): WholeReadSite | undefined {
  const code = fn.code;
  const name = code.name(n);
  if (!readMethods.has(name) && !rustPieces.test(name)) return undefined;
  const args = code.all(n, Role.Arg);
  const object = code.child(n, Role.Object);
  const base = { fn, node: n, verb: name, reader: object, path: -1, limit: -1 };
  const isOwn = () => values.callees(fn, n).length > 0;
  if (rustWholeReads.has(name)) {
    if (args.length !== 1 || isOwn()) return undefined;
    // quinn's `read_to_end(limit)`: https://docs.rs/quinn/latest/quinn/struct.RecvStream.html#method.read_to_end
    const type = values.typeOf(fn, object);
    const takesLimit = type !== undefined && lastSegment(peel(type).type.name) === 'RecvStream';
    return takesLimit ? { ...base, limit: args[0] as NodeId } : base;
  }
  if (Object.hasOwn(rustLineReads, name))
    return args.length === rustLineReads[name] && !isOwn() && !(name === 'split' && isText(code, args))
      ? { ...base, way: 'line' }
      : undefined;
  if (rustCollectors.has(name)) {
    const key =
      code.kind(code.parent(n)) === Kind.Await && args.length === 0 ? objectKeyOf(values, fn, object) : -1;
    if (key >= 0 && !isOwn()) return { ...base, asked: key };
    return code.kind(code.parent(n)) === Kind.Await && collectsInMemory(values, fn, name, args) && !isOwn()
      ? base
      : undefined;
  }
  if (Object.hasOwn(rustDecodingMethods, name)) {
    const row = rustDecodingMethods[name] as (typeof rustDecodingMethods)[string];
    return args.length === row.arguments && !isOwn()
      ? { ...base, reader: args[0] as NodeId, decoder: row.decoder }
      : undefined;
  }
  if (rustAnswerReads.has(name) && !isOwn()) {
    const asked = addressOf(values, fn, object);
    const isRead = code.kind(code.parent(n)) === Kind.Await || asked?.blocks === true;
    return asked && isRead
      ? { ...base, asked: asked.address, ...(asked.by && { askedBy: asked.by }) }
      : undefined;
  }
  if (/^(output|wait_with_output)$/.test(name) && args.length === 0 && !isOwn()) {
    const started = startedWith(values, fn, object, 0);
    return started && { ...base, started };
  }
  if (name === 'finish' && args.length === 0) {
    const decoder = writeDecoderOf(values, fn, object);
    return decoder === undefined ? undefined : { ...base, reader: writtenInto(code, object, n), decoder };
  }
  if (rustBufferReads.has(name) && !isOwn()) {
    const reader = gatheredUntil(values, fn, n, object, args);
    return reader < 0 ? undefined : { ...base, reader, way: 'pieces' };
  }
  // What takes `write_all` is a file or a connection more often than a vector.
  if (name === 'write_all' && !isMemory(values, fn, object)) return undefined;
  if (rustPieces.test(name) && args.length > 0) {
    const reader = collectedPieces(values, fn, n, object, args);
    if (reader >= 0) return { ...base, reader, way: 'pieces' };
    const packed = unpackedPieces(values, fn, n, object, args);
    return packed < 0 ? undefined : { ...base, reader: packed, decoder: 'flate2' };
  }
  return undefined;
}

function callRead(values: Values, fn: Fn, n: NodeId): WholeReadSite | undefined {
  const code = fn.code;
  const args = code.all(n, Role.Arg);
  const callee = code.child(n, Role.Callee);
  if (callee < 0) return undefined;
  const written = code.name(callee);
  const path = fn.file.fullPath(written);
  const base = { fn, node: n, verb: written, reader: args[0] ?? -1, path: -1, limit: -1 };
  if (rustLineCodecs.test(path)) {
    const reader = framedBy(values, fn, n);
    const limit = path.endsWith('max_length') ? (args.at(-1) ?? -1) : -1;
    return reader < 0 ? undefined : { ...base, reader, limit, way: 'line' };
  }
  if (rustFileReads.test(path)) return { ...base, reader: -1, path: args[0] ?? -1 };
  const body = keyOf(bodyReads, path);
  if (body !== undefined && bodyTypeWords.test(path)) {
    if (isOwnAnswer(values, fn, base.reader)) return undefined;
    const index = rustBodyReads[body] ?? -1;
    return { ...base, limit: index < 0 ? -1 : (args[index] ?? -1) };
  }
  if (rustBodySources.test(path)) return { ...base, reader: n, body: true };
  const decode = keyOf(decodes, path);
  if (decode !== undefined) {
    const row = rustDecodes[decode] as (typeof rustDecodes)[string];
    const output = row.output === undefined ? -1 : (args[row.output] ?? -1);
    if (row.output !== undefined && !isMemory(values, fn, output)) return undefined;
    const limit = row.limit === undefined ? -1 : (args[row.limit] ?? -1);
    // `None` leaves the size to what the data says of itself.
    return limit >= 0 && !code.is(limit, Kind.Name, 'None') && !code.is(limit, Kind.Path, 'None')
      ? undefined
      : { ...base, decoder: row.decoder };
  }
  if (/(^|::)io::copy(_buf)?$/.test(path) && args.length === 2)
    return isMemory(values, fn, args[1] as NodeId) ? base : undefined;
  if (rustParsers.test(path) && args.length > 0) return base;
  return undefined;
}

/** `Framed::new(socket, LinesCodec::new())`, `codec.framed(socket)`, also of a local: the stream that a codec is put on, or -1. */
function framedBy(values: Values, fn: Fn, codec: NodeId): NodeId {
  const { code } = fn;
  const of = (n: NodeId) => {
    const call = code.parent(n);
    const kind = code.kind(call);
    const isGiven = kind === Kind.Call && code.role(n) === Role.Arg;
    const isAsked = kind === Kind.MethodCall && code.role(n) === Role.Object && code.name(call) === 'framed';
    const stream = isGiven || isAsked ? code.child(call, Role.Arg) : -1;
    return stream === n ? -1 : stream;
  };
  const direct = of(codec);
  if (direct >= 0) return direct;
  for (let n = code.after(codec); n < fn.after; n++) {
    if (!code.is(n, Kind.Name) || of(n) < 0) continue;
    if (values.scope(fn).lookup(code.name(n), code.start(n))?.value === codec) return of(n);
  }
  return -1;
}

/** axum: `let (parts, body) = next.run(request).await.into_parts();` is what the program's own handlers have answered. */
function isOwnAnswer(values: Values, fn: Fn, body: NodeId): boolean {
  const { code } = fn;
  let n = body;
  for (let i = 0; n >= 0 && i < 8; i++) {
    if (code.is(n, Kind.Name)) {
      const b = values.scope(fn).lookup(code.name(n), code.start(n));
      if (!b || b.value < 0 || b.value >= n) return false;
      n = b.value;
    } else {
      const object = code.child(n, Role.Object);
      if (code.is(n, Kind.MethodCall, 'run') && code.is(object, Kind.Name, 'next')) return true;
      n = object;
    }
  }
  return false;
}

const bodyReads = byLastSegment(rustBodyReads);
const decodes = byLastSegment(rustDecodes);

/** The address that a response was asked for. */
interface Asked {
  readonly address: NodeId;
  /** The function that has asked, where a helper is given the response. */
  readonly by?: Fn;
  /** Nothing was awaited on the way: a client that blocks. */
  readonly blocks: boolean;
}

/** `reqwest::get(url).await?`, `client.get(url).send().await?`, also where a helper is given what came. */
function addressOf(values: Values, fn: Fn, response: NodeId, depth = 0): Asked | undefined {
  const code = fn.code;
  let isSent = false;
  let blocks = true;
  for (let n = response, i = 0; n >= 0 && i < 20; i++) {
    const kind = code.kind(n);
    if (kind === Kind.Name) {
      const b = values.scope(fn).lookup(code.name(n), code.start(n));
      if (b?.source === 'parameter' && depth === 0) return givenAddress(values, fn, b);
      // `let Ok(response) = client.get(url).send().await else { … }`
      n = b?.source === 'value' || b?.source === 'part' ? b.value : -1;
    } else if (kind === Kind.Await || kind === Kind.Try) {
      blocks &&= kind !== Kind.Await;
      n = code.child(n, Role.Object);
    }
    // `match client.get(url).send().await { Ok(response) => response, Err(_) => return None }`
    else if (kind === Kind.Match) n = code.child(n, Role.Subject);
    else if (kind === Kind.Call) {
      const isGet = /^reqwest::(blocking::)?get$/.test(
        fn.file.fullPath(code.name(code.child(n, Role.Callee))),
      );
      return isGet ? { address: code.child(n, Role.Arg), blocks } : undefined;
    } else if (kind === Kind.MethodCall) {
      if (isSent && rustAsks.has(code.name(n))) {
        const address = code.all(n, Role.Arg).at(-1);
        return address === undefined ? undefined : { address, blocks };
      }
      isSent ||= code.name(n) === 'send';
      n = code.child(n, Role.Object);
    } else return undefined;
  }
  return undefined;
}

/** `body_of(client.get(url).send().await?)`: what the one caller of a helper has asked for. */
function givenAddress(values: Values, fn: Fn, { type, index }: Binding): Asked | undefined {
  if (type < 0 || !/(^|::)Response$/.test(fn.code.name(type))) return undefined;
  const sites = Calls.of(fn.package.program)
    .sitesOf(fn)
    .filter((s) => s.kind === 'call' && !s.guess && !s.fn.isTest);
  const [site] = sites;
  const given = site?.fn.code.all(site.node, Role.Arg)[index];
  const asked = site && given !== undefined ? addressOf(values, site.fn, given, 1) : undefined;
  return site && asked && { ...asked, by: site.fn };
}

/** `s3.get_object().bucket(b).key(id).send().await?.body`: the key of the object that is asked for, or -1. */
function objectKeyOf(values: Values, fn: Fn, body: NodeId): NodeId {
  const code = fn.code;
  if (!code.is(body, Kind.Field, 'body')) return -1;
  let key = -1;
  let n = code.child(body, Role.Object);
  for (let i = 0; n >= 0 && i < 24; i++) {
    const kind = code.kind(n);
    if (kind === Kind.Name) {
      const b = values.scope(fn).lookup(code.name(n), code.start(n));
      n = b?.source === 'value' ? b.value : -1;
    } else if (kind === Kind.Await || kind === Kind.Try) n = code.child(n, Role.Object);
    else if (kind === Kind.MethodCall) {
      if (code.name(n) === rustObjectGet) return key;
      if (code.name(n) === 'key') key = code.child(n, Role.Arg);
      n = code.child(n, Role.Object);
    } else return -1;
  }
  return -1;
}

/** `Command::new(tool).arg(file)`, `command.spawn()?`: the words that a program is started with; undefined for anything else. */
function startedWith(values: Values, fn: Fn, n: NodeId, depth: number): readonly NodeId[] | undefined {
  const code = fn.code;
  const kind = n < 0 || depth > 12 ? Kind.Other : code.kind(n);
  const next = (m: NodeId) => startedWith(values, fn, m, depth + 1);
  if (kind === Kind.Try || kind === Kind.Await || kind === Kind.Unary)
    return next(code.child(n, Role.Object));
  if (kind === Kind.Call) {
    const path = fn.file.fullPath(code.name(code.child(n, Role.Callee)));
    return /(^|::)process::Command::new$/.test(path) ? code.all(n, Role.Arg) : undefined;
  }
  if (kind === Kind.MethodCall) {
    const before = values.callees(fn, n).length > 0 ? undefined : next(code.child(n, Role.Object));
    return before && /^args?$/.test(code.name(n)) ? [...before, ...code.all(n, Role.Arg)] : before;
  }
  if (kind !== Kind.Name) return undefined;
  const b = values.scope(fn).lookup(code.name(n), code.start(n));
  const made = b && b.value >= 0 ? next(b.value) : undefined;
  if (!b || !made) return undefined;
  const words = [...made];
  // `command.arg(file);` on the way
  for (let m = b.node; m < n; m++)
    if (
      code.kind(m) === Kind.MethodCall &&
      /^args?$/.test(code.name(m)) &&
      code.is(code.child(m, Role.Object), Kind.Name, code.name(n))
    )
      words.push(...code.all(m, Role.Arg));
  return words;
}

/** `text.split(", ")`, `row.split(char::is_whitespace)`: what is taken apart is in memory; a stream is split at a byte. */
function isText(code: Code, [at = -1]: readonly NodeId[]): boolean {
  const kind = code.kind(at);
  return kind === Kind.Literal ? !code.name(at).startsWith('b') : kind !== Kind.Number && kind !== Kind.Name;
}

/** `fold(Vec::new(), …)` keeps what it gets; `fold(0, …)` counts. The other collectors always keep. */
function collectsInMemory(values: Values, fn: Fn, name: string, args: readonly NodeId[]): boolean {
  return !/fold$/.test(name) || (args[0] !== undefined && isMemory(values, fn, args[0]));
}

/** The expression is a buffer that grows with what is written to it. */
function isMemory(values: Values, fn: Fn, n: NodeId): boolean {
  if (n < 0) return false;
  const code = fn.code;
  if (code.kind(n) === Kind.Unary) return isMemory(values, fn, code.child(n, Role.Object));
  // `&mut out.writer()`: https://docs.rs/bytes/latest/bytes/buf/trait.BufMut.html#method.writer
  if (code.is(n, Kind.MethodCall, 'writer') && code.child(n, Role.Arg) < 0)
    return isMemory(values, fn, code.child(n, Role.Object));
  const type = values.typeOf(fn, n);
  return type !== undefined && /^(Vec|BytesMut|String)$/.test(lastSegment(peel(type).type.name));
}

/** `flate2::write::GzDecoder::new(Vec::new())`: what is written to it comes out in the vector. */
function writeDecoderOf(values: Values, fn: Fn, object: NodeId): string | undefined {
  const code = fn.code;
  if (object < 0 || code.kind(object) !== Kind.Name) return undefined;
  const b = values.scope(fn).lookup(code.name(object), code.start(object));
  if (!b || b.value < 0 || code.kind(b.value) !== Kind.Call) return undefined;
  const path = fn.file.fullPath(code.name(code.child(b.value, Role.Callee)));
  const found = /(?:^|::)write::(\w*Decoder)::new$/.exec(path);
  return found && isMemory(values, fn, code.child(b.value, Role.Arg)) ? found[1] : undefined;
}

/** What is written into a local before a node: `decoder.write_all(&page)?; decoder.finish()?`; or -1. */
function writtenInto(code: Code, local: NodeId, before: NodeId): NodeId {
  for (let n = before - 1; n >= 0; n--)
    if (
      code.kind(n) === Kind.MethodCall &&
      /^write(_all)?$/.test(code.name(n)) &&
      code.is(code.child(n, Role.Object), Kind.Name, code.name(local))
    )
      return code.child(n, Role.Arg);
  return -1;
}

/**
 * The stream whose pieces a loop adds to a local that outlives it, when nothing in the loop limits, takes or looks at
 * what has come so far; or -1.
 */
function collectedPieces(values: Values, fn: Fn, n: NodeId, object: NodeId, args: readonly NodeId[]): NodeId {
  const code = fn.code;
  if (object < 0) return -1;
  const loop = code.ancestor(n, (a) => code.kind(a) === Kind.Loop);
  if (loop < 0 || code.name(loop) === 'for') return -1;
  if (!isOwnField(fn, object)) {
    if (code.kind(object) !== Kind.Name) return -1;
    const target = values.scope(fn).lookup(code.name(object), code.start(object));
    if (target?.source !== 'value' || target.node < fn.first || code.within(target.node, loop)) return -1;
  }
  const reader = pieceSource(values, fn, loop, n, args);
  return reader < 0 || isLimitedIn(code, loop, n, object) ? -1 : reader;
}

/**
 * `peer.decompress(rest, &mut chunk, flush)?; out.extend_from_slice(&chunk[..n]);` in a loop that looks at no size: what is
 * unpacked, or -1. https://docs.rs/flate2/latest/flate2/struct.Decompress.html#method.decompress
 */
function unpackedPieces(values: Values, fn: Fn, n: NodeId, object: NodeId, args: readonly NodeId[]): NodeId {
  const code = fn.code;
  const loop = code.ancestor(n, (a) => code.kind(a) === Kind.Loop);
  if (loop < fn.first || code.kind(object) !== Kind.Name || !isMemory(values, fn, object)) return -1;
  const target = values.scope(fn).lookup(code.name(object), code.start(object));
  if (!target || code.within(target.node, loop) || isLimitedIn(code, loop, n, object)) return -1;
  for (let m = loop + 1; m < n; m++) {
    if (!code.is(m, Kind.MethodCall, 'decompress')) continue;
    const [packed, chunk] = code.all(m, Role.Arg);
    if (packed === undefined || chunk === undefined || !code.is(chunk, Kind.Unary, '&mut')) continue;
    const into = code.name(code.child(chunk, Role.Object));
    if (args.some((a) => mentionsName(code, a, into))) return packed;
  }
  return -1;
}

/**
 * `stream.read_buf(&mut self.buffer)` in a loop that searches what has come for an end and looks at no size: the stream that
 * is read, or -1.
 */
function gatheredUntil(values: Values, fn: Fn, n: NodeId, object: NodeId, args: readonly NodeId[]): NodeId {
  const code = fn.code;
  const [lent] = args;
  if (lent === undefined || args.length !== 1 || !code.is(lent, Kind.Unary, '&mut')) return -1;
  const buffer = code.child(lent, Role.Object);
  const loop = code.ancestor(n, (a) => code.kind(a) === Kind.Loop);
  if (loop < fn.first || !(isOwnField(fn, buffer) || code.kind(buffer) === Kind.Name)) return -1;
  if (!isMemory(values, fn, buffer) || isLimitedIn(code, loop, n, buffer)) return -1;
  for (let m = loop; m < code.after(loop); m++)
    if (sameText(code, m, buffer) && searchAround(code, m) >= 0) return object;
  return -1;
}

/** `self.fragments`: what one call has gathered is there for the next. */
function isOwnField({ code, fact }: Fn, n: NodeId): boolean {
  return (
    code.kind(n) === Kind.Field &&
    fact.receiver !== '' &&
    code.is(code.child(n, Role.Object), Kind.Name, fact.receiver)
  );
}

/** What a loop takes its pieces from: `body.next().await`, `conn.read(&mut buffer)`, `read_frame(&mut conn).await`. */
function pieceSource(values: Values, fn: Fn, loop: NodeId, n: NodeId, args: readonly NodeId[]): NodeId {
  const code = fn.code;
  for (let m = loop + 1; m < n; m++) {
    if (code.is(m, Kind.Call) && code.kind(code.parent(m)) === Kind.Await) {
      const from = code.child(m, Role.Arg);
      const isLent = from >= 0 && code.is(from, Kind.Unary, '&mut') && values.callees(fn, m).length > 0;
      if (isLent && args.some((a) => comesFrom(values, fn, a, loop, m))) return from;
    }
    if (code.kind(m) !== Kind.MethodCall) continue;
    const name = code.name(m);
    const isNext = pieceCalls.test(name) && code.kind(code.parent(m)) === Kind.Await;
    if (isNext && args.some((a) => comesFrom(values, fn, a, loop))) return code.child(m, Role.Object);
    // A message of a web socket; channels have none that a stranger fills.
    if (name === 'recv' && args.some((a) => comesFrom(values, fn, a, loop)))
      return code.child(m, Role.Object);
    if (!/^read(_exact)?$/.test(name)) continue;
    const buffer = code.child(m, Role.Arg);
    const into = buffer >= 0 && code.kind(buffer) === Kind.Unary ? code.child(buffer, Role.Object) : -1;
    if (into >= 0 && args.some((a) => mentionsName(code, a, code.name(into))))
      return code.child(m, Role.Object);
  }
  return -1;
}

/** The expression names something that is declared inside the loop, and made by a call where one is given. */
function comesFrom(values: Values, fn: Fn, root: NodeId, loop: NodeId, by = -1): boolean {
  const code = fn.code;
  for (let n = root; n < code.after(root); n++) {
    if (code.kind(n) !== Kind.Name) continue;
    const b = values.scope(fn).lookup(code.name(n), code.start(n));
    if (b && code.within(b.node, loop) && (by < 0 || (b.value >= 0 && code.within(by, b.value)))) return true;
  }
  return false;
}

function mentionsName(code: Code, root: NodeId, name: string): boolean {
  for (let n = root; n < code.after(root); n++) if (code.is(n, Kind.Name, name)) return true;
  return false;
}

/**
 * Something near the loop that adds pieces up may refuse what is too long: a decoder in it that can fail, a comparison around
 * it, or one where the function is called.
 */
export function mayBeRefused({ fn, node }: Pick<WholeReadSite, 'fn' | 'node'>): boolean {
  const { code, package: pkg } = fn;
  const loop = code.ancestor(node, (a) => code.kind(a) === Kind.Loop);
  if (loop < fn.first) return false;
  const condition = code.child(loop, Role.Condition);
  if (condition >= 0 && countsDown(code, condition)) return true;
  if (comparesAround(fn, loop)) return true;
  for (let n = loop + 1; n < code.after(loop); n++)
    if (code.kind(n) === Kind.Try && mayRefuse(code, n)) return true;
  return Calls.of(pkg.program)
    .sitesOf(fn)
    .some((s) => s.kind === 'call' && !s.fn.isTest && comparesAround(s.fn, s.node));
}

/** `while left > 0`: how much comes was known before. */
function countsDown(code: Code, condition: NodeId): boolean {
  for (let n = condition; n < code.after(condition); n++)
    if (code.kind(n) === Kind.Binary && /^[<>]=?$/.test(code.name(n))) return true;
  return false;
}

/** It happens only where a size has been found small enough: `if length <= MAX { … }`. */
function comparesAround({ code, first }: Fn, node: NodeId): boolean {
  for (let n = node, up = code.parent(n); up >= first; n = up, up = code.parent(up))
    if (
      code.kind(up) === Kind.If &&
      code.role(n) !== Role.Condition &&
      comparesSizes(code, code.child(up, Role.Condition))
    )
      return true;
  return false;
}

/** `decoder.next_frame()?`: neither waits for what comes nor reads it, and can say no. */
function mayRefuse(code: Code, tried: NodeId): boolean {
  let n = code.child(tried, Role.Object);
  while (code.kind(n) === Kind.MethodCall && resultWords.test(code.name(n))) n = code.child(n, Role.Object);
  const kind = code.kind(n);
  return (kind === Kind.Call || kind === Kind.MethodCall) && !/read/i.test(callName(code, n));
}

/** What only says an error in other words. */
const resultWords = /^(map_err|context|with_context|ok_or|ok_or_else|wrap_err|wrap_err_with|or_else)$/;

/** A loop that compares a size and leaves, or does anything with what it collects but add to it. */
function isLimitedIn(code: Code, loop: NodeId, add: NodeId, target: NodeId): boolean {
  for (let n = loop; n < code.after(loop); n++) {
    const kind = code.kind(n);
    if (kind === Kind.If || kind === Kind.Arm) {
      // `Message::Binary(piece) if pieces.len() + piece.len() > MAX => return`
      const [test, then] = kind === Kind.If ? [Role.Condition, Role.Then] : [Role.Guard, Role.Body];
      const condition = code.child(n, test);
      const decides = exits(code, code.child(n, then)) || code.within(add, n);
      if (decides && condition >= 0 && comparesSizes(code, condition)) return true;
    } else if (kind === Kind.Name && code.kind(target) === Kind.Field && isWhole(code, n, target)) {
      return true;
    } else if (kind === Kind.Macro && /(^|::)(ensure|assert|require)/.test(code.name(n))) return true;
    else if (kind === code.kind(target) && sameText(code, n, target) && !code.within(n, add)) {
      const up = code.parent(n);
      const measures = code.kind(up) === Kind.MethodCall && /^(len|is_empty|capacity)$/.test(code.name(up));
      const adds = code.kind(up) === Kind.MethodCall && rustPieces.test(code.name(up));
      if (
        !measures &&
        !adds &&
        !isHandedBack(code, n, loop) &&
        !isCutAtDelimiter(code, n, loop) &&
        !isOfOtherMessage(code, n, add)
      )
        return true;
    }
  }
  return false;
}

/** `Message::Text(end) => pieces.clear()` beside `Message::Binary(piece) => pieces.extend(piece)`: the sender decides whether it comes. */
function isOfOtherMessage(code: Code, n: NodeId, add: NodeId): boolean {
  const arm = code.ancestor(add, (a) => code.kind(a) === Kind.Arm);
  const other = code.ancestor(n, (a) => code.kind(a) === Kind.Arm && code.parent(a) === code.parent(arm));
  const kind = arm < 0 ? '' : enumOf(code, arm);
  return other >= 0 && other !== arm && kind !== '' && enumOf(code, other) === kind;
}

/** `Message` of the pattern `Some(Ok(Message::Text(text)))` of an arm, or ''. */
function enumOf(code: Code, arm: NodeId): string {
  let p = code.child(arm, Role.Pattern);
  while (/^(Some|Ok)$/.test(code.name(p))) p = code.children(p)[0] ?? -1;
  return code.name(p).split('::').at(-2) ?? '';
}

/** `self.parse()?`, `parse(self)`: whoever has the owner of a field may do anything with the field. */
function isWhole(code: Code, n: NodeId, field: NodeId): boolean {
  return sameText(code, n, code.child(field, Role.Object)) && code.kind(code.parent(n)) !== Kind.Field;
}

/**
 * `while let Some(end) = pending.iter().position(|&b| b == b'\\n') { pending.drain(..=end) … }`: what has come is searched for
 * a delimiter, and taken out as far as that: without one it stays, however long it is.
 */
function isCutAtDelimiter(code: Code, n: NodeId, loop: NodeId): boolean {
  if (searchAround(code, n) >= 0) return true;
  const take = code.parent(n);
  if (code.kind(take) !== Kind.MethodCall || !/^(drain|split_to|advance)$/.test(code.name(take)))
    return false;
  const found = code.child(take, Role.Arg);
  // The delimiter itself.
  if (code.name(take) === 'advance' && code.kind(found) === Kind.Number) return true;
  for (let m = found; found >= 0 && m < code.after(found); m++) {
    if (code.kind(m) !== Kind.Name) continue;
    for (let s = loop; s < take; s++) if (isFoundBy(code, s, code.name(m))) return true;
  }
  return false;
}

/** `position`, `find`, `memchr` of which a node is the object or an argument, or -1. */
function searchAround(code: Code, n: NodeId): NodeId {
  for (let up = code.parent(n), i = 0; up >= 0 && i < 4; up = code.parent(up), i++) {
    const kind = code.kind(up);
    if (kind === Kind.MethodCall && searches.test(code.name(up))) return up;
    if (kind === Kind.Call && /^memchr\w*$/.test(callName(code, up))) return up;
    if (kind !== Kind.MethodCall && kind !== Kind.Unary && kind !== Kind.Index) return -1;
  }
  return -1;
}

const searches = /^(position|find|find_byte|ends_with|windows|contains)$/;

/** `Some(end) = pending.iter().position(…)`: the name is bound to where a search has found something. */
function isFoundBy(code: Code, n: NodeId, name: string): boolean {
  const kind = code.kind(n);
  if (kind !== Kind.LetCondition && kind !== Kind.Let) return false;
  const pattern = code.child(n, Role.Pattern);
  const value = code.child(n, Role.Value);
  if (pattern < 0 || value < 0) return false;
  let binds = false;
  for (let m = pattern; m < code.after(pattern); m++) if (code.is(m, Kind.Bind, name)) binds = true;
  if (!binds) return false;
  for (let m = value; m < code.after(value); m++)
    if (/^(position|find|find_byte|memchr\w*)$/.test(callName(code, m))) return true;
  return false;
}

/** `return Ok(all)`, `break all`: the end of the loop, not a part of its rounds. */
function isHandedBack(code: Code, n: NodeId, loop: NodeId): boolean {
  const out = code.ancestor(n, (a) => code.kind(a) === Kind.Return || code.kind(a) === Kind.Break);
  return out >= 0 && code.within(out, loop);
}

/** `head.len() == MAX_HEAD`: not a length that the sender has announced. */
function isFull(code: Code, length: NodeId, limit: NodeId): boolean {
  const kind = code.kind(limit);
  return code.is(length, Kind.MethodCall, 'len') && (kind === Kind.Number || /^[A-Z]/.test(code.name(limit)));
}

/** A comparison for order, or of a length, with something that can be a limit. */
function comparesSizes(code: Code, condition: NodeId): boolean {
  for (let n = condition; n < code.after(condition); n++) {
    if (code.kind(n) !== Kind.Binary || !/^([<>]=?|==)$/.test(code.name(n))) continue;
    const right = code.child(n, Role.Right);
    if (code.name(n) === '==' && !isFull(code, code.child(n, Role.Left), right)) continue;
    if (!(code.kind(right) === Kind.Number && /^[01]$/.test(code.name(right)))) return true;
  }
  return false;
}
