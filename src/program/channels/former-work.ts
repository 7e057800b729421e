/** Work that ends what was started before it, by what stands beside the spawn: likely, since nobody sees that it is heard. */
import { keyLookups } from '../../knowledge/keys.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import { sameText } from '../places/effects.ts';
import type { Fn } from '../program.ts';
import type { SpawnSite } from '../spawns/spawn.ts';
import { livesAroundLoop } from '../spawns/start-guards.ts';
import { Values } from '../types/values.ts';
import { endsOf } from './channel-ends.ts';

/** What is started takes the place of what was started before it, whose connection or channel ends then. */
export function takesItsPlace(site: SpawnSite): boolean {
  return site.fn.package.language === 'go' ? closesTheLast(site) : replacesSender(site);
}

/** `s.conn.Close(); s.conn = conn; go s.read(conn)`: what reads the one before comes to its end. */
function closesTheLast({ fn, node }: SpawnSite): boolean {
  const { code } = fn;
  const loop = code.ancestor(node, (a) => code.kind(a) === Kind.Loop);
  const [from, to] = loop < fn.first ? [fn.first, fn.after] : [loop, code.after(loop)];
  for (let n = from; n < node; n++) {
    if (code.kind(n) !== Kind.MethodCall || !closing.test(code.name(n))) continue;
    const last = code.child(n, Role.Object);
    if (!code.is(last, Kind.Field) && !(code.is(last, Kind.Name) && livesAroundLoop(fn, last))) continue;
    for (let m = code.after(n); m < to; m++)
      if (
        code.is(m, Kind.Assign, '=') &&
        sameText(code, code.child(m, Role.Target), last) &&
        !code.is(code.child(m, Role.Value), Kind.Literal, 'nil')
      )
        return true;
  }
  return false;
}

/** Methods that end a connection, and with it whoever reads it: https://pkg.go.dev/net#Conn */
const closing = /^(Close|CloseWithError|Shutdown|Stop|Cancel)$/;

/**
 * `peer.sender = Some(tx); tokio::spawn(serve(rx))` of a `peer` that was looked up: the receiver of the former task has lost its
 * sender, and that ends.
 */
function replacesSender({ fn, node, work }: SpawnSite): boolean {
  const { code } = fn;
  const scope = Values.of(fn.package.program).scope(fn);
  for (let n = fn.first; n < node; n++) {
    const target = code.kind(n) === Kind.Assign ? code.child(n, Role.Target) : -1;
    const object = target >= 0 && code.kind(target) === Kind.Field ? code.child(target, Role.Object) : -1;
    if (!code.is(object, Kind.Name)) continue;
    const entry = scope.lookup(code.name(object), code.start(object));
    if (!entry || entry.value < 0 || !isLookup(fn, entry.value)) continue;
    const sender = code.after(n) - 1;
    const b = code.is(sender, Kind.Name) ? scope.lookup(code.name(sender), code.start(sender)) : undefined;
    if (b && b.value >= 0 && endsOf(code, b.value)?.sender === b.name && work >= 0) return true;
  }
  return false;
}

function isLookup({ code }: Fn, value: NodeId): boolean {
  for (let n = value; n < code.after(value); n++)
    if (code.kind(n) === Kind.MethodCall && keyLookups.test(callName(code, n))) return true;
  return false;
}
