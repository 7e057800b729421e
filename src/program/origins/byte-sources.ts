import type { Place } from '../../core/span.ts';
import {
  accepting,
  clientCrates,
  messageNames,
  messageTypes,
  opening,
  protocolWords,
  storeReads,
  walks,
  writesFormats,
} from '../../knowledge/byte-sources.ts';
import { CALLS } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import { Calls } from '../calls/calls.ts';
import type { Fn, Package, Program, SourceFile } from '../program.ts';
import { lastSegment, peel } from '../types/types.ts';
import { Values } from '../types/values.ts';
import { type Author, Provenance } from './provenance.ts';

/** Rust: whose bytes a function decodes, also where they cannot be followed. One per program. */
export class ByteSources {
  readonly #provenance: Provenance;
  readonly #writers = new Map<SourceFile, Place | null>();
  readonly #asking = new Map<SourceFile, boolean>();
  readonly #clients = new Map<Package, boolean>();

  constructor(program: Program) {
    this.#provenance = Provenance.of(program);
  }

  static of(program: Program): ByteSources {
    return program.derive(makeByteSources);
  }

  /**
   * Whose bytes an expression is, which a function decodes. A function that nobody calls is offered to others; a file
   * that also encodes what it decodes reads what the program has written, unless it is about a protocol.
   */
  of(fn: Fn, bytes: NodeId): Author {
    const kept = isLookedUp(fn, bytes) ? this.#writerIn(fn.file) : undefined;
    if (kept) return { who: 'own', why: 'what the same file writes into the store', at: kept };
    const traced = this.#cursorOf(fn, bytes) ?? this.#chosenFile(fn, bytes) ?? this.#provenance.of(fn, bytes);
    if (traced.who !== 'unknown' && traced.who !== 'caller') return traced;
    if (this.#isClient(fn.package))
      return { who: 'peer', why: 'what the server of this client sends', at: fn.place(bytes) };
    if (isAboutProtocol(fn) && this.#onlyAsks(fn))
      return { who: 'peer', why: 'the answer of a server it asks', at: fn.place(bytes) };
    if (isAboutProtocol(fn))
      return { who: 'outside', why: 'a message of a protocol', at: fn.place(bytes), named: true };
    const message = messagePart(fn, bytes);
    if (message)
      return { who: 'outside', why: 'a part of a message of a protocol', at: message, named: true };
    const writer = this.#writerIn(fn.file);
    if (writer) return { who: 'own', why: 'what the same file writes', at: writer };
    return traced;
  }

  /** Rust: `u32::decode(self)` in what holds the bytes that are left: whoever has written those. */
  #cursorOf(fn: Fn, bytes: NodeId): Author | undefined {
    const { receiver, owner } = fn.fact;
    if (fn.package.language !== 'rust' || receiver === '' || !fn.code.is(bytes, Kind.Name, receiver))
      return undefined;
    for (const method of fn.package.methodsOn(owner)) {
      const { code, first, after, fact } = method;
      for (let n = first; n < after; n++) {
        if (!code.is(n, Kind.Field) || !code.is(code.child(n, Role.Object), Kind.Name, fact.receiver))
          continue;
        const type = Values.of(method.package.program).typeOf(method, n);
        if (type && leftBytes.test(lastSegment(peel(type).type.name))) return this.#provenance.of(method, n);
      }
    }
    return undefined;
  }

  /** `File::open(path)?`, where somebody else says the path, or the directory that it was found in. */
  #chosenFile(fn: Fn, bytes: NodeId): Author | undefined {
    const path = openedPath(fn, bytes);
    if (path < 0) return undefined;
    return this.#chosenBySomebody(fn, path) ?? this.#walked(fn);
  }

