import type { Finding } from '../core/finding.ts';
import type { Steps } from '../core/steps.ts';
import type { Program } from '../program/program.ts';
import { readAhead } from './read-ahead.ts';
import { checkPackage, type RuleSet, type RunOptions, type Said } from './run-rules.ts';

/** What removes from a collection is often written in another package than what adds to it. */
const BOUNDED_ELSEWHERE = /^(go|rust)\/unbounded-(cache|queue)$/;

/**
 * What rules say of the packages of a program that is a part of the workspace: what is proven by them alone, whatever
 * the other packages hold. Silence means nothing.
 */
export function* glance(program: Program, rules: RuleSet, options: RunOptions): Steps<Said[]> {
  const said: Said[] = [];
  yield* readAhead(program);
  for (const pkg of program.packages) {
    const { findings } = yield* checkPackage(pkg, rules, { ...options, explain: false });
    said.push({ findings: findings.filter(standsAlone), exemptions: [], notices: [] });
  }
  return said;
}

function standsAlone({ rule, confidence }: Finding): boolean {
  return confidence === 'high' && !BOUNDED_ELSEWHERE.test(rule);
}
