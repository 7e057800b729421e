import type { Confidence, Edit, Fix } from '../../core/finding.ts';
import { defineRule } from '../../core/rule.ts';
import { isService } from '../../program/linkage.ts';
import { broughtNearby } from '../../program/origins/outsiders.ts';
import { isUncalled, Phases } from '../../program/phases/phases.ts';
import type { Reach } from '../../program/phases/reach.ts';
import type { Fn, Package } from '../../program/program.ts';
import { type ConcurrencySite, concurrencySites } from '../../program/spawns/concurrency.ts';
import { type NodeId, Role } from '../../syntax/node.ts';
import { isAskedByMember } from '../shared/authors.ts';
import { commandExemption, inCommand } from '../shared/commands.ts';
import { chooseLimit, replace } from '../shared/fixes/limit-fix.ts';
import { belowImports } from '../shared/fixes/statements.ts';

export default defineRule({
  id: 'rust/unbounded-concurrency',
  tier: 'A',
  severity: 'warning',
  summary: 'All futures of a collection run at once, however many there are',
  note: {
    why: 'Every future holds its buffers and its connection until it ends, and all of them are alive at once. The peak follows the length of the input, not the capacity of the other side.',
    arithmetic: 'length of the collection × what one future holds across its awaits',
    myth: 'fix-without-measuring',
  },
  messages: {
    unlimited: '`{verb}` runs any number of futures at once. Each keeps its buffers until it ends',
    all: '`{verb}` runs as many futures at once as its input has. Each keeps its buffers until it ends',
  },
  exemptions: {
    chosen: 'limited by {by}',
    'start-up-only': 'limited by `{fn}` running only while the program starts',
    ...commandExemption,
  },
  check(pkg: Package, report) {
    if (pkg.language !== 'rust') return;
    const phases = Phases.of(pkg.program);
    for (const { fn, node, verb, limit } of concurrencySites(pkg)) {
      const at = fn.placeOfMethod(node);
      if (limit.kind === 'chosen') {
        report.exempt({ reason: 'chosen', at, data: { by: limit.by } });
        continue;
      }
      const reach = phases.at(fn, node);
      const unreached = (!reach.request && !reach.likely && !reach.api) || isUncalled(pkg, reach);
      // Whoever says that there is no limit says it for whatever comes.
      if (unreached && (reach.startup || limit.kind !== 'none')) {
        if (reach.startup) report.exempt({ reason: 'start-up-only', at, data: { fn: fn.label } });
        continue;
      }
      const command = inCommand(fn, node);
      if (command) {
        report.exempt({ ...command, at });
        continue;
      }
      const evidence = reach.request ?? reach.likely;
      report.find({
        message: limit.kind === 'none' ? 'unlimited' : 'all',
        at,
        // The program asked for no limit, or happens to have none over what somebody else has put together.
        confidence: isAskedByMember(evidence) ? 'medium' : confidenceOf(fn, limit, reach),
        related: evidence ? [{ ...evidence.at, message: evidence.why }] : [],
        fixes: limit.kind === 'none' ? [limitFix(fn, verb, limit.node)] : joinFix(fn, node, verb),
        data: { verb },
      });
    }
  },
});

/**
 * As many as a client lists in the request at hand is as many as it likes; as a stream has, or a client has listed far
 * away, is likely to be many; what else is handed on from far away is as likely a list that the program has put together.
 * A stream that the program says no limit to is mostly of few: the epochs of a chain, the parts of one answer.
 */
function confidenceOf(fn: Fn, limit: ConcurrencySite['limit'], reach: Reach): Confidence {
  const near = reach.request !== undefined && (reach.calls ?? 0) <= NEAR;
  const isSeen = broughtNearby(reach, NEAR) !== undefined;
  if (limit.kind !== 'input') return 'medium';
  if (!limit.known) return 'low';
  if (limit.sent && isSeen) return 'high';
  return limit.sent || near || !isService(fn.package) ? 'medium' : 'low';
}

/** Calls between a handler and what still works on its request. */
const NEAR = 1;

/** `join_all(futures)` as a stream that keeps their order and runs a few at once. */
function joinFix(fn: Fn, node: NodeId, verb: string): readonly Fix[] {
  const { code } = fn;
  const callee = code.child(node, Role.Callee);
  const futures = code.child(node, Role.Arg);
  if (!/^(try_)?join_all$/.test(verb) || callee < 0 || futures < 0) return [];
  const library = /^(futures(_util)?)::/.exec(fn.file.fullPath(code.name(callee)))?.[1];
  const line = library === undefined ? -1 : belowImports(fn);
  if (line < 0) return [];
  const { file } = fn.file.facts;
  const traits = verb === 'join_all' ? ['StreamExt'] : ['StreamExt', 'TryStreamExt'];
  const missing = traits.filter((t) => fn.file.importPath(t) === undefined);
  const imports: Edit = {
    file,
    span: { start: line, end: line },
    newText: missing.map((t) => `\nuse ${library}::${t};`).join(''),
  };
  const collect = verb === 'join_all' ? 'collect' : 'try_collect';
  return [
    chooseLimit(`Run at most 16 at once with \`buffered\``, () => [
      ...(missing.length > 0 ? [imports] : []),
      {
        file,
        span: { start: code.start(node), end: code.start(futures) },
        newText: `${library}::stream::iter(`,
      },
      {
        file,
        span: { start: code.end(futures), end: code.end(node) },
        newText: `).buffered(16).${collect}::<Vec<_>>()`,
      },
    ]),
  ];
}

/** `for_each_concurrent` takes an option of a number, the buffering adapters a number. */
function limitFix(fn: Fn, verb: string, limit: NodeId) {
  const number = fn.code.name(limit) === 'None' ? 'Some(16)' : '16';
  return chooseLimit(`Run at most 16 at once with \`${verb}\``, () => [replace(fn, limit, number)]);
}
