import { saidBounded, saidOpen } from '../knowledge/said.ts';
import { Kind, type NodeId } from '../syntax/node.ts';
import type { Fn } from './program.ts';

/**
 * The comments right above the statement of a node, or at its end, say in free words that nothing piles up there. What
 * stands below another one without a bound is meant as well.
 */
export function isSaidBounded(fn: Fn, node: NodeId): boolean {
  const text = fn.package.text(fn.file.facts.file);
  const statement = fn.code.ancestor(node, (a) => fn.code.kind(a) === Kind.Let);
  const start = fn.code.start(statement < fn.first ? node : statement);
  const end = text.indexOf('\n', start);
  const line = text.slice(text.lastIndexOf('\n', start - 1) + 1, end < 0 ? text.length : end);
  const said = [line.includes('//') ? line.slice(line.indexOf('//')) : ''];
  // An empty line may stand between what is explained at length and its statement.
  let isApart = false;
  for (let at = text.lastIndexOf('\n', start - 1); at > 0; ) {
    const from = text.lastIndexOf('\n', at - 1) + 1;
    const above = text.slice(from, at).trim();
    if (above.startsWith('//')) said.unshift(above.replace(/^\/+!?\s*/, ''));
    else if (above === '' && said.length === 1 && !isApart) isApart = true;
    else if (said.length > 1 || !above.includes('unbounded')) break;
    at = from - 1;
  }
  const words = said.join(' ');
  return saidBounded.test(words) && !saidOpen.test(words);
}