  /** `for entry in fs::read_dir(dir)? { unpack(&entry?.path()) }`, here or where the function is called: who has said the directory. */
  #walked(fn: Fn): Author | undefined {
    const callers = Calls.of(fn.package.program)
      .sitesOf(fn)
      .filter((s) => s.kind === 'call' && !s.guess && !s.fn.isTest);
    for (const by of [fn, ...callers.map((s) => s.fn)])
      for (
        let n = by.code.next(CALLS, by.first, by.after);
        n < by.after;
        n = by.code.next(CALLS, n + 1, by.after)
      ) {
        const directory = walks.test(writtenName(by, n)) ? by.code.child(n, Role.Arg) : -1;
        const named = directory < 0 ? undefined : this.#chosenBySomebody(by, directory);
        if (named) return named;
      }
    return undefined;
  }

  /** Somebody else says a path with the call itself; one below a directory that the object was made with is its own. */
  #chosenBySomebody(fn: Fn, path: NodeId): Author | undefined {
    const { code, fact } = fn;
    let root = path;
    while ([Kind.MethodCall, Kind.Unary, Kind.Field, Kind.Try].includes(code.kind(root) as never))
      root = code.child(root, Role.Object);
    if (fact.receiver !== '' && code.is(root, Kind.Name, fact.receiver)) return undefined;
    const author = this.#provenance.of(fn, path);
    return author.who === 'caller' || author.who === 'outside' ? author : undefined;
  }

  /** The crate is what clients of a server are made with, and takes no connections itself. */
  #isClient(crate: Package): boolean {
    let is = this.#clients.get(crate);
    if (is === undefined) {
      is =
        clientCrates.test(crate.dir.slice(crate.program.root.length)) &&
        !calls(crate.serviceFunctions, accepting);
      this.#clients.set(crate, is);
    }
    return is;
  }

  /** The file opens connections, and nothing in its crate takes any. */
  #onlyAsks({ file, package: crate }: Fn): boolean {
    let asks = this.#asking.get(file);
    if (asks === undefined) {
      asks =
        calls(
          file.functions.filter((f) => !f.isTest),
          opening,
        ) && !calls(crate.serviceFunctions, accepting);
      this.#asking.set(file, asks);
    }
    return asks;
  }

  /** A place in a file where numbers or compressed bytes are written the way that others are read in it. */
  #writerIn(file: SourceFile): Place | undefined {
    let known = this.#writers.get(file);
    if (known === undefined) {
      known = null;
      for (const fn of file.functions) {
        if (fn.isTest) continue;
        const { first: body, after } = fn;
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

/** `path` of `BufReader::new(File::open(path)?)`, also by a name; or -1. */
function openedPath(fn: Fn, bytes: NodeId): NodeId {
  const { code } = fn;
  let n = bytes;
  for (let steps = 0; n >= 0 && steps < 12; steps++) {
    const kind = code.kind(n);
    if (kind === Kind.Name) {
      const b = Values.of(fn.package.program).scope(fn).lookup(code.name(n), code.start(n));
      n = b?.source === 'value' && b.value < n ? b.value : -1;
    } else if (kind === Kind.Call) {
      const callee = code.name(code.child(n, Role.Callee));
      if (/(^|::)File::open$/.test(callee)) return code.child(n, Role.Arg);
      n = /(^|::)(new|with_capacity)$/.test(callee) ? (code.all(n, Role.Arg).at(-1) ?? -1) : -1;
    } else n = code.child(n, Role.Object);
  }
  return -1;
}

/**
 * `let Ok(Value::BulkString(raw)) = connection.hget(&key, FIELD).await`: a store gives what somebody has put there, whoever
 * has sent the key.
 */
function isLookedUp(fn: Fn, bytes: NodeId): boolean {
  const { code } = fn;
  let n = bytes;
  for (let steps = 0; n >= 0 && steps < 12; steps++) {
    const kind = code.kind(n);
    if (kind === Kind.Name) {
      const b = Values.of(fn.package.program).scope(fn).lookup(code.name(n), code.start(n));
      n = b && b.source !== 'parameter' ? b.value : -1;
    } else if (kind === Kind.Await) {
      const call = code.child(n, Role.Object);
      if (code.is(call, Kind.MethodCall) && storeReads.test(code.name(call))) return true;
      n = call;
    } else n = code.child(n, Role.Object);
  }
  return false;
}

/** What is left of the bytes that a cursor goes through. */
const leftBytes = /^(slice|array|Bytes|BytesMut|Vec|Cursor)$/;

const callKinds: ReadonlySet<Kind> = new Set([Kind.Call, Kind.MethodCall]);

/** Some of the functions calls something of such a name. */
function calls(functions: readonly Fn[], names: RegExp): boolean {
  return functions.some((fn) => {
    for (let n = fn.first; n < fn.after; n++)
      if (callKinds.has(fn.code.kind(n)) && names.test(callName(fn.code, n))) return true;
    return false;
  });
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

/** `unpack(&message.content)` in another file, with a `message: ClipboardMessage`: where a helper is given a part of what is sent. */
function messagePart(fn: Fn, bytes: NodeId): Place | undefined {
  const { program } = fn.package;
  const values = Values.of(program);
  let root = bytes;
  while (fn.code.kind(root) === Kind.Unary || fn.code.kind(root) === Kind.MethodCall)
    root = fn.code.child(root, Role.Object);
  const b =
    fn.code.kind(root) === Kind.Name
      ? values.scope(fn).lookup(fn.code.name(root), fn.code.start(root))
      : undefined;
  if (b?.source !== 'parameter') return undefined;
  for (const site of Calls.of(program).sitesOf(fn)) {
    if (site.kind !== 'call' || site.guess || site.fn.isTest || site.fn.file === fn.file) continue;
    const { code } = site.fn;
    let part = code.all(site.node, Role.Arg)[b.index] ?? -1;
    while (code.kind(part) === Kind.Unary || code.kind(part) === Kind.MethodCall)
      part = code.child(part, Role.Object);
    const isField = code.kind(part) === Kind.Field;
    const type = isField ? values.typeOf(site.fn, code.child(part, Role.Object)) : undefined;
    // `Frame::Data(payload) => unpack(&payload)`
    const taken = isField ? undefined : values.scope(site.fn).lookup(code.name(part), code.start(part));
    const variant = taken ? code.name(code.parent(taken.node)).split('::').at(-2) : undefined;
    const named = isField ? code.name(code.child(part, Role.Object)) : '';
    if (
      messageTypes.test(lastSegment(variant ?? (type && peel(type).type.name) ?? '')) ||
      messageNames.test(named)
    )
      return site.fn.place(part);
  }
  return undefined;
}
