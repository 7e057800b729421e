/**
 * The checklist, answered with evidence. Yes needs evidence that was read; where nothing was found, or only a measurement
 * can tell, the answer is unknown and says why.
 */

import { bytesText, rangeText } from '../budget/describe.ts';
import { type Service, variableOf } from '../budget/services.ts';
import { percentAbove } from '../core/quantity.ts';
import { overlaps, type Place } from '../core/span.ts';
import { type QuestionId, questions } from '../knowledge/checklist.ts';
import { resourceMetrics } from '../manifest/autoscalers.ts';
import { parseGoMemoryLimit } from '../manifest/gomemlimit.ts';
import type { Manifests } from '../manifest/manifests.ts';
import { measuredText } from '../measure/describe.ts';
import { gapsOf, gradeOf, needed, peakOf } from '../measure/measurement.ts';
import { unitName } from '../workload/unit-name.ts';
import type { Judged, Subject } from './subject.ts';

export type Status = 'yes' | 'no' | 'unknown';

/** One thing that was read and bears on an answer. */
export interface Evidence {
  readonly text: string;
  readonly at: Place | undefined;
  /** The text of `at` names the thing, which `text` is about. */
  readonly named?: boolean;
  /** Where the reason stands, when that is elsewhere. */
  readonly where?: Place | undefined;
}

export interface Answer {
  readonly id: QuestionId;
  readonly status: Status;
  /** One sentence without its full stop. */
  readonly reason: string;
  readonly evidence: readonly Evidence[];
}

/** Memory that grows as long as somebody sends. */
const GROWTH = /^(go|rust)\/(unbounded-(cache|channel|queue|spawn)|leak|reference-cycle|goroutine-leak)$/;
const CACHES = /^(go|rust)\/unbounded-(cache|channel|queue)$/;
const CONCURRENCY = /^(go|rust)\/(unbounded-(spawn|concurrency)|goroutine-leak)$/;
const WHOLE = /^(go|rust)\/(unbounded-read|decompression-bomb|untrusted-capacity)$/;
/** Starts that a limit may bound. That a goroutine ends says nothing about how many there are. */
const STARTS = /^(go|rust)\/unbounded-(spawn|concurrency)$/;
/** Reads that a limit may bound. That an allocation is bounded says nothing about reading. */
const READS = /^(go|rust)\/(unbounded-read|decompression-bomb)$/;
const NO_LIMIT = /^(k8s\/(limit-missing|values-empty)|compose\/no-limit)$/;
const LIMIT =
  /^(budget\/(over|tight)|k8s\/(limit-missing|limit-tight|measured-over|oom-seen|implausibly-small|milli-suffix|invalid-quantity|values-empty)|compose\/no-limit)$/;
const RUNTIME =
  /^k8s\/(gomemlimit-\w+|gogc-off|automemlimit-shadowed|fieldref-no-limit|fieldref-wrong-container|overlay-half|static-under-resize|dockerfile-baked)$/;
/** What the start takes at once is often the peak that the limit has to hold. */
const START = /^(go|rust)\/startup-spike$/;
const AUTOSCALING = /^k8s\/hpa-/;

/** Reasons for silence that say nothing about a bound: the thing is not long-lived, or runs for one request alone. */
const NO_BOUND = new Set([
  'short-lived',
  'fresh-value',
  'request-scoped',
  'configuration',
  'small',
  'command',
]);

/** Formulas of ledger items that are a number of threads, tasks or goroutines. */
const THREADS = new Set(['threads', 'blocking-threads', 'goroutines']);

/** Answers every question that can be asked about a subject. */
export function checklistOf(subject: Subject, manifests: Manifests): Answer[] {
  const code = [stable(subject), caches(subject), concurrency(subject)];
  const streaming = streamed(subject);
  if (subject.containers.length === 0) return [...code, streaming];
  const isGo = subject.executable?.language === questions.runtime.language;
  return [
    ...code,
    limit(subject, manifests),
    ...(isGo ? [runtime(subject)] : []),
    reserved(subject),
    streaming,
    autoscaling(subject, manifests),
    measured(subject),
  ];
}

// What code tells -----------------------------------------------------------------------------------------------

