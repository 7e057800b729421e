/** How often code runs, as the rules of the hot path ask it. */

import { callName } from '../../program/calls/call-name.ts';
import { type CallSite, Calls } from '../../program/calls/calls.ts';
import { Heats } from '../../program/phases/heat.ts';
import { Phases } from '../../program/phases/phases.ts';
import type { Evidence } from '../../program/phases/reach.ts';
import type { Fn } from '../../program/program.ts';
import { RustValues } from '../../program/types/rust-values.ts';
import { Values } from '../../program/types/values.ts';
import type { Code } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';

/** What runs when the operator changes or looks at something, not when a client asks: through these no path is hot. */
const ADMINISTRATION =
  /(config|reload|watch|provision|admin|bootstrap|setup|migrat|upgrade|install|refresh|startup|shutdown|close|cleanup|debug|register|init|backup|restore|snapshot|destroy|dump|status|diagnos|stop)/i;
/** Calls between a handler or serving loop and the code: further up, the loop has other work than this. */
const NEAR = 3;
const MAX_VISITED = 60;

/**
 * Proof that a node runs many times per request, from close by: a handler, a loop that serves or the comment
 * `headroom: hot` at most three calls away, none of which is about administration.
 */
export function provenHot(fn: Fn, n: NodeId): Evidence | undefined {
  const phases = Phases.of(fn.package.program);
  const evidence = fn.package.language === 'rust' ? hotInRust(fn, n) : phases.hot(fn, n);
  if (!evidence || evidence.byComment) return evidence;
  return isNear(fn, n) ? evidence : undefined;
}

function hotInRust(fn: Fn, n: NodeId): Evidence | undefined {
  const heat = Heats.of(fn.package.program).at(fn, n);
  return heat?.level === 'hot' ? heat.evidence : undefined;
}

/** Proof from close by that a node runs per request. */
export function provenRequest(fn: Fn, n: NodeId): Evidence | undefined {
  const { request } = Phases.of(fn.package.program).at(fn, n);
  return request && isNear(fn, n) ? request : undefined;
}

function isNear(start: Fn, n: NodeId): boolean {
  const { program } = start.package;
  const phases = Phases.of(program);
  const calls = Calls.of(program);
  if (ADMINISTRATION.test(start.fact.name)) return false;
  if (serves(phases, start, n) || phases.handlers.evidenceOf(start)) return true;
  const seen = new Set<Fn>([start]);
  let level: Fn[] = [start];
  for (let depth = 0; depth < NEAR && seen.size < MAX_VISITED; depth++) {
    const next: Fn[] = [];
    for (const fn of level)
      for (const site of calls.sitesOf(fn)) {
        if (ADMINISTRATION.test(site.fn.fact.name) || !isCertain(site)) continue;
        // Handed on as a value: a handler that is registered.
        if (site.kind === 'reference' && phases.of(fn).request?.at.file === site.fn.file.facts.file)
          return true;
        if (serves(phases, site.fn, site.node) || phases.handlers.evidenceOf(site.fn)) return true;
        if (seen.has(site.fn)) continue;
        seen.add(site.fn);
        next.push(site.fn);
      }
    level = next;
  }
  return false;
}

/** A handler's closure, or a loop that waits for work; one that only waits for time to pass runs seldom. */
function serves(phases: Phases, fn: Fn, n: NodeId): boolean {
  const { request, loops } = phases.context(fn, n);
  const outer = loops.at(-1);
  return request !== undefined && (outer === undefined || !waitsForTime(fn, outer));
}

/** A ticker, a timer or a sleep is all a loop waits for. */
function waitsForTime(fn: Fn, loop: NodeId): boolean {
  const { code } = fn;
  let time = false;
  for (let n = loop; n < code.after(loop); n++) {
    const kind = code.kind(n);
    if (kind === Kind.Unary && code.name(n) === '<-') {
      const from = code.child(n, Role.Object);
      const name =
        code.kind(from) === Kind.Field || code.kind(from) === Kind.MethodCall ? code.name(from) : '';
      if (/^(C|After|Tick)$/.test(name)) time = true;
      else if (!/^(Done|stop\w*|quit|done|closed?)$/i.test(name || code.name(from))) return false;
    } else if (kind === Kind.MethodCall || kind === Kind.Call) {
      const name = callName(code, n);
      if (/^(tick|sleep|sleep_until|Sleep)$/.test(name)) time = true;
      else if (
        /^(accept|recv\w*|receive\w*|read_message|Recv\w*|Receive\w*|Accept\w*|ReadMessage|poll|next_message)$/.test(
          name,
        )
      )
        return false;
    }
  }
  return time;
}

/** The call can only mean this function: the type of what it is called on is known, or it is no method. */
function isCertain({ fn, node, kind }: CallSite): boolean {
  const { code } = fn;
  if (kind !== 'call' || code.kind(node) !== Kind.MethodCall) return true;
  const values = Values.of(fn.package.program);
  const object = code.child(node, Role.Object);
  if (values.goPackage(fn, object) !== undefined || values.typeOf(fn, object)) return true;
  return fn.package.language === 'rust' && RustValues.of(fn.package.program).typeOf(fn, object) !== undefined;
}

/**
 * True where the turns of one loop per request are not all there is: a loop in a loop, a loop here and one at the
 * caller's, or a loop that turns as often as its input has lines or rows.
 */
export function isTight(fn: Fn, n: NodeId): boolean {
  const loops = Phases.of(fn.package.program).turns(fn, n);
  return (
    loops.length > 1 || loops.some((l) => readsInput(fn, l)) || provenHot(fn, fn.fact.body) !== undefined
  );
}

/** `for scanner.Scan()`, `for rows.Next()`, `for line in reader.lines()`. */
export function readsInput(fn: Fn, loop: NodeId): boolean {
  const { code } = fn;
  const source = Math.max(code.child(loop, Role.Condition), code.child(loop, Role.Iter));
  for (let n = source; n >= 0 && n < code.after(source); n++)
    if (
      code.kind(n) === Kind.MethodCall &&
      /^(Scan|Next|More|lines|split|records|deserialize)$/.test(code.name(n))
    )
      return true;
  return false;
}

/** Rust: each turn of a loop waits for somebody. */
export function awaits(code: Code, loop: NodeId): boolean {
  for (let n = loop; n < code.after(loop); n++) if (code.kind(n) === Kind.Await) return true;
  return false;
}
