/** What `rust/unbounded-cache` and `go/unbounded-cache` share: the search for containers that only grow. */
import type { Fix, RelatedPlace } from '../../core/finding.ts';
import type { Reporter } from '../../core/rule.ts';
import type { Place } from '../../core/span.ts';
import type { Steps } from '../../core/steps.ts';
import {
  boundsOf,
  type GrowingPlace,
  growingPlaces,
  hasClosedKeys,
  judge,
  livesShortly,
  selfBounded,
  type Unbounded,
  valueRemoval,
} from '../../program/bounds/growth.ts';
import type { Effect } from '../../program/places/effects.ts';
import { declarationOf, displayName } from '../../program/places/places.ts';
import type { Package } from '../../program/program.ts';
import { Kind, Role } from '../../syntax/node.ts';
import { commandExemption, inCommand } from './commands.ts';
import { entryBytes } from './entry-bytes.ts';

export const growthMessages = {
  request: '`{name}` grows with every {event} and {removal}{bytes}',
  keys: '`{name}` keeps a key for every {event}: what it holds is taken out again, the key stays',
  likely: '`{name}` grows whenever `{fn}` runs and {removal}. Likely, not proven: {doubt}',
} as const;

export const growthExemptions = {
  removed: 'bounded by {by}',
  'size-tested': 'bounded by {by}',
  'closed-keys': 'bounded by {by}',
  'existing-keys': 'bounded by {by}',
  'start-up-only': 'bounded by {by}',
  'fresh-value': 'bounded by {by}',
  'declared-bounded': 'bounded by {by}',
  'bounded-container': 'bounded by {by}',
  'short-lived': 'not long-lived: {by}',
  ...commandExemption,
} as const;

/** Keys tell more: what they are called says what they stand for, and Go's are followed to their writer. */
export const keyedGrowthExemptions = {
  ...growthExemptions,
  'few-keys': 'probably bounded by {by}',
} as const;

/** Reports every container of a package that grows without a bound, and why each other one is silent, a growth a step. */
export function* checkGrowth(
  pkg: Package,
  report: Reporter<typeof growthMessages, typeof keyedGrowthExemptions>,
  fixesFor: (pkg: Package, growing: GrowingPlace, worst: Effect) => readonly Fix[],
): Steps {
  for (const { place, by } of selfBounded(pkg)) {
    const at = declarationOf(place);
    if (at) report.exempt({ reason: 'bounded-container', at, data: { by } });
  }
  const told = new Set<string>();
  for (const growing of growingPlaces(pkg)) {
    yield;
    if (!growing.within || hasClosedKeys(pkg, growing.within))
      yield* checkPlace(pkg, growing, report, fixesFor, told);
  }
}