function stable(subject: Subject): Answer {
  const growing = foundBy(subject, GROWTH);
  if (growing.length > 0)
    return {
      id: 'stable',
      status: 'no',
      reason: `${things(growing.length)} ${growing.length === 1 ? 'grows' : 'grow'} while the service runs, so memory follows the traffic instead of settling`,
      evidence: growing.map(evidenceOf),
    };
  const doubts = doubtsAbout(subject, GROWTH);
  return {
    id: 'stable',
    status: 'unknown',
    reason:
      doubts.length > 0
        ? `Nothing is proven to grow, but ${things(doubts.length)} could not be judged; only a measurement tells`
        : `Nothing was found that grows in ${files(subject)}; that it settles only a measurement tells`,
    evidence: doubts.map(evidenceOf),
  };
}

function caches(subject: Subject): Answer {
  return boundedBy(subject, {
    id: 'caches',
    rules: CACHES,
    more: filledBuffers(subject),
    no: (n) => `${things(n)} that ${n === 1 ? 'outlives' : 'outlive'} a request ${has(n)} no bound`,
    yes: (n) =>
      n === 1
        ? 'The one that was found is bounded'
        : `${all(n)} caches, maps and queues that were found are bounded`,
    none: `No cache, map or queue that outlives a request was found in ${files(subject)}; what libraries keep was not read`,
  });
}

function concurrency(subject: Subject): Answer {
  const answer = boundedBy(subject, {
    id: 'concurrency',
    rules: CONCURRENCY,
    bounds: STARTS,
    more: threadItems(subject),
    no: (n) =>
      `${things(n)} ${n === 1 ? 'starts' : 'start'} work without a limit to how much there is at once`,
    yes: (n) =>
      n === 1 ? 'The one place that starts work limits it' : `${all(n)} places that start work limit it`,
    none: `No place that starts threads, tasks or goroutines was found in ${files(subject)}`,
  });
  const facts = subject.containers[0]?.review.facts;
  const server = facts?.server;
  if (answer.status === 'no' || !server) return answer;
  const limit = facts.connectionLimit;
  if (limit)
    return {
      ...answer,
      evidence: [...answer.evidence, { text: 'the number of connections is limited', at: limit }],
    };
  // Unlike what it starts itself, this follows the number of clients, which is decided outside.
  return {
    ...answer,
    status: 'unknown',
    reason: `${answer.status === 'yes' ? answer.reason : 'Nothing was found that it starts itself'}; but ${server.by} starts ${server.starts}, and nothing here limits how many`,
    evidence: [...answer.evidence, { text: server.each ?? `${server.by} serves here`, at: server.at }],
  };
}

function streamed(subject: Subject): Answer {
  return boundedBy(subject, {
    id: 'streamed',
    rules: WHOLE,
    bounds: READS,
    more: [],
    no: (n) =>
      `${things(n)} ${n === 1 ? 'holds' : 'hold'} a body, file or result as a whole, whatever its size`,
    yes: (n) =>
      n === 1
        ? 'What is read as a whole in one place has a limit'
        : `What is read as a whole in ${n} places has a limit in each`,
    none: `No place that holds a whole body or file of any size was found in ${files(subject)}; what libraries read was not`,
  });
}

interface Bounded {
  readonly id: QuestionId;
  readonly rules: RegExp;
  /** Rules whose reasons for silence are evidence; those of `rules` by default. */
  readonly bounds?: RegExp;
  /** Evidence of bounds besides the reasons of rules. */
  readonly more: readonly Evidence[];
  readonly no: (count: number) => string;
  readonly yes: (count: number) => string;
  /** The reason of "unknown" when nothing of the kind was found. */
  readonly none: string;
}

/** No when something has no bound; yes when everything that was found has one, each with its reason. */
function boundedBy(
  subject: Subject,
  { id, rules, bounds: evidenced = rules, more, no, yes, none }: Bounded,
): Answer {
  const open = foundBy(subject, rules);
  if (open.length > 0) return { id, status: 'no', reason: no(open.length), evidence: open.map(evidenceOf) };
  const doubts = doubtsAbout(subject, rules);
  const reasons = boundsBy(subject, evidenced);
  // What a rule gave its reason for need not be named again by its size.
  const isNew = ({ at }: Evidence) =>
    !reasons.some((r) => at && r.at?.file === at.file && overlaps(r.at.span, at.span));
  const bounds = [...reasons, ...more.filter(isNew)];
  if (doubts.length > 0) {
    const off = doubts.filter((d) => d.fate === 'off').length;
    const why = off === doubts.length ? 'its rule is switched off' : 'could not be judged';
    return {
      id,
      status: 'unknown',
      reason: `${things(doubts.length)} ${off === doubts.length ? `is not judged: ${why}` : why}${bounds.length > 0 ? `; ${bounds.length} more ${bounds.length === 1 ? 'is' : 'are'} bounded` : ''}`,
      evidence: doubts.map(evidenceOf),
    };
  }
  return bounds.length > 0
    ? { id, status: 'yes', reason: yes(bounds.length), evidence: bounds }
    : { id, status: 'unknown', reason: none, evidence: [] };
}

