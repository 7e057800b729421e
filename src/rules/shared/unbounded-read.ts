/** What the read rules of both languages share: whole streams, files and decompressed data in memory. */

import type { Confidence, Fix } from '../../core/finding.ts';
import type { Reporter } from '../../core/rule.ts';
import type { Place } from '../../core/span.ts';
import { packs } from '../../knowledge/byte-sources.ts';
import {
  connecting,
  layerDecodes,
  limits,
  messageLimitSetting,
  PICTURE,
  rustAccepts,
  streamExtractors,
  unpackingLayer,
  webSocketAccepts,
  wholeExtractors,
} from '../../knowledge/readers.ts';

import { callName } from '../../program/calls/call-name.ts';
import { Calls } from '../../program/calls/calls.ts';
import { returnsOf } from '../../program/calls/exits.ts';
import { isService, Linkage } from '../../program/linkage.ts';
import { ByteSources } from '../../program/origins/byte-sources.ts';
import {
  broughtByOutsider,
  isWrittenByOutsider,
  onlyIfSeen,
  runsForOthers,
} from '../../program/origins/outsiders.ts';
import { Provenance } from '../../program/origins/provenance.ts';
import {
  isClientSetting,
  isHighest,
  liftsFrameLimit,
  liftsLimit,
  liftsMessageLimit,
  onlyStreamed,
  REQUEST,
  Readers,
  testsContentLength,
  testsUnpackedLength,
  type WholeReadSite,
  wholeReads,
  wholeReadsIn,
} from '../../program/origins/readers.ts';
import { mayBeRefused } from '../../program/origins/rust-reads.ts';
import { useOfFile } from '../../program/origins/start-loads.ts';
import { debuggingAround } from '../../program/phases/administrators.ts';
import { Phases } from '../../program/phases/phases.ts';
import type { Reach } from '../../program/phases/reach.ts';
import { Starts } from '../../program/phases/starts.ts';
import { sameText } from '../../program/places/effects.ts';
import { type Write, Writes } from '../../program/places/writes.ts';
import type { Fn, Package, Program } from '../../program/program.ts';
import { Constants } from '../../program/sizes/constants.ts';
import { lastSegment, peel } from '../../program/types/types.ts';
import { Values } from '../../program/types/values.ts';
import { CALLS, type Code, kinds } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import {
  authorExemptions,
  confidenceInInput,
  fedByLog,
  insideReason,
  isOfMember,
  LOG,
  placeOfName,
} from './authors.ts';
import { commandExemption, inCommand } from './commands.ts';
import { chooseLimit, wrap } from './fixes/limit-fix.ts';

const WANTED = kinds(Kind.Path, Kind.Call, Kind.MethodCall, Kind.FieldInit, Kind.Assign);
const PATHS = kinds(Kind.Path);

export const readMessages = {
  stream: '`{verb}` reads {what} to its end into memory and nothing limits how long it is',
  pieces: '`{verb}` adds up {what} in memory and nothing limits how long it is',
  line: '`{verb}` reads a line of any length from {what}',
  decode: '`{verb}` keeps a value until it is decoded, and nothing limits how long {what} is',
  message: '`{verb}` reads {what} into memory and nothing limits how long one is',
  file: '`{verb}` holds a whole file in memory only to pass it on piece by piece',
  frames: '`{verb}` lets one frame be as long as its sender says, which is reserved at once',
  messages: '`{verb}` lets one message of a web socket be as long as its sender says',
  disabled: '`{verb}` lifts the limit on request bodies and nothing else limits them',
} as const;

export const readExemptions = {
  limited: 'bounded by {by}',
  'server-limit': 'bounded by {by}',
  'start-up-only': 'bounded by `{fn}` running only while the program starts',
  configuration: 'not much: what is read is configuration, a key or a short text',
  ...commandExemption,
} as const;