function* checkPlace(
  pkg: Package,
  growing: GrowingPlace,
  report: Reporter<typeof growthMessages, typeof keyedGrowthExemptions>,
  fixesFor: (pkg: Package, growing: GrowingPlace, worst: Effect) => readonly Fix[],
  /** Inserts that were spoken of: of two places that one may fill, the first is enough. */
  told: Set<string>,
): Steps {
  const declared = declarationOf(growing.place);
  if (!declared) return;
  let worst: Unbounded | undefined;
  let reason:
    | {
        readonly key: keyof typeof keyedGrowthExemptions;
        readonly by: string;
        readonly where?: Unbounded['lifetime']['at'];
      }
    | undefined;
  const matters = (growth: Effect) =>
    !growth.fn.file.facts.generated && (report.explains || !livesShortly(pkg, growing, growth));
  for (const { growth, bound } of boundsOf(pkg, growing, matters)) {
    yield;
    if (bound) {
      reason ??= { key: bound.reason, by: bound.by, where: bound.where };
      continue;
    }
    const verdict = judge(pkg, growing, growth);
    if ('verdict' in verdict) {
      reason ??= { key: 'short-lived', by: verdict.why, where: verdict.at };
      continue;
    }
    if (verdict.few) {
      reason ??= { key: 'few-keys', by: verdict.few };
      continue;
    }
    if (!worst || rank[verdict.confidence] > rank[worst.confidence]) worst = verdict;
  }
  if (!worst) {
    if (reason)
      report.exempt({
        reason: reason.key,
        at: declared,
        data: { by: reason.by },
        ...(reason.where ? { where: reason.where } : {}),
      });
    return;
  }
  const { growth, reach, lifetime, confidence } = worst;
  const insert = `${growth.fn.id}:${growth.node}:${growing.place.name}`;
  if (told.has(insert)) return;
  told.add(insert);
  const at = placeOfGrowth(growth);
  const command = inCommand(growth.fn, growth.node);
  if (command) {
    report.exempt({ ...command, at });
    return;
  }
  const related: RelatedPlace[] = [
    { ...declared, message: `\`${displayName(growing.place)}\` is declared here` },
  ];
  const evidence = reach.request ?? reach.likely;
  const owner = lifetime.at;
  // It may live long because of the very method that brings the growth.
  if (owner && !samePlace(owner, declared) && !(evidence && samePlace(owner, evidence.at)))
    related.push({ ...owner, message: lifetime.why });
  if (evidence) related.push({ ...evidence.at, message: evidence.why });
  const weak = growing.effects.find((e) => e.kind === 'remove' && !e.fn.isTest);
  if (weak)
    related.push({ ...weak.fn.place(weak.node), message: 'this removes from it, and does not bound it' });
  const emptied = weak ? undefined : valueRemoval(pkg, growing);
  if (emptied && evidence) {
    related.push({ ...emptied.fn.place(emptied.node), message: 'this removes from the value of a key' });
    // A key with nothing behind it is small: it takes many of them, and somebody who chooses them.
    report.find({
      message: 'keys',
      at,
      confidence: 'medium',
      related,
      fixes: growing.within ? [] : fixesFor(pkg, growing, growth),
      data: { name: displayName(growing.place), event: eventOf(worst) },
    });
    return;
  }
  const removal = weak ? 'what removes from it does not bound it' : 'nothing removes from it';
  const fixes = growing.within ? [] : fixesFor(pkg, growing, growth);
  if (reach.request && confidence === 'high') {
    report.find({
      message: 'request',
      at,
      confidence,
      related,
      fixes,
      data: {
        name: displayName(growing.place),
        event: eventOf(worst),
        removal,
        bytes: entryBytes(pkg, growing.container),
      },
    });
    return;
  }
  const doubt = worst.doubt ?? doubtOf(worst);
  report.find({
    message: 'likely',
    at,
    confidence,
    related,
    fixes,
    data: { name: displayName(growing.place), fn: growth.fn.label, removal, doubt },
  });
}

const rank = { low: 0, medium: 1, high: 2 } as const;

function samePlace(
  a: { file: string; span: { start: number } },
  b: { file: string; span: { start: number } },
): boolean {
  return a.file === b.file && a.span.start === b.span.start;
}

/** Where a key is given stands for `map⏎.entry(key)⏎.or_insert_with(…)` on lines of their own. */
function placeOfGrowth({ fn, node }: Effect): Place {
  const { code } = fn;
  const entry = code.kind(node) === Kind.MethodCall ? code.child(node, Role.Object) : -1;
  if (entry < 0 || !code.is(entry, Kind.MethodCall, 'entry')) return fn.placeOfMethod(node);
  const { start } = fn.placeOfMethod(entry).span;
  return fn.file.place({ start, end: code.end(node) });
}

/** What the growth happens with: a request, a message, a connection. */
function eventOf({ reach }: Unbounded): string {
  if (reach.request?.loop) return 'message or connection';
  return reach.request?.request ? 'request' : 'event';
}

/** Which of the proofs is only likely, said in the message. */
function doubtOf({ lifetime, reach }: Unbounded): string {
  if (lifetime.verdict !== 'long') return 'how long its owner lives is not known';
  if (lifetime.strength !== 'proven') return lifetime.why;
  if (reach.request?.own) return `${reach.request.why}, and who brings that is not known`;
  return (
    reach.likely?.why ?? reach.guess?.why ?? 'who calls it while the service runs is not in the workspace'
  );
}
