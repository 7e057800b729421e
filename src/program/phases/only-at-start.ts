import type { NodeId } from '../../syntax/node.ts';
import { Calls } from '../calls/calls.ts';
import type { Fn } from '../program.ts';
import { Phases } from './phases.ts';

/** Names of functions that set something up, or do so for every message: without a caller nobody knows. */
const EITHER = /^(parse|Parse|load|Load|from|From|build|Build|read|Read)/;

/** True for code that is reached while the program starts and, as far as can be seen, never again. */
export function onlyAtStart(fn: Fn, n: NodeId): boolean {
  const { program } = fn.package;
  const reach = Phases.of(program).at(fn, n);
  if (!reach.startup || reach.request || reach.likely || reach.api) return false;
  return !isForEither(fn, 0);
}

/** Nobody calls it, or whoever does is such a function. */
function isForEither(fn: Fn, depth: number): boolean {
  const sites = Calls.of(fn.package.program).sitesOf(fn);
  if (sites.length === 0) return EITHER.test(fn.fact.name);
  return depth < MAX_DEPTH && sites.some((s) => s.fn !== fn && !s.fn.isTest && isForEither(s.fn, depth + 1));
}

const MAX_DEPTH = 2;