/** Go: of the bodies that a package decodes the first is enough. */
export const goReadExemptions = { ...readExemptions, repeated: 'said of {by}' } as const;

/** Where a limit on bodies is lifted, the handlers may have their own. */
export const liftedReadExemptions = {
  ...readExemptions,
  streamed: 'bounded by {by}, which takes what it is sent piece by piece',
} as const;

/** Where bodies that are decoded were spoken of: what all handlers of a package do is one thing to mend. */
interface Told {
  decode?: Place;
}

type ReadReporter = Reporter<typeof readMessages, typeof goReadExemptions & typeof liftedReadExemptions>;

/** Reports every whole read of a package whose length somebody outside decides. */
export function checkReads(pkg: Package, report: ReadReporter): void {
  const phases = Phases.of(pkg.program);
  const readers = Readers.of(pkg.program);
  const told: Told = {};
  for (const site of wholeReads(pkg)) {
    const at = site.fn.placeOfMethod(site.node);
    const reach = phases.at(site.fn, site.node);
    const startUp = !reach.request && !reach.likely && !reach.api && reach.startup;
    if (site.path >= 0) {
      const use = onlyStreamed(site.fn, site.node);
      if (!use) continue;
      const command = inCommand(site.fn, site.node) ?? inTool(site, reach);
      if (command) {
        report.exempt({ ...command, at });
        continue;
      }
      const isChosen = reach.request !== undefined && isOfRequest(site);
      if (!isChosen && (useOfFile(site).use === 'small' || isReloader(site.fn))) {
        report.exempt({ reason: 'configuration', at });
        continue;
      }
      // At start-up too: the peak is what the limit must hold.
      report.find({
        message: 'file',
        at,
        // Most files that a Go service opens without a request are its own configuration and state.
        confidence:
          site.fn.package.language === 'rust' || (reach.request && !namesItsOwn(site)) ? 'medium' : 'low',
        related: [{ ...use, message: 'all that is done with it' }],
        data: { verb: site.verb },
      });
      continue;
    }
    checkStream(site, at, reach, startUp, readers, report, told);
  }
}

/** Go: `filepath.Join(s.base, "last_seen")`: a file that the program itself has named, and written. */
function namesItsOwn({ fn, path }: WholeReadSite): boolean {
  return fn.package.language === 'go' && Provenance.of(fn.package.program).of(fn, path).who === 'own';
}

/** Somebody outside says which file is read, or nobody can tell who does. */
function isOfRequest({ fn, path }: WholeReadSite): boolean {
  return fn.package.language === 'go' || Provenance.of(fn.package.program).of(fn, path).who === 'outside';
}

/** The file of the function says that it reads again what its operator has changed. */
function isReloader(fn: Fn): boolean {
  return /reload/i.test(fn.file.facts.file.slice(fn.file.facts.file.lastIndexOf('/') + 1));
}

/** A program that serves nothing reads its file once, and ends: `go generate` runs such. */
function inTool({ fn, node }: WholeReadSite, reach: Reach) {
  const start = reach.likely ? undefined : Starts.of(fn.package.program).of(fn, node);
  return start?.kind === 'command'
    ? {
        reason: 'command' as const,
        where: start.from.file.place(start.from.fact.nameSpan),
        data: { by: 'a program that serves nothing' },
      }
    : undefined;
}