/** What is there and unbounded, as the rules say; a baseline hides a hazard and does not remove it. */
function foundBy({ judged }: Subject, rules: RegExp): Judged[] {
  return judged.filter((j) => rules.test(j.finding.rule) && (j.fate === 'shown' || j.fate === 'accepted'));
}

function doubtsAbout({ judged }: Subject, rules: RegExp): Judged[] {
  return judged.filter((j) => rules.test(j.finding.rule) && (j.fate === 'unsure' || j.fate === 'off'));
}

/** Each place once, with the reason why it is bounded: what a rule read, or what a person wrote. */
function boundsBy({ judged, exemptions }: Subject, rules: RegExp): Evidence[] {
  const known = new Map<string, Evidence>();
  for (const e of exemptions) {
    if (!rules.test(e.rule) || NO_BOUND.has(e.reason)) continue;
    const key = `${e.file}:${e.span.start}`;
    const at = { file: e.file, span: e.span };
    if (!known.has(key)) known.set(key, { text: e.message, at, named: true, where: e.where });
  }
  for (const { finding, fate, reason } of judged) {
    if (fate !== 'ignored' || !rules.test(finding.rule)) continue;
    const name = /`[^`]+`/.exec(finding.message)?.[0];
    known.set(`${finding.file}:${finding.span.start}`, {
      text: `${name === undefined ? '' : `${name}: `}a comment says: ${reason}`,
      at: { file: finding.file, span: finding.span },
    });
  }
  return [...known.values()];
}

function evidenceOf({ finding, fate, reason }: Judged): Evidence {
  const note =
    fate === 'accepted'
      ? ' (accepted by the baseline)'
      : fate === 'off'
        ? ' (the rule is off)'
        : fate === 'unsure'
          ? ' (not proven)'
          : fate === 'ignored'
            ? ` (a comment says: ${reason})`
            : '';
  return { text: `${finding.message}${note}`, at: { file: finding.file, span: finding.span } };
}

/** Buffers of a known size that fill and stay: the capacity is their bound. */
function filledBuffers({ containers }: Subject): Evidence[] {
  const [first] = containers;
  return (first?.ledger.items ?? [])
    .filter(
      (i) => (i.class === 'filled' || i.class === 'committed') && /chan|cache|queue|mpsc/.test(i.formula),
    )
    .map((i) => ({ text: `\`${i.name}\` has a capacity: ${i.arithmetic}`, at: i.at }));
}

function threadItems({ containers }: Subject): Evidence[] {
  const [first] = containers;
  return (first?.ledger.items ?? [])
    .filter((i) => THREADS.has(i.formula) && i.class === 'committed' && !i.atLeast)
    .map((i) => ({ text: `a fixed number of \`${i.name}\`: ${i.arithmetic}`, at: i.at }));
}

// What manifests tell -------------------------------------------------------------------------------------------

