import {
  blockingCalls,
  contextNames,
  countingCalls,
  lastingCalls,
  locks,
  loggingCalls,
  passingAwaits,
  passingCalls,
} from '../../knowledge/brief-work.ts';
import { CALLS } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import type { Fn } from '../program.ts';
import { Values } from '../types/values.ts';

const MAX_READ = 40;

/**
 * Go: nothing in what is started can wait: it counts, logs or fills something in, and has ended before there are many.
 * What a library does is only known where its name says so; a call that nobody can tell may wait.
 */
export function isBrief(fn: Fn, work: NodeId): boolean {
  return passesAtOnce(fn, work) === 'counts';
}

/** Nothing in what is started can wait, whatever it is for: the answer to a datagram is one more of them. */
export function endsAtOnce(fn: Fn, work: NodeId): boolean {
  return fn.package.language === 'rust' ? neverWaits(fn, work) : passesAtOnce(fn, work) !== undefined;
}

/**
 * Rust: a task gives up its thread only at an `await`, and each of them is for a datagram that is sent or dropped, for a lock
 * that is held for a moment, or for a function of the workspace that does the same.
 */
function neverWaits(fn: Fn, work: NodeId): boolean {
  const values = Values.of(fn.package.program);
  const seen = new Set<Fn>();
  const passes = (at: Fn, from: NodeId): boolean => {
    const { code } = at;
    for (let n = from; n < code.after(from); n++) {
      const kind = code.kind(n);
      if (kind === Kind.Select || (kind === Kind.Loop && code.child(n, Role.Iter) < 0)) return false;
      const isCall = CALLS[kind] === 1;
      if (isCall && blockingCalls.test(callName(code, n))) return false;
      const call = kind === Kind.Await ? code.child(n, Role.Object) : -1;
      if (call < 0) continue;
      const name = callName(code, call);
      if (passingAwaits.test(name) || (locks.test(name) && code.child(call, Role.Arg) < 0)) continue;
      const targets = values.callees(at, call).filter((t) => t.fact.body >= 0 && !t.isTest);
      if (targets.length === 0) return false;
      for (const target of targets) seen.add(target);
    }
    return true;
  };
  if (work < 0) return false;
  const started = CALLS[fn.code.kind(work)] === 1 ? values.callees(fn, work) : [];
  if (CALLS[fn.code.kind(work)] === 1 && started.length === 0) return false;
  for (const target of started) seen.add(target);
  if (!passes(fn, work)) return false;
  for (const at of seen) if (seen.size > MAX_READ || !passes(at, at.fact.body)) return false;
  return true;
}

function passesAtOnce(fn: Fn, work: NodeId): 'counts' | 'passes' | undefined {
  if (fn.package.language !== 'go' || work < 0) return undefined;
  const values = Values.of(fn.package.program);
  const seen = new Set<Fn>();
  // What does nothing at all says nothing of what it will do.
  let counts = false;
  const passes = (at: Fn, from: NodeId): boolean => {
    const code = at.code;
    for (let n = from; n >= 0 && n < code.after(from); n++) {
      const kind = code.kind(n);
      if (kind === Kind.Select || kind === Kind.Send || kind === Kind.Spawn || code.is(n, Kind.Unary, '<-'))
        return false;
      // A loop over nothing may turn for as long as it likes.
      if (kind === Kind.Loop && code.child(n, Role.Iter) < 0 && code.child(n, Role.Condition) < 0)
        return false;
      if (kind !== Kind.Call && kind !== Kind.MethodCall) continue;
      const name = callName(code, n);
      if (lastingCalls.test(name)) return false;
      if (loggingCalls.test(name)) continue;
      counts ||= countingCalls.test(name);
      const targets = values.callees(at, n).filter((t) => t.fact.body >= 0 && !t.isTest);
      if (targets.length === 0 && (!passingCalls.test(name) || takesContext(at, n))) return false;
      for (const target of targets) seen.add(target);
    }
    return true;
  };
  const kind = fn.code.kind(work);
  const root = kind === Kind.Closure ? fn.code.child(work, Role.Body) : work;
  if (root < 0 || !passes(fn, root)) return undefined;
  for (const at of seen) if (seen.size > MAX_READ || !passes(at, at.fact.body)) return undefined;
  return counts ? 'counts' : 'passes';
}

/** What is given a context asks somebody else. */
function takesContext({ code }: Fn, call: NodeId): boolean {
  return code.all(call, Role.Arg).some((a) => contextNames.test(code.name(a)));
}
