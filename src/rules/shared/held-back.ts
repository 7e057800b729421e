/** Rust: what stands before a spawn and may keep most of them from being started, or the former ones from running on. */

import { lapses, makesRoomNames, peerWords } from '../../knowledge/rust-spawn.ts';
import { exits } from '../../program/calls/exits.ts';
import type { Fn } from '../../program/program.ts';
import type { SpawnSite } from '../../program/spawns/spawn.ts';
import { Values } from '../../program/types/values.ts';
import { CALLS } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';

/** Somebody who is told of the peer may send it away, a time that has not lapsed, or the oldest gives way when there is no room. */
export function mayBeHeldBack(site: SpawnSite): boolean {
  const { fn, node } = site;
  const { code } = fn;
  if (fn.package.language !== 'rust') return false;
  for (let n = node, up = code.parent(n); up >= fn.first; n = up, up = code.parent(up)) {
    if (code.kind(up) === Kind.Block)
      for (const s of code.children(up)) if (s < n && refuses(fn, s)) return true;
    if (code.kind(up) === Kind.Loop) break;
  }
  return false;
}

/** `match hook.admit(peer.info()).await { Err(_) => continue, … }`, `if last > now - PERIOD { continue }`, `if slab.is_full() { … }` */
function refuses(fn: Fn, statement: NodeId): boolean {
  const { code } = fn;
  const value = code.kind(statement) === Kind.Let ? code.child(statement, Role.Value) : statement;
  if (value < 0) return false;
  switch (code.kind(value)) {
    case Kind.If: {
      const condition = code.child(value, Role.Condition);
      const then = code.child(value, Role.Then);
      if (condition < 0 || !exits(code, then)) return isFull(fn, condition) && takesOneOut(fn, then);
      return isAskedOfPeer(fn, condition) || isLapse(fn, condition);
    }
    case Kind.Match: {
      const subject = code.child(value, Role.Subject);
      const leaves = code.all(value, Role.Arm).some((a) => exits(code, code.child(a, Role.Body)));
      return leaves && subject >= 0 && isAskedOfPeer(fn, subject);
    }
    case Kind.Block:
      return code.children(value).some((s) => refuses(fn, s));
    default:
      return value !== statement && code.child(statement, Role.Else) >= 0 && isAskedOfPeer(fn, value);
  }
}

/** Something is given what the peer is known by, such as its address, and not the connection itself. */
function isAskedOfPeer(fn: Fn, root: NodeId): boolean {
  const { code } = fn;
  for (
    let n = code.next(CALLS, root, code.after(root));
    n < code.after(root);
    n = code.next(CALLS, n + 1, code.after(root))
  )
    if (code.all(n, Role.Arg).some((a) => describesPeer(fn, a))) return true;
  return false;
}

/** `client.ip()`, `info` of `let info = tunnel.info()`. */
function describesPeer(fn: Fn, arg: NodeId): boolean {
  const { code } = fn;
  const n = code.kind(arg) === Kind.Unary ? code.child(arg, Role.Object) : arg;
  const described = (m: NodeId) => code.kind(m) === Kind.MethodCall && peerWords.test(code.name(m));
  if (code.kind(n) !== Kind.Name) return described(n);
  const b = Values.of(fn.package.program).scope(fn).lookup(code.name(n), code.start(n));
  return b?.source === 'value' && b.value >= 0 && described(b.value);
}

/** `last > now - Duration::from_secs(60)`, `last.elapsed() < PERIOD` */
function isLapse(fn: Fn, condition: NodeId): boolean {
  const { code } = fn;
  for (let n = condition; n < code.after(condition); n++) {
    if (code.kind(n) !== Kind.Binary || !/^[<>]=?$/.test(code.name(n))) continue;
    for (let m = n + 1; m < code.after(n); m++) if (lapses.test(code.name(m))) return true;
  }
  return false;
}

function isFull({ code }: Fn, condition: NodeId): boolean {
  return code.is(condition, Kind.MethodCall, 'is_full');
}

function takesOneOut({ code }: Fn, then: NodeId): boolean {
  for (let n = then; then >= 0 && n < code.after(then); n++)
    if (code.kind(n) === Kind.MethodCall && makesRoomNames.test(code.name(n))) return true;
  return false;
}
