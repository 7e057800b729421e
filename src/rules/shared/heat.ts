/** How often code runs, as the rules of the hot path ask it. */
import { Calls } from '../../program/calls.ts';
import { Heats } from '../../program/heat.ts';
import { type Evidence, Phases } from '../../program/phases.ts';
import type { Fn } from '../../program/program.ts';
import type { NodeId } from '../../syntax/node.ts';

/** Names of functions that set something up, or do so for every message: without a caller nobody knows. */
const EITHER = /^(parse|Parse|load|Load|from|From|build|Build|read|Read)/;
/** What runs when the operator changes something, not when a client asks: through these no path is hot. */
const ADMINISTRATION =
  /(config|reload|watch|provision|admin|bootstrap|setup|migrat|upgrade|install|refresh|startup|shutdown|close|cleanup|debug|register|init)/i;
/** Calls between a handler or serving loop and the code: further up, the loop has other work than this. */
const NEAR = 3;
const MAX_VISITED = 60;

/** True for code that is reached while the program starts and, as far as can be seen, never again. */
export function onlyAtStart(fn: Fn, n: NodeId): boolean {
  const { program } = fn.package;
  const reach = Phases.of(program).at(fn, n);
  if (!reach.startup || reach.request || reach.likely || reach.api) return false;
  return !EITHER.test(fn.fact.name) || Calls.of(program).sitesOf(fn).length > 0;
}

/**
 * Proof that a node runs many times per request, from close by: a handler, a loop that serves or the comment
 * `headroom: hot` at most three calls away, none of which is about administration.
 */
export function provenHot(fn: Fn, n: NodeId): Evidence | undefined {
  const phases = Phases.of(fn.package.program);
  const evidence = fn.package.language === 'rust' ? hotInRust(fn, n) : phases.hot(fn, n);
  if (!evidence || evidence.why.startsWith('a comment')) return evidence;
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
  if (phases.context(start, n).request || phases.handlerEvidence(start)) return true;
  const seen = new Set<Fn>([start]);
  let level: Fn[] = [start];
  for (let depth = 0; depth < NEAR && seen.size < MAX_VISITED; depth++) {
    const next: Fn[] = [];
    for (const fn of level)
      for (const site of calls.sitesOf(fn)) {
        if (ADMINISTRATION.test(site.fn.fact.name)) continue;
        // Handed on as a value: a handler that is registered.
        if (site.kind === 'reference' && phases.of(fn).request?.at.file === site.fn.file.facts.file)
          return true;
        if (phases.context(site.fn, site.node).request || phases.handlerEvidence(site.fn)) return true;
        if (seen.has(site.fn)) continue;
        seen.add(site.fn);
        next.push(site.fn);
      }
    level = next;
  }
  return false;
}