function limit(subject: Subject, manifests: Manifests): Answer {
  const id = 'limit';
  // A comment may say why there is no limit; there is none all the same.
  const ignored = subject.judged.filter((j) => j.fate === 'ignored' && NO_LIMIT.test(j.finding.rule));
  const wrong = [...foundBy(subject, LIMIT), ...ignored];
  if (wrong.length > 0) {
    const missing = wrong.filter((j) => NO_LIMIT.test(j.finding.rule)).length;
    const tight = wrong.length - missing;
    const parts = [
      ...(missing > 0
        ? [`${containersText(missing)} may use all the memory of the node: no limit is set`]
        : []),
      ...(tight > 0
        ? [`${things(tight).toLowerCase()} ${tight === 1 ? 'leaves' : 'leave'} no room for a peak`]
        : []),
    ];
    return { id, status: 'no', reason: sentence(parts.join('; ')), evidence: wrong.map(evidenceOf) };
  }
  const limited = subject.containers.filter((c) => c.limit);
  const measuredPeaks = subject.containers.flatMap((c) => measuredRoom(c, manifests) ?? []);
  if (measuredPeaks.length === subject.containers.length)
    return {
      id,
      status: 'yes',
      reason: 'The measured peak leaves room below each limit',
      evidence: measuredPeaks,
    };
  const peaks = [...measuredPeaks, ...roomyPeaks(subject)];
  const documented = (c: Service) =>
    peaks.some((p) => p.at?.file === c.limit?.where.file && p.at?.span.start === c.limit?.where.span.start);
  if (limited.length === subject.containers.length && limited.every(documented))
    return {
      id,
      status: 'yes',
      reason: 'The peak that is written beside each limit leaves room',
      evidence: peaks,
    };
  const evidence = [
    ...peaks,
    ...limited
      .filter((c) => !documented(c))
      .map((c) => ({
        text: `${unitName(c.unit)}: what is known to take memory takes ${rangeText(c.ledger.total)} of ${c.limit?.text ?? ''}`,
        at: c.limit?.where,
      })),
    ...foundBy(subject, START).map(evidenceOf),
  ];
  const endless = limited.some((c) => c.ledger.unbounded.length > 0);
  return {
    id,
    status: 'unknown',
    reason: endless
      ? 'No limit is large enough for what has no bound; for the rest no measured peak is written down'
      : limited.length === 0
        ? 'No limit is known; values of a release or a LimitRange may set it'
        : 'What is known to take memory leaves room, but no measured peak is written beside the limit',
    evidence,
  };
}

/** That a peak which a limit can be set by leaves room below it; undefined where it does not, or is an estimate. */
function measuredRoom(
  { unit, limit: own, measured: m }: Service,
  manifests: Manifests,
): Evidence | undefined {
  const need = m && needed(m, manifests.headroom(unit.at.file));
  if (!m || !own || need === undefined || need > own.bytes || !/[AB]/.test(gradeOf(m))) return undefined;
  const percent = percentAbove(own.bytes, BigInt(Math.ceil(peakOf(m)?.bytes ?? 0)));
  return {
    text: `${unitName(unit)}: ${own.text} is ${percent} % above the measured peak (${measuredText(m)})`,
    at: own.where,
    where: m.at,
  };
}

/** Limits beside which a peak is written that they leave room for. */
function roomyPeaks({ exemptions }: Subject): Evidence[] {
  return exemptions
    .filter((e) => e.rule === 'k8s/limit-tight' && e.reason === 'roomy')
    .map((e) => ({ text: e.message, at: { file: e.file, span: e.span }, where: e.where }));
}

function runtime(subject: Subject): Answer {
  const id = 'runtime';
  const wrong = foundBy(subject, RUNTIME);
  if (wrong.length > 0)
    return {
      id,
      status: 'no',
      reason: `In ${places(wrong.length)} the collector does not know the limit, or a wrong one`,
      evidence: wrong.map(evidenceOf),
    };
  const told = subject.containers.flatMap((c): Evidence[] => {
    const own = c.review.facts.ownMemoryLimit;
    const variable = variableOf(c.unit, c.link, 'GOMEMLIMIT');
    const set = variable && parseGoMemoryLimit(variable.value ?? '');
    if (variable && set?.kind === 'bytes')
      return [{ text: `${unitName(c.unit)}: GOMEMLIMIT=${variable.value}`, at: variable.at }];
    return own ? [{ text: `${unitName(c.unit)}: ${own.by} sets it`, at: own.at }] : [];
  });
  const limited = subject.containers.filter((c) => c.limit).length;
  if (told.length === subject.containers.length)
    return { id, status: 'yes', reason: 'GOMEMLIMIT is set for every container', evidence: told };
  return {
    id,
    status: 'unknown',
    reason:
      limited === 0
        ? 'No memory limit is known that the runtime could keep to'
        : `GOMEMLIMIT is known for ${told.length} of ${containersText(subject.containers.length)}`,
    evidence: told,
  };
}

