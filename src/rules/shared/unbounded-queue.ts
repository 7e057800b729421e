/** What `rust/unbounded-queue` and `go/unbounded-queue` share: lists that one side fills and another works off. */
import type { Reporter } from '../../core/rule.ts';
import type { Effect } from '../../program/effects.ts';
import { type GrowingPlace, growingPlaces, judge, sizeLimit } from '../../program/growth.ts';
import { Phases } from '../../program/phases.ts';
import { declarationOf, displayName } from '../../program/places.ts';
import type { Package } from '../../program/program.ts';

export const queueMessages = {
  queue: '`{name}` is filled in `{producer}` as fast as work arrives and has no limit',
} as const;

export const queueExemptions = {
  'size-tested': 'bounded by a test of its size in `{fn}`',
  flushed: 'bounded by `{verb}` in `{fn}`, which empties it as a whole',
} as const;

/** Takes one element from the front: the consumer of a queue. */
const FIFO = new Set(['pop_front', 'Remove', 'slicing off the front', 'PopFront', 'Dequeue', 'dequeue']);

/** Reports lists that are filled while the service runs, worked off elsewhere, and never refuse an element. */
export function checkQueues(
  pkg: Package,
  report: Reporter<typeof queueMessages, typeof queueExemptions>,
): void {
  for (const growing of growingPlaces(pkg))
    if (growing.container.row.shape === 'list' && !growing.within) checkQueue(pkg, growing, report);
}

function checkQueue(
  pkg: Package,
  growing: GrowingPlace,
  report: Reporter<typeof queueMessages, typeof queueExemptions>,
): void {
  const declared = declarationOf(growing.place);
  const consumer = growing.effects.find((e) => e.kind === 'remove' && FIFO.has(e.verb) && worksOff(pkg, e));
  if (!declared || !consumer) return;
  const limit = sizeLimit(growing);
  if (limit) {
    report.exempt({
      reason: 'size-tested',
      at: declared,
      where: limit.fn.place(limit.node),
      data: { fn: limit.fn.label },
    });
    return;
  }
  const whole = growing.effects.find(
    (e) => e.kind === 'remove' && /^(clear|truncate|drain|retain|Init|clear)$/.test(e.verb),
  );
  if (whole) {
    report.exempt({
      reason: 'flushed',
      at: declared,
      where: whole.fn.place(whole.node),
      data: { verb: whole.verb, fn: whole.fn.label },
    });
    return;
  }
  for (const growth of growing.effects) {
    if (growth.kind !== 'grow' || growth.fn === consumer.fn || growth.fn.file.facts.generated) continue;
    const verdict = judge(pkg, growing, growth);
    if ('verdict' in verdict || verdict.lifetime.verdict !== 'long' || verdict.lifetime.strength !== 'proven')
      continue;
    const { reach } = verdict;
    if (!reach.request && !reach.likely && !reach.api) continue;
    report.find({
      message: 'queue',
      at: growth.fn.place(growth.node),
      confidence: 'medium',
      related: [
        { ...declared, message: `\`${displayName(growing.place)}\` is declared here` },
        { ...consumer.fn.place(consumer.node), message: 'worked off here, one at a time' },
      ],
      data: { name: displayName(growing.place), producer: growth.fn.label },
    });
    return;
  }
}

/** The consumer runs in a loop of its own: it can fall behind. */
function worksOff(pkg: Package, e: Effect): boolean {
  const phases = Phases.of(pkg.program);
  const context = phases.context(e.fn, e.node);
  return context.request !== undefined || context.likely !== undefined || context.loops.length > 0;
}