function checkStream(
  site: WholeReadSite,
  at: Place,
  reach: Reach,
  startUp: boolean,
  readers: Readers,
  report: ReadReporter,
  told: Told,
): void {
  const { fn } = site;
  const explicit = site.limit < 0 ? undefined : !isUnlimited(fn, site.limit);
  if (explicit) {
    report.exempt({
      reason: 'limited',
      at,
      where: fn.place(site.limit),
      data: { by: 'the limit it is given' },
    });
    return;
  }
  const stream = readers.of(site);
  if (stream.kind === 'limited') {
    report.exempt({ reason: 'limited', at, where: stream.where, data: { by: stream.by } });
    return;
  }
  const body =
    stream.kind === 'input'
      ? stream
      : explicit === false && site.way === undefined
        ? {
            what: REQUEST,
            request: true,
            child: false,
            complaints: undefined,
            accepted: undefined,
            opened: undefined,
            lifted: undefined,
            local: undefined,
            chosen: undefined,
            where: at,
          }
        : undefined;
  // A program that was started here may say much, but it ends its lines; so do the clients of a program of one function, as a rule.
  if (!body || (site.way === 'line' && (body.child || body.accepted === fn))) return;
  // The answers that a program decodes are those of servers it has chosen.
  if (site.way === 'decode' && body.what !== REQUEST) return;
  if (startUp) {
    report.exempt({ reason: 'start-up-only', at, data: { fn: fn.label } });
    return;
  }
  const tested = testsContentLength(fn, site.node);
  if (tested && !tested.passesUnknown) {
    report.exempt({
      reason: 'limited',
      at,
      where: tested.at,
      data: { by: 'a test of the announced length' },
    });
    return;
  }
  const server =
    body.request && explicit === undefined && !site.messages
      ? readers.bodyLimit(fn.package, isRawStream(site))
      : undefined;
  if (server) {
    report.exempt({ reason: 'server-limit', at, where: server.where, data: { by: server.by } });
    return;
  }
  const command = inCommand(fn, site.node);
  if (command) {
    report.exempt({ ...command, at });
    return;
  }
  // The peer of a response was mostly chosen by the program; the sender of a request was not.
  const forAll = reach.request !== undefined && !reach.request.administrative;
  const isChosen =
    body.chosen === 'caller' || (body.chosen === 'outside' && forAll) || isLimitedElsewhere(site);
  const answered: Confidence = isChosen ? 'medium' : 'low';
  // What is dumped under a condition is dumped while somebody looks for a fault.
  const debugging = reach.request?.debugging;
  const isSeen =
    runsForOthers(reach) &&
    !(site.request !== undefined && isConditional(site)) &&
    !isWithoutLimit(site) &&
    debuggingAround(site) < 0;
  // What only those send who run the service is as much as they like it to be.
  const isOfOperator = reach.request?.administrative && !debugging && !broughtByOutsider(reach);
  const asked: Confidence = isOfMember(fn) || isOfOperator ? 'low' : onlyIfSeen('high', isSeen);
  // What a program says that was started here is as much as it has been asked for, as a rule.
  const isDoubtful = body.child || body.local || (site.way === 'pieces' && mayBeRefused(site));
  const confidence = body.request ? onlyIfSeen(asked, !isDoubtful) : answered;
  const way = site.way ?? 'stream';
  // Rust: nobody in sight of a library says who is at the other end of the connection that it is given.
  const isOfAnybody =
    fn.package.language === 'rust' && (reach.likely !== undefined || !isService(fn.package));
  const isFromStranger = reach.request !== undefined || body.opened !== undefined || isOfAnybody;
  if (way === 'decode' && confidence !== 'low') {
    if (told.decode) {
      report.exempt({
        reason: 'repeated',
        at,
        where: told.decode,
        data: { by: 'the first body that is decoded so' },
      });
      return;
    }
    told.decode = at;
  }
  report.find({
    message: way,
    at,
    // Whoever sends lines without end is often a program of one's own.
    confidence:
      way === 'line' ? (body.request && isFromStranger ? 'medium' : 'low') : atMost(way, confidence),
    related: [
      { ...body.where, message: `${body.what} comes from here${body.complaints ? WORDS : ''}` },
      ...(tested ? [{ ...tested.at, message: 'a body that announces no length passes this test' }] : []),
      ...(body.lifted ? [{ ...body.lifted, message: 'the server would limit it, but for this' }] : []),
      ...(debugging
        ? [{ ...debugging, message: 'only under this condition, which speaks of debugging' }]
        : []),
    ],
    fixes: explicit === undefined ? limitFix(site) : [],
    data: { verb: site.verb, what: body.what },
  });
}

