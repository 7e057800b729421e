/** Senders that wait for the answer to what they send: each of them has one message pending. */
import { replyChannels, replyMakers, singleTakes } from '../../knowledge/channels.ts';
import type { Code } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { Calls } from '../calls/calls.ts';
import type { Effect } from '../places/effects.ts';
import type { Fn } from '../program.ts';
import { lastSegment } from '../types/types.ts';
import { Values } from '../types/values.ts';

/** `tx.send(Get(key, reply)); answer.await`: whoever asks has one question pending. */
export function waitsForAnswer({ fn, node }: Pick<Effect, 'fn' | 'node'>): boolean {
  const code = fn.code;
  const { first: body } = fn;
  for (let n = body; n < node; n++) {
    if (code.kind(n) !== Kind.Let) continue;
    const pattern = code.child(n, Role.Pattern);
    const value = code.child(n, Role.Value);
    if (pattern < 0 || value < 0 || code.kind(value) !== Kind.Call) continue;
    const [reply, answer] = code.children(pattern);
    const made = calleeOf(code, value);
    if (
      reply === undefined ||
      answer === undefined ||
      !(replyChannels.test(fn.file.fullPath(made)) || replyMakers.test(lastSegment(made)))
    )
      continue;
    // What is sent carries the other end along; the end that it is sent through does not.
    if (!code.all(node, Role.Arg).some((a) => carries(fn, a, code.name(reply), 0))) continue;
    if (isWaitedFor(fn, code.after(node), code.name(answer))) return true;
  }
  return false;
}

/** The message comes from callers who each wait for the answer to it: `self.send(Get(key, reply))?; answer.await`. */
export function answersAwaited({ fn, value }: Pick<Effect, 'fn' | 'value'>, depth = 0): boolean {
  const code = fn.code;
  const b =
    value >= 0 && code.kind(value) === Kind.Name
      ? Values.of(fn.package.program).scope(fn).lookup(code.name(value), code.start(value))
      : undefined;
  if (b?.source !== 'parameter' || depth > 2) return false;
  const sites = Calls.of(fn.package.program).sitesOf(fn);
  return (
    sites.length > 0 &&
    sites.every((s) => {
      if (s.kind !== 'call') return false;
      const passed = s.fn.code.all(s.node, Role.Arg)[b.index] ?? -1;
      return waitsForAnswer(s) || answersAwaited({ ...s, value: passed }, depth + 1);
    })
  );
}

/** The end of the answer is used behind the send; where it is only handed out, by those who get it. */
function isWaitedFor(fn: Fn, from: NodeId, answer: string): boolean {
  const code = fn.code;
  let handedOut = false;
  for (let n = from; n < fn.after; n++) {
    if (!code.is(n, Kind.Name, answer)) continue;
    if (!isHandedOut(fn, n)) return true;
    handedOut = true;
  }
  if (!handedOut) return false;
  const sites = Calls.of(fn.package.program).sitesOf(fn);
  return sites.every((s) => s.guess || isAwaited(s.fn, s.node, fn.fact.isAsync));
}

/** `Ok(answer)` at the end of a function. */
function isHandedOut({ code, first }: Fn, mention: NodeId): boolean {
  for (let n = mention, up = code.parent(n); up >= first; n = up, up = code.parent(up)) {
    const kind = code.kind(up);
    if (kind === Kind.Return) return true;
    if (kind === Kind.Block && code.children(up).at(-1) === n) {
      if (up === first) return true;
      continue;
    }
    if (kind !== Kind.Call || code.role(n) !== Role.Arg || !/^(Some|Ok)$/.test(calleeOf(code, up)))
      return false;
  }
  return true;
}

/** What a call gives is waited for where it stands, or under the name that it gets. */
function isAwaited(fn: Fn, call: NodeId, isAsync: boolean): boolean {
  const code = fn.code;
  const statement = code.ancestor(call, (a) => code.kind(a) === Kind.Let || code.kind(a) === Kind.Block);
  let awaits = isAsync ? -1 : 0;
  for (let up = code.parent(call); up > statement; up = code.parent(up))
    if (code.kind(up) === Kind.Await || singleTakes.test(code.name(up))) awaits++;
  if (awaits > 0) return true;
  const pattern = code.kind(statement) === Kind.Let ? code.child(statement, Role.Pattern) : -1;
  for (let b = pattern; b >= 0 && b < code.after(pattern); b++) {
    if (code.kind(b) !== Kind.Bind) continue;
    for (let n = code.after(statement); n < fn.after; n++)
      if (
        code.is(n, Kind.Name, code.name(b)) &&
        code.ancestor(n, (a) => code.kind(a) === Kind.Await || singleTakes.test(code.name(a))) >= 0
      )
        return true;
  }
  return false;
}

/** A node mentions a name, or a local that was made with it: `let request = Get(key, reply); tx.send(request)`. */
function carries(fn: Fn, node: NodeId, name: string, depth: number): boolean {
  const code = fn.code;
  for (let n = node; n < code.after(node); n++) if (code.is(n, Kind.Name, name)) return true;
  for (let n = node; depth < 2 && n < code.after(node); n++) {
    if (code.kind(n) !== Kind.Name) continue;
    const b = Values.of(fn.package.program).scope(fn).lookup(code.name(n), code.start(n));
    if (b?.source === 'value' && b.value >= 0 && b.value < node && carries(fn, b.value, name, depth + 1))
      return true;
  }
  return false;
}

function calleeOf(code: Code, call: NodeId): string {
  const callee = code.child(call, Role.Callee);
  return callee < 0 ? '' : code.name(callee);
}
