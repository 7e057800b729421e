/** Listeners that only processes of the same machine reach, wherever they are made. */
import {
  acceptCalls,
  listens,
  localListeners,
  localNetworks,
  loopback,
  socketMakers,
} from '../../knowledge/handlers.ts';
import type { Code } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import { Calls } from '../calls/calls.ts';
import { answersOf } from '../calls/exits.ts';
import { assignmentsTo } from '../places/assignments.ts';
import { Writes } from '../places/writes.ts';
import type { Fn, Package, SourceFile } from '../program.ts';
import { withoutMajor } from '../types/go-types.ts';
import { peel } from '../types/types.ts';
import { Values } from '../types/values.ts';

/** So many names, fields and calls lie between a listener and the call that makes it. */
const MAX_DEPTH = 8;

/** An expression and where it stands: no function where it is the value of a global. */
interface Source {
  readonly file: SourceFile;
  readonly fn: Fn | undefined;
  readonly value: NodeId;
}

/**
 * Every way in which a listener, or a socket for datagrams, is seen to be made opens a file, or binds an address that is
 * written as that of the machine itself; and one is seen. In Go that is also what a configuration has where nobody sets it.
 */
export function isOfOwnMachine(fn: Fn, listener: NodeId): boolean {
  return isOwnListener({ file: fn.file, fn, value: listener }, 0);
}

function isOwnListener(at: Source, depth: number): boolean {
  const { fn, value: n } = at;
  if (!fn || n < 0 || depth > MAX_DEPTH) return false;
  const { code } = fn;
  const { language } = fn.package;
  const inner = (value: NodeId) => value >= 0 && isOwnListener({ ...at, value }, depth + 1);
  const kind = code.kind(n);
  if (kind === Kind.Call || kind === Kind.MethodCall) {
    if (language === 'go' ? opensSocket(fn, n) : localListeners.test(callName(code, n))) return true;
    // A wrapper of the workspace is told the network as well: `netutil.Listen("unix", path)`.
    if (listens[language].test(callName(code, n)) && code.all(n, Role.Arg).some((a) => isSocketName(code, a)))
      return true;
    const made = makers(fn, n);
    if (made) return all(made, depth, isOwnListener);
    const args = code.all(n, Role.Arg);
    // What comes over the connection comes from the same machine as well.
    if (acceptCalls.test(callName(code, n))) return inner(code.child(n, Role.Object));
    if (listens[language].test(callName(code, n)))
      return args.some((value) => isOwnText({ ...at, value }, depth + 1));
    // `tls.NewListener(l, config)`, `TcpListenerStream::new(listener)`, `listener.incoming()`
    return args.some(inner) || (language === 'rust' && inner(code.child(n, Role.Object)));
  }
  if (kind === Kind.Name || kind === Kind.Field) {
    const type = Values.of(fn.package.program).typeOf(fn, n);
    if (type && localListeners.test(peel(type).type.name)) return true;
    return all(sourcesOf(at), depth, isOwnListener);
  }
  // `&proxyproto.Listener{Listener: l}`
  if (kind === Kind.Composite)
    return code.children(n).some((c) => code.is(c, Kind.FieldInit) && inner(code.child(c, Role.Value)));
  return inner(code.child(n, Role.Object));
}

/**
 * An address, a network or a URL, written out or put together of such: `"127.0.0.1:80"`, `"unix"`, `"localhost:" + port`,
 * `&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}`, `&format!("localhost:{port}")`, `(Ipv4Addr::LOCALHOST, port)`,
 * `SocketAddr::new(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 1)), PORT)`.
 */
function isOwnText(at: Source, depth: number): boolean {
  const { file, fn, value: n } = at;
  const { code } = file;
  if (n < 0 || depth > MAX_DEPTH) return false;
  const inner = (value: NodeId | undefined) =>
    value !== undefined && value >= 0 && isOwnText({ ...at, value }, depth + 1);
  switch (code.kind(n)) {
    case Kind.String:
      return loopback.test(code.name(n)) || localNetworks.test(code.name(n));
    case Kind.Path:
      return /(^|::)LOCALHOST$/.test(code.name(n)) || all(sourcesOf(at), depth, isOwnText);
    case Kind.Name:
    case Kind.Field:
      return /^IPv6loopback$/.test(code.name(n)) || all(sourcesOf(at), depth, isOwnText);
    case Kind.Unary:
    case Kind.Try:
      return inner(code.child(n, Role.Object));
    case Kind.Binary:
      return code.name(n) === '+' && inner(code.child(n, Role.Left));
    case Kind.Macro:
    case Kind.Sequence:
      return isOf127(at, code.children(n)[0]) || inner(code.children(n)[0]);
    case Kind.Composite: {
      if (/UnixAddr$/.test(code.name(code.child(n, Role.Type)))) return true;
      const ip = code.children(n).find((c) => code.is(c, Kind.FieldInit, 'IP'));
      return ip !== undefined && inner(code.child(ip, Role.Value));
    }
    case Kind.Call:
    case Kind.MethodCall: {
      const args = code.all(n, Role.Arg);
      if (isOf127(at, args[0])) return true;
      // `address.unwrap_or("127.0.0.1:80")` says what is taken where nobody has said another.
      if (file.facts.language === 'rust' && code.kind(n) === Kind.MethodCall)
        return keepsAddress.test(code.name(n)) && inner(code.child(n, Role.Object));
      const made = fn && makers(fn, n);
      if (made && all(made, depth, isOwnText)) return true;
      return args.some(inner);
    }
    default:
      return false;
  }
}