/** Most clients send a short value, and few that wait for messages meet one without end: that they can is no proof that they do. */
function atMost(way: NonNullable<WholeReadSite['way']> | 'stream', confidence: Confidence): Confidence {
  return (way === 'decode' || way === 'message') && confidence === 'high' ? 'medium' : confidence;
}

/** What speaks against an amount that matters where a program says what went wrong. */
const WORDS = ': what it says of errors, mostly a few lines';

/** Go: another branch of the function reads the same stream with a limit: `json.NewDecoder(io.LimitReader(resp.Body, n))`. */
function isLimitedElsewhere({ fn, node, reader }: WholeReadSite): boolean {
  const { code } = fn;
  if (fn.package.language !== 'go' || reader < 0 || code.kind(reader) !== Kind.Field) return false;
  for (let n = fn.first; n < fn.after; n++)
    if (
      code.kind(n) === Kind.MethodCall &&
      limits.has(code.name(n)) &&
      !code.within(n, node) &&
      code.all(n, Role.Arg).some((arg) => sameText(code, arg, reader))
    )
      return true;
  return false;
}

/**
 * Go: `if limit <= 0 { return io.ReadAll(r.Body) }`, Rust: `if let Some(limit) = limit { body.take(limit) … } else { … }`:
 * whoever calls the function, or configures it, gives it a limit, mostly.
 */
function isWithoutLimit(site: WholeReadSite): boolean {
  const { fn, node } = site;
  const { code } = fn;
  if (fn.package.language === 'rust') return isOtherwiseLimited(site);
  const branch = code.ancestor(node, (a) => code.kind(a) === Kind.If);
  const test = branch < fn.first ? -1 : code.child(branch, Role.Condition);
  const limit = code.is(test, Kind.Binary) ? code.child(test, Role.Left) : -1;
  return (
    /^(<=?|==)$/.test(code.name(test)) &&
    code.is(code.child(test, Role.Right), Kind.Number, '0') &&
    code.is(limit, Kind.Name) &&
    code.within(node, code.child(branch, Role.Then)) &&
    Values.of(fn.package.program).scope(fn).lookup(code.name(limit), code.start(limit))?.source ===
      'parameter'
  );
}

/** Rust: the other branch of the test around a read limits the same stream. */
function isOtherwiseLimited({ fn, node, reader }: WholeReadSite): boolean {
  const { code } = fn;
  for (let n = node, up = code.parent(n); up >= fn.first; n = up, up = code.parent(up)) {
    const role = code.role(n);
    if (code.kind(up) !== Kind.If || (role !== Role.Then && role !== Role.Else)) continue;
    const other = code.child(up, role === Role.Then ? Role.Else : Role.Then);
    for (let m = other; other >= 0 && m < code.after(other); m++)
      if (code.kind(m) === Kind.MethodCall && limits.has(code.name(m)) && mentions(code, m, reader))
        return true;
  }
  return false;
}

/** The object of a call is a stream, or something around it: `(&mut body).take(limit)`. */
function mentions(code: Code, call: NodeId, stream: NodeId): boolean {
  const object = code.child(call, Role.Object);
  for (let n = object; object >= 0 && stream >= 0 && n < code.after(object); n++)
    if (sameText(code, n, stream)) return true;
  return false;
}

function isConditional({ fn, node }: WholeReadSite): boolean {
  const { code } = fn;
  const branch = code.ancestor(
    node,
    (a) => code.kind(a) === Kind.If && !code.within(node, code.child(a, Role.Condition)),
  );
  return branch >= fn.first;
}

function runs(reach: Reach): boolean {
  return reach.request !== undefined || reach.likely !== undefined || reach.api !== undefined;
}

