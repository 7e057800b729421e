/** The review as a page: the same components for a file of its own and for the panel of an editor. */

import type { ComponentChildren } from 'preact';
import { bytesText, ITEM_CLASSES, rangeText } from '../budget/describe.ts';
import type {
  AnswerEntry,
  ContainerEntry,
  FindingEntry,
  ItemEntry,
  PartEntry,
  ReviewDocument,
  ServiceEntry,
  Spot,
  StepEntry,
} from '../review/document.ts';
import type { ReportFace } from './face.ts';
import { LedgerChart } from './ledger-chart.tsx';
import { counted, headline, LANGUAGES, riskText, SEVERITY_SIGNS, SIGNS } from './words.ts';

/** More steps than these are not "next". */
const STEPS = 10;
/** Evidence that is open to the eye; the rest unfolds. */
const OPEN_EVIDENCE = 4;

interface Faced {
  readonly face: ReportFace;
}

export function ReportPage({ review, face }: Faced & { readonly review: ReviewDocument }) {
  const { services, unrun, others, unlinked } = review;
  return (
    <main>
      <header>
        <h1>Memory review</h1>
        <p class="lead">{headline(review)}</p>
        {face.actions && (
          <p class="actions">
            {face.actions.map(({ title, href }) => (
              <a key={href} href={href}>
                {title}
              </a>
            ))}
          </p>
        )}
      </header>
      {services.length > 1 && <Overview services={services} />}
      {services.map((service) => (
        <Service key={service.id} service={service} face={face} notCounted={review.notCounted} />
      ))}
      {unrun && (unrun.findings.length > 0 || services.length === 0) && (
        <section id="unrun" aria-labelledby="unrun-title">
          <h2 id="unrun-title">Code that no container here runs</h2>
          <p>
            {counted(unrun.files, 'file')}
            {unrun.programs.length > 0 && (
              <>
                {' with the '}
                {unrun.programs.length === 1 ? 'program ' : 'programs '}
                <List
                  items={unrun.programs.map((p) => (
                    <NamedPlace key={p.main.file + p.name} name={p.name} spot={p.main} face={face} />
                  ))}
                />
              </>
            )}
            . No limit is known for it. What a container runs can be said with the annotation{' '}
            <code>headroom.dev/source: ./cmd/api</code> on its workload, or under <code>services:</code> in{' '}
            <code>headroom.yaml</code>.
          </p>
          <Part part={unrun} face={face} id="unrun" />
        </section>
      )}
      {unlinked.length > 0 && (
        <section id="unlinked" aria-labelledby="unlinked-title">
          <h2 id="unlinked-title">Containers whose program could not be told</h2>
          <ul class="plain">
            {unlinked.map(({ name, at, why }) => (
              <li key={`${at.file}:${at.line}`}>
                <NamedPlace name={name} spot={at} face={face} />: <Prose text={why} />
              </li>
            ))}
          </ul>
        </section>
      )}
      {others.length > 0 && (
        <section id="others" aria-labelledby="others-title">
          <h2 id="others-title">Manifests that run nothing of this workspace</h2>
          <Findings findings={others} face={face} />
        </section>
      )}
    </main>
  );
}