function reserved(subject: Subject): Answer {
  const items = (subject.containers[0]?.ledger.items ?? []).filter((i) => i.class === 'reserved');
  const bytes = subject.containers[0]?.ledger.reserved ?? 0;
  return {
    id: 'reserved',
    status: 'unknown',
    reason:
      items.length > 0
        ? `${bytesText(bytes)} of address space are no memory until they are written, and no budget here counts them; what the limit was derived from is not written down`
        : 'Nothing of size that is only reserved was found; what the limit was derived from is not written down',
    evidence: items.map((i) => ({ text: `\`${i.name}\` reserves ${bytesText(i.bytes.high)}`, at: i.at })),
  };
}

function autoscaling(subject: Subject, manifests: Manifests): Answer {
  const id = 'autoscaling';
  const wrong = foundBy(subject, AUTOSCALING);
  const metrics = subject.autoscalers.flatMap((object) => resourceMetrics(object));
  const onMemory = metrics.filter((m) => m.resource === 'memory');
  if (wrong.length > 0 || onMemory.length > 0) {
    const said = new Set(wrong.map((j) => j.finding.file));
    return {
      id,
      status: 'no',
      reason:
        'An autoscaler follows memory: new replicas are at the peak of their start while it takes the average',
      evidence: [
        ...wrong.map(evidenceOf),
        ...onMemory
          .filter((m) => !said.has(m.object.file.file))
          .map((m) => ({ text: 'follows memory', at: { file: m.object.file.file, span: m.name.span } })),
      ],
    };
  }
  if (subject.autoscalers.length > 0) {
    const known = [...new Set(metrics.map((m) => m.resource))].join(', ');
    return {
      id,
      status: 'yes',
      reason: `Its autoscaler follows ${known || 'metrics of its own'}, which the memory of new replicas does not move`,
      evidence: subject.autoscalers.map((o) => ({
        text: `${o.kind} ${o.name ?? ''}`.trim(),
        at: { file: o.file.file, span: o.at },
      })),
    };
  }
  const any = ['HorizontalPodAutoscaler', 'ScaledObject'].some(
    (kind) => manifests.objectsOf(kind).length > 0,
  );
  return {
    id,
    status: 'unknown',
    reason: any
      ? 'None of the autoscalers in this workspace is known to be for it'
      : 'No autoscaler is in this workspace; one may be set up elsewhere',
    evidence: [],
  };
}

function measured(subject: Subject): Answer {
  const id = 'measured';
  const known = subject.containers.flatMap((c) =>
    c.measured ? [{ unit: c.unit, measured: c.measured }] : [],
  );
  const evidence = known.map(({ unit, measured: m }): Evidence => {
    const gaps = gapsOf(m);
    const missing = gaps.length > 0 ? `; not measured: ${gaps.join(', ')}` : '';
    return { text: `${unitName(unit)}: ${measuredText(m)}${missing}`, at: m.at };
  });
  const weak = known.find(({ measured: m }) => !/[AB]/.test(gradeOf(m)));
  if (weak)
    return {
      id,
      status: 'no',
      reason:
        gradeOf(weak.measured) === 'D'
          ? `${unitName(weak.unit)} was killed while it was measured, so that its peak is only known from below`
          : `${unitName(weak.unit)} was measured, but not through a start and a week of traffic in fine steps`,
      evidence,
    };
  if (known.length > 0)
    return known.length === subject.containers.length
      ? {
          id,
          status: 'yes',
          reason: 'It was measured through starts and a week of traffic, with the bursts that were in it',
          evidence,
        }
      : {
          id,
          status: 'unknown',
          reason: `${known.length} of ${containersText(subject.containers.length)} ${known.length === 1 ? 'was' : 'were'} measured`,
          evidence,
        };
  const peaks = roomyPeaks(subject);
  return {
    id,
    status: 'unknown',
    reason:
      peaks.length > 0
        ? 'A peak is written beside a limit, but not under which load it was measured and for how long'
        : 'No measurement is in this workspace',
    evidence: peaks.map((p) => ({ text: 'a peak is written here', at: p.where })),
  };
}

// Words ---------------------------------------------------------------------------------------------------------

function things(n: number): string {
  return n === 1 ? 'One place' : `${n} places`;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

function places(n: number): string {
  return n === 1 ? 'one place' : `${n} places`;
}

function all(n: number): string {
  return n === 2 ? 'Both' : `All ${n}`;
}

function has(n: number): string {
  return n === 1 ? 'has' : 'have';
}

function containersText(n: number): string {
  return n === 1 ? 'one container' : `${n} containers`;
}

function files({ files: { size } }: Subject): string {
  return size === 1 ? 'one file' : `${size} files`;
}