/** `usize::MAX`, `isize::MAX as usize`, or a setting that is as much as long as nobody sets it. */
function isUnlimited(fn: Fn, limit: NodeId): boolean {
  if (isHighest(fn.code, limit)) return true;
  const { value } = Constants.of(fn.package.program).in(fn, limit);
  return value !== undefined && value > NO_LIMIT;
}

/** So many bytes no machine has. */
const NO_LIMIT = 1n << 46n;

/** Rust: `DefaultBodyLimit::disable()`, or a limit of `usize::MAX`, without another limit in the workspace. */
export function checkDisabledLimits(
  pkg: Package,
  report: Reporter<typeof readMessages, typeof liftedReadExemptions>,
): void {
  const limit = Readers.of(pkg.program).bodyLimit(pkg);
  for (const fn of pkg.serviceFunctions) {
    const { first: body, after } = fn;
    for (let n = fn.code.next(WANTED, body, after); n < after; n = fn.code.next(WANTED, n + 1, after)) {
      const isFrame = liftsFrameLimit(fn.code, n);
      const confidence = isFrame ? ofPeers(fn) : liftsMessageLimit(fn, n) ? ofSockets(fn) : undefined;
      if (confidence) {
        const data = { verb: isFrame ? fn.code.name(n) : messageLimitSetting };
        const at = fn.code.is(n, Kind.MethodCall) ? fn.placeOfMethod(n) : fn.place(n);
        report.find({ message: isFrame ? 'frames' : 'messages', at, confidence, data });
        continue;
      }
      const verb = liftsLimit(fn.code, n);
      // What a client takes is the answer of a server that it has chosen.
      if (verb === undefined || isClientSetting(fn, n)) continue;
      const at = fn.place(n);
      const streams = streamingHandler(fn, n);
      if (limit) report.exempt({ reason: 'server-limit', at, where: limit.where, data: { by: limit.by } });
      else if (streams)
        report.exempt({
          reason: 'streamed',
          at,
          where: streams.file.place(streams.fact.nameSpan),
          data: { by: `\`${streams.label}\`` },
        });
      else report.find({ message: 'disabled', at, confidence: 'high', data: { verb } });
    }
  }
}

function calls({ code, first, after }: Fn, names: RegExp): boolean {
  for (let n = code.next(CALLS, first, after); n < after; n = code.next(CALLS, n + 1, after))
    if (names.test(callName(code, n))) return true;
  return false;
}

/** Rust: how sure it is that the web sockets with a setting are those of clients: of servers that are asked, undefined. */
function ofSockets(fn: Fn): Confidence | undefined {
  const sites = Calls.of(fn.package.program).sitesOf(fn);
  for (const f of [fn, ...sites.filter((s) => !s.fn.isTest).map((s) => s.fn)]) {
    const connects = calls(f, connecting);
    if (calls(f, webSocketAccepts)) return connects ? 'medium' : 'high';
    if (connects) return undefined;
  }
  return ofPeers(fn);
}

/** Rust: how sure it is that a codec reads what others send: of who is asked the program has chosen, undefined. */
function ofPeers(fn: Fn): Confidence | undefined {
  if (calls(fn, connecting)) return undefined;
  return fn.package.serviceFunctions.some((f) => calls(f, rustAccepts)) ? 'medium' : 'low';
}

/**
 * Rust: a handler of the router that a limit is lifted for, when all of them take what they are sent piece by piece, and none
 * gathers it without a limit of its own.
 */
function streamingHandler(fn: Fn, lifting: NodeId): Fn | undefined {
  const handlers = handlersUnder(fn, lifting, true);
  const takes = (handler: Fn) =>
    handler.fact.params.map((p) => lastSegment(handler.code.name(handler.code.child(p, Role.Type))));
  if (handlers.some((h) => takes(h).some((t) => wholeExtractors.test(t)) || gathersWhole(h)))
    return undefined;
  return handlers.find((h) => takes(h).some((t) => streamExtractors.test(t)));
}