function Overview({ services }: { readonly services: readonly ServiceEntry[] }) {
  return (
    <nav aria-label="Services">
      <table class="overview">
        <thead>
          <tr>
            <th scope="col">Service</th>
            <th scope="col">Budget and smallest limit</th>
            <th scope="col">Checklist</th>
            <th scope="col">Findings</th>
          </tr>
        </thead>
        <tbody>
          {services.map((s) => (
            <tr key={s.id}>
              <th scope="row">
                <a href={`#${s.id}`}>{s.name}</a>
              </th>
              <td>{smallestOf(s)}</td>
              <td>
                {(['no', 'unknown', 'yes'] as const).map((status) => (
                  <span key={status} class={`count ${status}`}>
                    {SIGNS[status]} {s.checklist.filter((a) => a.status === status).length} {status}{' '}
                  </span>
                ))}
              </td>
              <td>{countsOf(s.findings)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </nav>
  );
}

/** The budget in the container with the least room. */
function smallestOf({ containers }: ServiceEntry): string {
  const [first, ...rest] = containers;
  if (!first) return '';
  const least = rest.reduce(
    (a, b) =>
      (b.limit?.bytes ?? Number.POSITIVE_INFINITY) < (a.limit?.bytes ?? Number.POSITIVE_INFINITY) ? b : a,
    first,
  );
  return `${rangeText(least.total)}${least.limit ? ` of ${least.limit.text}` : ', no limit known'}`;
}

function countsOf(findings: readonly FindingEntry[]): string {
  const counts = (['error', 'warning', 'information', 'hint'] as const)
    .map((severity) => [severity, findings.filter((f) => f.severity === severity).length] as const)
    .filter(([, n]) => n > 0);
  return counts.map(([severity, n]) => counted(n, severity)).join(', ') || 'none';
}

function Service({
  service,
  face,
  notCounted,
}: Faced & { readonly service: ServiceEntry; readonly notCounted: string }) {
  const { id, name, language, main, containers } = service;
  return (
    <section id={id} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{name}</h2>
      <p>
        {LANGUAGES[language]} program of {counted(service.files, 'file')} with{' '}
        <Place spot={main} face={face} />,{' '}
        {containers.length === 1 ? 'run by one container' : `run by ${containers.length} containers`}
      </p>
      <Part part={service} face={face} id={id}>
        <h3>Budget</h3>
        {containers.map((container, i) => (
          <Container
            key={`${container.at.file}:${container.at.line}`}
            container={container}
            same={containers.slice(0, i).find((c) => isSameLedger(c, container))}
            id={`${id}-budget-${i + 1}`}
            face={face}
          />
        ))}
        <p class="note">{sentence(notCounted)}.</p>
      </Part>
    </section>
  );
}

function Part({
  part,
  face,
  id,
  children,
}: Faced & { readonly part: PartEntry; readonly id: string; readonly children?: ComponentChildren }) {
  return (
    <>
      {part.next.length > 0 && (
        <>
          <h3>What to do next</h3>
          <ol class="steps">
            {part.next.slice(0, STEPS).map((step, i) => (
              <Step key={i} step={step} face={face} />
            ))}
          </ol>
          {part.next.length > STEPS && (
            <p class="note">…and {part.next.length - STEPS} more, among the findings below.</p>
          )}
        </>
      )}
      <h3>Checklist</h3>
      <dl class="checklist">
        {part.checklist.map((answer) => (
          <Answer key={answer.id} answer={answer} face={face} />
        ))}
      </dl>
      {children}
      <h3 id={`${id}-findings`}>Findings</h3>
      <Findings findings={part.findings} face={face} />
    </>
  );
}

function Step({ step, face }: Faced & { readonly step: StepEntry }) {
  const risk = riskText(step.risk);
  return (
    <li>
      {risk !== '' && (
        <span class={`risk ${step.risk.kind}`}>
          <span class="sr">at risk: </span>
          {risk}
        </span>
      )}
      <Prose text={step.title} />
      {step.at && (
        <>
          {' '}
          <Place spot={step.at} face={face} />
        </>
      )}
      {step.also.length > 0 && (
        <details>
          <summary>The same in {counted(step.also.length, 'more place')}</summary>
          <ul class="evidence">
            {step.also.map((spot, i) => (
              <li key={i}>
                <Place spot={spot} face={face} />
              </li>
            ))}
          </ul>
        </details>
      )}
      {step.fix !== undefined && (
        <div class="fix">
          Fix: <Prose text={step.fix} />
        </div>
      )}
    </li>
  );
}

function Answer({ answer, face }: Faced & { readonly answer: AnswerEntry }) {
  const { status, question, reason, evidence, more, findOut, page } = answer;
  const shown = evidence.slice(0, OPEN_EVIDENCE);
  const folded = evidence.slice(OPEN_EVIDENCE);
  return (
    <div class={`answer ${status}`}>
      <dt>
        <span class="status">
          <span aria-hidden="true">{SIGNS[status]}</span> {status}
        </span>
        {question}
      </dt>
      <dd>
        <p>
          <Prose text={reason} />.
        </p>
        {shown.length > 0 && <EvidenceList evidence={shown} face={face} />}
        {folded.length > 0 && (
          <details>
            <summary>{folded.length + more} more</summary>
            <EvidenceList evidence={folded} face={face} />
            {more > 0 && <p class="note">…and {more} that are not listed.</p>}
          </details>
        )}
        {status !== 'yes' && (
          <p class="note">
            <Prose text={findOut} />. <a href={face.page(page)}>More in the handbook</a>
          </p>
        )}
      </dd>
    </div>
  );
}

function EvidenceList({ evidence, face }: Faced & { readonly evidence: AnswerEntry['evidence'] }) {
  return (
    <ul class="evidence">
      {evidence.map(({ text, at, where }, i) => (
        <li key={i}>
          <Prose text={text} />
          {at && (
            <>
              {' '}
              <Place spot={at} face={face} />
            </>
          )}
          {where && (!at || where.file !== at.file || where.line !== at.line) && (
            <>
              {', by '}
              <Place spot={where} face={face} />
            </>
          )}
        </li>
      ))}
    </ul>
  );
}

function Container({
  container,
  same,
  id,
  face,
}: Faced & {
  readonly container: ContainerEntry;
  readonly same: ContainerEntry | undefined;
  readonly id: string;
}) {
  const { name, at, link, limit, measured, summary, items, unbounded } = container;
  return (
    <article aria-labelledby={id}>
      <h4 id={id}>
        {name} <Place spot={at} face={face} />
      </h4>
      <p class="note">
        {sentence(summary)}.{' '}
        {limit && (limit.at.file !== at.file || limit.at.line !== at.line) && (
          <>
            The limit stands in <Place spot={limit.at} face={face} />.{' '}
          </>
        )}
        {measured && (
          <>
            Measured, {measured.text} <Place spot={measured.at} face={face} />.{' '}
          </>
        )}
        Link: {link.confidence}, <Prose text={link.evidence} />.
      </p>
      <LedgerChart container={container} id={`${id}-chart`} />
      {same ? (
        <p class="note">The items are those of {same.name}.</p>
      ) : (
        <Items items={items} unbounded={unbounded} container={container} face={face} />
      )}
    </article>
  );
}

function Items({
  items,
  unbounded,
  container,
  face,
}: Faced & {
  readonly items: readonly ItemEntry[];
  readonly unbounded: ContainerEntry['unbounded'];
  readonly container: ContainerEntry;
}) {
  return (
    <details>
      <summary>
        {counted(items.length, 'item')}
        {unbounded.length > 0 && `, ${unbounded.length} without a bound`}
      </summary>
      <table class="items">
        <thead>
          <tr>
            <th scope="col">Class</th>
            <th scope="col">Bytes</th>
            <th scope="col">What</th>
            <th scope="col">How it is counted</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <td>base</td>
            <td class="number">{rangeText(container.base)}</td>
            <td>the program itself</td>
            <td>what an empty program of its kind takes</td>
          </tr>
          {ITEM_CLASSES.flatMap(([which]) => items.filter((i) => i.class === which)).map((item, i) => (
            <tr key={i}>
              <td>{item.class}</td>
              <td class="number">
                {item.class === 'unknown' ? '?' : `${rangeText(item.bytes)}${item.atLeast ? ' or more' : ''}`}
              </td>
              <td>
                <code>{item.name}</code> <Place spot={item.at} face={face} />
              </td>
              <td>
                {item.notes !== '' && (
                  <>
                    <Prose text={item.notes} />
                    <br />
                  </>
                )}
                <span class="note">{item.what}</span>
              </td>
            </tr>
          ))}
          {container.tmpfs > 0 && (
            <tr>
              <td>filled</td>
              <td class="number">{bytesText(container.tmpfs)}</td>
              <td>volumes in memory</td>
              <td>their size limits</td>
            </tr>
          )}
          {unbounded.map((u, i) => (
            <tr key={i} class="without">
              <td>no bound</td>
              <td class="number">–</td>
              <td>
                <code>{u.name}</code> <Place spot={u.at} face={face} />
              </td>
              <td>{u.rule}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

function Findings({ findings, face }: Faced & { readonly findings: readonly FindingEntry[] }) {
  if (findings.length === 0) return <p>None.</p>;
  const grave = findings.filter((f) => f.severity === 'error' || f.severity === 'warning');
  const light = findings.filter((f) => f.severity === 'information' || f.severity === 'hint');
  return (
    <>
      {grave.length > 0 && <FindingList findings={grave} face={face} />}
      {light.length > 0 && (
        <details open={grave.length === 0 && light.length <= 12}>
          <summary>{countsOf(light)}</summary>
          <FindingList findings={light} face={face} />
        </details>
      )}
    </>
  );
}

function FindingList({ findings, face }: Faced & { readonly findings: readonly FindingEntry[] }) {
  return (
    <ul class="findings">
      {findings.map(({ severity, message, rule, at, related, fixes, page }, i) => (
        <li key={i} class={severity}>
          <span class="severity">
            <span aria-hidden="true">{SEVERITY_SIGNS[severity]}</span> {severity}
          </span>
          <div>
            <Prose text={message} /> <Place spot={at} face={face} />{' '}
            <a class="rule" href={face.page(page)}>
              {rule}
            </a>
            {related.length > 0 && (
              <ul class="related">
                {related.map((r, k) => (
                  <li key={k}>
                    <Prose text={r.message} /> <Place spot={r.at} face={face} />
                  </li>
                ))}
              </ul>
            )}
            {fixes[0] !== undefined && (
              <div class="fix">
                Fix: <Prose text={fixes[0]} />
              </div>
            )}
          </div>
        </li>
      ))}
    </ul>
  );
}

function NamedPlace({ name, spot, face }: Faced & { readonly name: string; readonly spot: Spot }) {
  return (
    <>
      {name} <Place spot={spot} face={face} />
    </>
  );
}

function Place({ spot, face }: Faced & { readonly spot: Spot }) {
  const text = `${spot.file}:${spot.line}`;
  const href = face.place(spot);
  return href === undefined ? (
    <code class="place">{text}</code>
  ) : (
    <a class="place" href={href}>
      {text}
    </a>
  );
}

function List({ items }: { readonly items: readonly ComponentChildren[] }) {
  return (
    <>
      {items.map((item, i) => (
        <>
          {i > 0 && ', '}
          {item}
        </>
      ))}
    </>
  );
}

/** Text with code between backticks. */
function Prose({ text }: { readonly text: string }) {
  return (
    <>
      {text.split('`').map((part, i, all) =>
        // An odd backtick at the end opens nothing.
        i % 2 === 1 && i < all.length - 1 ? <code key={i}>{part}</code> : part,
      )}
    </>
  );
}

function isSameLedger(a: ContainerEntry, b: ContainerEntry): boolean {
  return (
    a.tmpfs === b.tmpfs &&
    a.items.length === b.items.length &&
    a.items.every((item, i) => {
      const other = b.items[i] as ItemEntry;
      return item.name === other.name && item.bytes.high === other.bytes.high && item.notes === other.notes;
    })
  );
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