/** The name of a network of sockets in the file system, as it is written. */
function isSocketName(code: Code, n: NodeId): boolean {
  return code.is(n, Kind.String) && localNetworks.test(code.name(n));
}

/** Rust: methods that make the same address of an address. */
const keepsAddress = /^(parse|into|unwrap|expect|clone|to_string|to_owned|as_str)$/;

/** `Ipv4Addr::new(127, 0, 0, 1)`, `net.IPv4(127, 0, 0, 1)`, `[127, 0, 0, 1]` */
function isOf127({ file }: Source, first: NodeId | undefined): boolean {
  return file.code.is(first ?? -1, Kind.Number, '127');
}

function all(
  sources: readonly Source[] | undefined,
  depth: number,
  is: (source: Source, depth: number) => boolean,
): boolean {
  return sources !== undefined && sources.length > 0 && sources.every((s) => is(s, depth + 1));
}

/** What the functions of the workspace return that a call may mean, where they have not failed. */
function makers(fn: Fn, call: NodeId): readonly Source[] | undefined {
  const targets = Values.of(fn.package.program)
    .callees(fn, call)
    .filter((t) => !t.isTest && t.fact.body >= 0);
  if (targets.length === 0) return undefined;
  return targets.flatMap((t) => withoutNil(answersOf(t, 0).map((value) => ({ file: t.file, fn: t, value }))));
}

/** Where a name or a field has its value from; undefined where somebody else may give it. */
function sourcesOf({ file, fn, value: n }: Source): readonly Source[] | undefined {
  const { code } = file;
  const pkg: Package = file.package;
  const values = Values.of(pkg.program);
  const kind = code.kind(n);
  const ofGlobal = (home: Package | undefined, name: string) => {
    const g = home?.globalMeant(file, name);
    return g && g.fact.value >= 0 && Writes.of(pkg.program).toGlobal(g).length === 0
      ? [{ file: g.file, fn: undefined, value: g.fact.value }]
      : undefined;
  };
  if (kind === Kind.Path) return ofGlobal(pkg, code.name(n));
  if (kind === Kind.Field) {
    const object = code.child(n, Role.Object);
    const imported = fn && values.goPackage(fn, object);
    if (imported !== undefined) return ofGlobal(pkg.program.packageAt(imported), code.name(n));
    const decl = fn && values.declOf(fn, object);
    const writes = decl ? Writes.of(pkg.program).toField(decl, code.name(n)) : [];
    return withoutNil(writes.map((w) => ({ file: w.file, fn: w.fn, value: w.value })));
  }
  const b = fn && values.scope(fn).lookup(code.name(n), code.start(n));
  if (!fn || !b) return ofGlobal(pkg, code.name(n));
  // `var l net.Listener; for { if l, err = net.ListenUnix("unix", addr); err == nil { break } … }`
  if (b.value < 0 && b.source !== 'parameter')
    return withoutNil(assignmentsTo(fn, b).map((value) => ({ file, fn, value })));
  if (b.source !== 'parameter') return b.value < n ? [{ file, fn, value: b.value }] : undefined;
  const sites = Calls.of(pkg.program)
    .sitesOf(fn)
    .filter((s) => !s.fn.isTest);
  return sites.every((s) => s.kind === 'call')
    ? sites.map((s) => ({ file: s.fn.file, fn: s.fn, value: s.fn.code.all(s.node, Role.Arg)[b.index] ?? -1 }))
    : undefined;
}

function withoutNil(sources: readonly Source[]): readonly Source[] {
  return sources.filter(({ file: { code }, value }) => !code.is(value, Kind.Literal, 'nil'));
}

/** `net.ListenUnix("unix", addr)`, containerd's `shim.NewSocket(address)`, `winio.ListenPipe(path, nil)`. */
function opensSocket(fn: Fn, call: NodeId): boolean {
  const { code } = fn;
  const name = callName(code, call);
  const home = Object.hasOwn(socketMakers, name) ? socketMakers[name] : undefined;
  const path = Values.of(fn.package.program).goPackage(fn, code.child(call, Role.Object));
  if (home === undefined || path === undefined) return false;
  const plain = withoutMajor(path);
  return plain.slice(plain.lastIndexOf('/') + 1) === home;
}