/**
 * Rust: the handlers that a layer is around: those of the chain it is put on, `post(upload).layer(lifting)`, or where a function
 * makes it, of the chains that are given what it makes.
 */
function handlersUnder(fn: Fn, layer: NodeId, follows: boolean): readonly Fn[] {
  const { code } = fn;
  const { program } = fn.package;
  const values = Values.of(program);
  let around = layer;
  for (let up = code.parent(layer); code.kind(up) === Kind.MethodCall || code.kind(up) === Kind.Call; ) {
    [around, up] = [up, code.parent(up)];
    const handlers: Fn[] = [];
    for (let n = around; n < code.after(around); n++)
      if ((code.kind(n) === Kind.Name || code.kind(n) === Kind.Path) && code.role(n) === Role.Arg)
        handlers.push(...values.functionsOf(fn, n));
    if (handlers.length > 0) return handlers;
  }
  if (!follows || !returnsOf(fn, 0).includes(around)) return [];
  return Calls.of(program)
    .sitesOf(fn)
    .filter((site) => site.kind === 'call' && !site.fn.isTest)
    .flatMap((site) => handlersUnder(site.fn, site.node, false));
}

/** Rust: reads a stream to its end, or a field of a form: `field.bytes().await`. */
function gathersWhole(handler: Fn): boolean {
  const { code } = handler;
  if (wholeReadsIn(handler).length > 0) return true;
  for (let n = handler.first; n < handler.after; n++)
    if (
      code.kind(n) === Kind.MethodCall &&
      /^(bytes|text)$/.test(code.name(n)) &&
      code.kind(code.parent(n)) === Kind.Await
    )
      return true;
  return false;
}

/** A limit around the stream: what is longer is cut off, so the code must test for it where that matters. */
function limitFix({ fn, reader, way }: WholeReadSite): readonly Fix[] {
  if (reader < 0 || way === 'line' || way === 'message') return [];
  const code = fn.code;
  if (fn.package.language === 'go') {
    // `conn.ReadDotBytes()` reads what it is a method of.
    if (code.role(reader) === Role.Object) return [];
    if (fn.file.importPath('io') !== 'io') return [];
    return [chooseLimit('Read at most 1 MiB', () => wrap(fn, reader, 'io.LimitReader(', ', 1<<20)'))];
  }
  const call = code.parent(reader);
  const local = code.kind(reader) === Kind.Name && code.kind(call) === Kind.MethodCall;
  if (!local || !/^read_to_/.test(code.name(call))) return [];
  const title = 'Read at most 1 MiB';
  if (code.kind(code.parent(call)) !== Kind.Await)
    // `by_ref` keeps the stream usable, `take` counts what is read through it.
    return [chooseLimit(title, () => wrap(fn, reader, '', '.by_ref().take(1 << 20)'))];
  // tokio's readers have no `by_ref`; a borrow of a borrow would need a name that is `mut`.
  const type = Values.of(fn.package.program).typeOf(fn, reader);
  return type && type.name !== '&mut'
    ? [chooseLimit(title, () => wrap(fn, reader, '(&mut ', ').take(1 << 20)'))]
    : [];
}

export const bombMessages = {
  layer: '`{verb}` unpacks request bodies and the limit on what handlers take in is lifted',
  unlimited: '`{verb}` collects what {decoder} decompresses and nothing limits how much that is',
  pixels: '`{verb}` makes room for as many pixels as {decoder} says it has and nothing limits how many',
} as const;

export const bombExemptions = {
  limited: 'bounded by {by}',
  'start-up-only': 'bounded by `{fn}` running only while the program starts',
  ...commandExemption,
} as const;

/** Go's compressed bytes can be followed to whoever wrote them. */
export const authoredBombExemptions = { ...bombExemptions, ...authorExemptions } as const;

/**
 * Rust: tower-http's layer unpacks bodies on their way to the handlers. What limits them behind it is axum's default;
 * a limit in front of it counts compressed bytes.
 */
function checkDecompressingLayers(
  pkg: Package,
  report: Reporter<typeof bombMessages, typeof bombExemptions>,
) {
  let layer: Place | undefined;
  let lifted: Place | undefined;
  let isLimited = false;
  for (const fn of pkg.serviceFunctions) {
    const { first: body, after } = fn;
    for (let n = fn.code.next(PATHS, body, after); n < after; n = fn.code.next(PATHS, n + 1, after)) {
      if (unpackingLayer.test(fn.code.name(n))) layer ??= fn.place(n);
      else if (/(^|::)DefaultBodyLimit::disable$/.test(fn.code.name(n))) lifted ??= fn.place(n);
      else if (/(^|::)DefaultBodyLimit::max$/.test(fn.code.name(n))) isLimited = true;
    }
  }
  if (layer && lifted)
    report.find({
      message: 'layer',
      at: layer,
      // Of two limits on a route the inner one counts, whichever that is.
      confidence: isLimited ? 'medium' : 'high',
      related: [{ ...lifted, message: 'the limit is lifted here' }],
      data: { verb: 'RequestDecompressionLayer' },
    });
}

/** Rust: a layer in the same program that unpacks bodies on their way to the handlers, and takes `Content-Encoding` away. */
function layerBefore(pkg: Package): Place | undefined {
  if (pkg.language !== 'rust') return undefined;
  const linkage = Linkage.of(pkg.program);
  return pkg.program.derive(decompressingLayers).find((layer) => linkage.canMeet(layer.in, pkg))?.at;
}

function decompressingLayers(program: Program): readonly { readonly in: Package; readonly at: Place }[] {
  const found: { readonly in: Package; readonly at: Place }[] = [];
  for (const pkg of program.packages)
    for (const fn of pkg.language === 'rust' ? pkg.serviceFunctions : [])
      for (
        let n = fn.code.next(PATHS, fn.first, fn.after);
        n < fn.after;
        n = fn.code.next(PATHS, n + 1, fn.after)
      )
        if (unpackingLayer.test(fn.code.name(n))) found.push({ in: pkg, at: fn.place(n) });
  return found;
}

/** Reports decompressed data that is collected in memory without a limit behind the decoder. */
export function checkDecompression(
  pkg: Package,
  report: Reporter<typeof bombMessages, typeof authoredBombExemptions>,
): void {
  const phases = Phases.of(pkg.program);
  const readers = Readers.of(pkg.program);
  if (pkg.language === 'rust') checkDecompressingLayers(pkg, report);
  for (const site of wholeReads(pkg)) {
    if (site.path >= 0) continue;
    const stream = readers.of(site);
    const at = site.fn.placeOfMethod(site.node);
    if (stream.kind === 'limited')
      report.exempt({ reason: 'limited', at, where: stream.where, data: { by: stream.by } });
    if (stream.kind !== 'decoded' || site.way === 'line') continue;
    const announced =
      pkg.language === 'rust' || site.decoder !== undefined || isArchiveEntry(site)
        ? testsUnpackedLength(site.fn, site.node)
        : undefined;
    if (announced) {
      report.exempt({
        reason: 'limited',
        at,
        where: announced,
        data: { by: 'a test of the announced length' },
      });
      continue;
    }
    const reach = phases.at(site.fn, site.node);
    if (!runs(reach)) {
      if (reach.startup) report.exempt({ reason: 'start-up-only', at, data: { fn: site.fn.label } });
      continue;
    }
    const author =
      pkg.language === 'go'
        ? Provenance.of(pkg.program).of(site.fn, site.reader)
        : stream.from && ByteSources.of(pkg.program).of(stream.from.fn, stream.from.bytes);
    const inside = insideReason(author);
    if (author && inside) {
      report.exempt({ reason: inside, at, where: author.at, data: { by: author.why } });
      continue;
    }
    const log = fedByLog(site.fn);
    if (log) {
      report.exempt({ reason: 'own-data', at, where: placeOfName(log), data: { by: LOG } });
      continue;
    }
    const packed = packedHere(site);
    if (packed) {
      report.exempt({ reason: 'own-data', at, ...packed });
      continue;
    }
    const command = inCommand(site.fn, site.node);
    if (command) {
      report.exempt({ ...command, at });
      continue;
    }
    // Whose bytes Rust's decoders are given is told by where the stream begins, or is not seen.
    const isSeen = pkg.language === 'go' || isWrittenByOutsider(author);
    const sure = onlyIfSeen(confidenceInInput(site.fn, reach, author), isSeen);
    const layer = sure === 'high' && layerDecodes.test(stream.decoder) ? layerBefore(pkg) : undefined;
    const isPicture = stream.decoder === PICTURE;
    report.find({
      message: isPicture ? 'pixels' : 'unlimited',
      at,
      // Much of what a service unpacks it has packed itself: pages of a store, archives, its own messages.
      confidence:
        pkg.language === 'rust' && author?.who === 'unknown'
          ? 'low'
          : layer || (sure === 'high' && (stream.answer || site.way === 'decode'))
            ? 'medium'
            : sure,
      related: [
        {
          ...stream.where,
          message: isPicture
            ? 'read from here; a picture of a few kilobytes may have any number of pixels'
            : 'decompressed from here; a limit on the compressed bytes does not bound this',
        },
        ...(layer
          ? [{ ...layer, message: 'this layer may have unpacked it before, under the limits behind it' }]
          : []),
      ],
      fixes: site.decoder === undefined ? limitFix(site) : [],
      data: {
        verb: site.verb,
        decoder:
          isPicture || stream.decoder === 'an archive entry' ? stream.decoder : `\`${stream.decoder}\``,
      },
    });
  }
}

/** Go: a reader of `archive/tar` gives no more than its header has said: https://pkg.go.dev/archive/tar#Reader.Read */
function isArchiveEntry({ fn, reader }: WholeReadSite): boolean {
  const type = reader < 0 ? undefined : Values.of(fn.package.program).typeOf(fn, reader);
  return type !== undefined && peel(type).type.name === 'archive/tar.Reader';
}

/** Go: what is unpacked stands in a field that the program fills itself: `job.Payload = snappy.Encode(nil, args.Payload)`. */
function packedHere({
  fn,
  reader,
}: WholeReadSite): { readonly where: Place; readonly data: { readonly by: string } } | undefined {
  const { code } = fn;
  if (fn.package.language !== 'go' || reader < 0 || code.kind(reader) !== Kind.Field) return undefined;
  const values = Values.of(fn.package.program);
  const owner = values.typeOf(fn, code.child(reader, Role.Object));
  const decl = owner && peel(owner).type.decl;
  const writes = decl ? Writes.of(fn.package.program).toField(decl, code.name(reader)) : [];
  const filled = writes.filter(
    ({ file, value }) => !(value >= 0 && file.code.is(value, Kind.Literal, 'nil')),
  );
  const packing = ({ file, value }: Write) => value >= 0 && packs.test(callName(file.code, value));
  const [write] = filled;
  if (!write || !filled.every(packing)) return undefined;
  const { file, value } = write;
  const where = file.place(file.code.span(value));
  return { where, data: { by: `\`${callName(file.code, value)}\`, which fills \`${code.name(reader)}\`` } };
}

/** `web::Payload` of actix-web, which a handler reads piece by piece. */
function isRawStream({ fn, reader }: WholeReadSite): boolean {
  const type = reader < 0 ? undefined : Values.of(fn.package.program).typeOf(fn, reader);
  return type !== undefined && lastSegment(peel(type).type.name) === 'Payload';
}
