/** The ledger of a container as a bar against its request and limit. Patterns tell the classes apart, not colour alone. */

import { bytesText, rangeText } from '../budget/describe.ts';
import type { ContainerEntry } from '../review/document.ts';

/** Units of the drawing; it is scaled to the width there is. */
const WIDTH = 720;
const LEFT = 4;
const RIGHT = WIDTH - 60;
const BAR = { y: 26, height: 26 };
const RESERVED = { y: 64, height: 10 };
/** Below the bar: the row of what is reserved, and the labels of what was measured and of the request. */
const ROWS = { bar: 60, reserved: 18, request: 18, measured: 18 };
/** A part narrower than this cannot be seen. */
const NARROWEST = 2;

interface Part {
  readonly kind: 'committed' | 'filled' | 'tmpfs' | 'pacing';
  readonly bytes: number;
}

/** The parts of the bar, from what is certain to what may come. */
function partsOf({ committed, filled, tmpfs, betweenCollections }: ContainerEntry): Part[] {
  const parts: Part[] = [
    { kind: 'committed', bytes: committed.high },
    { kind: 'filled', bytes: filled.high },
    { kind: 'tmpfs', bytes: tmpfs },
    { kind: 'pacing', bytes: betweenCollections },
  ];
  return parts.filter((p) => p.bytes > 0);
}

const LABELS: Readonly<Record<Part['kind'] | 'reserved', string>> = {
  committed: 'committed: written at start',
  filled: 'filled: with use, and stays',
  tmpfs: 'volumes in memory',
  pacing: 'Go, between collections',
  reserved: 'reserved: address space, no memory until it is written',
};

/** @param id unique in the page, for the patterns */
export function LedgerChart({ container, id }: { readonly container: ContainerEntry; readonly id: string }) {
  const parts = partsOf(container);
  const { limit, request, reserved, unbounded } = container;
  const peak = container.measured?.bytes;
  const sum = parts.reduce((total, p) => total + p.bytes, 0);
  const most = Math.max(sum, limit?.bytes ?? 0, request?.bytes ?? 0, peak ?? 0, 1);
  const x = (bytes: number) => LEFT + (Math.min(bytes, most * 1.08) / (most * 1.08)) * (RIGHT - LEFT);
  let from = 0;
  const drawn = parts.map((part) => {
    const start = from;
    from += part.bytes;
    return { ...part, x: x(start), width: Math.max(NARROWEST, x(from) - x(start)) };
  });
  const requestShown = request && request.bytes !== limit?.bytes ? request : undefined;
  const marks = ROWS.bar + (reserved > 0 ? ROWS.reserved : 0) + (peak === undefined ? 0 : ROWS.measured);
  const height = marks + (requestShown ? ROWS.request : 0);
  const isOver = limit !== undefined && sum > limit.bytes;
  return (
    <figure class="ledger">
      <svg viewBox={`0 0 ${WIDTH} ${height}`} role="img" aria-labelledby={`${id}-title`}>
        <title id={`${id}-title`}>{spoken(container, parts)}</title>
        <defs>
          <pattern
            id={`${id}-filled`}
            width="7"
            height="7"
            patternUnits="userSpaceOnUse"
            patternTransform="rotate(45)"
          >
            <rect width="7" height="7" class="ground-filled" />
            <line x1="0" y1="0" x2="0" y2="7" class="ink" />
          </pattern>
          <pattern id={`${id}-tmpfs`} width="6" height="6" patternUnits="userSpaceOnUse">
            <rect width="6" height="6" class="ground-tmpfs" />
            <circle cx="3" cy="3" r="1.2" class="dot" />
          </pattern>
          <pattern id={`${id}-pacing`} width="6" height="6" patternUnits="userSpaceOnUse">
            <line x1="0" y1="3" x2="6" y2="3" class="ink-pacing" />
          </pattern>
        </defs>
        <line x1={LEFT} x2={RIGHT} y1={BAR.y + BAR.height} y2={BAR.y + BAR.height} class="axis" />
        {drawn.map((p) => (
          <rect
            key={p.kind}
            x={p.x}
            y={BAR.y}
            width={p.width}
            height={BAR.height}
            class={`part ${p.kind}`}
            {...(p.kind === 'committed' ? {} : { fill: `url(#${id}-${p.kind})` })}
          />
        ))}
        {unbounded.length > 0 && (
          <g class="open">
            <path d={`M${x(sum) + 4} ${BAR.y + BAR.height / 2} H${RIGHT + 14} m-6 -5 l6 5 l-6 5`} />
          </g>
        )}
        {reserved > 0 && (
          <rect
            x={LEFT}
            y={RESERVED.y}
            width={Math.max(NARROWEST, x(reserved) - LEFT)}
            height={RESERVED.height}
            class="part reserved"
          />
        )}
        {peak !== undefined && (
          <Mark at={x(peak)} label={`measured ${bytesText(peak)}`} kind="measured" bottom={marks} />
        )}
        {requestShown && (
          <Mark
            at={x(requestShown.bytes)}
            label={`request ${requestShown.text}`}
            kind="request"
            bottom={height}
          />
        )}
        {limit && (
          <Mark
            at={x(limit.bytes)}
            label={`limit ${limit.text}`}
            kind={isOver ? 'limit over' : 'limit'}
            bottom={height}
          />
        )}
      </svg>
      <figcaption>
        <ul class="legend">
          {drawn.map((p) => (
            <li key={p.kind}>
              <Swatch kind={p.kind} id={id} />
              {LABELS[p.kind]} <b>{amount(container, p)}</b>
            </li>
          ))}
          {reserved > 0 && (
            <li>
              <Swatch kind="reserved" id={id} />
              {LABELS.reserved} <b>{bytesText(reserved)}</b>
            </li>
          )}
          {unbounded.length > 0 && (
            <li>
              <span class="arrow" aria-hidden="true">
                ⟶
              </span>{' '}
              without a bound: <b>{unbounded.length}</b>
            </li>
          )}
        </ul>
      </figcaption>
    </figure>
  );
}

function Mark({
  at,
  label,
  kind,
  bottom,
}: {
  readonly at: number;
  readonly label: string;
  readonly kind: string;
  readonly bottom: number;
}) {
  const isBelow = kind === 'request' || kind === 'measured';
  const isRight = at > WIDTH * 0.6;
  return (
    <g class={`mark ${kind}`}>
      <line
        x1={at}
        x2={at}
        y1={isBelow ? BAR.y - 4 : 14}
        y2={isBelow ? bottom - 14 : BAR.y + BAR.height + 6}
      />
      <text
        x={isRight ? at - 4 : at + 4}
        y={isBelow ? bottom - 4 : 20}
        {...(isRight ? { 'text-anchor': 'end' as const } : {})}
      >
        {label}
      </text>
    </g>
  );
}

function Swatch({ kind, id }: { readonly kind: Part['kind'] | 'reserved'; readonly id: string }) {
  return (
    <svg class="swatch" viewBox="0 0 14 14" aria-hidden="true">
      <rect
        x="1"
        y="1"
        width="12"
        height="12"
        class={`part ${kind}`}
        {...(kind === 'committed' || kind === 'reserved' ? {} : { fill: `url(#${id}-${kind})` })}
      />
    </svg>
  );
}

function amount({ committed }: ContainerEntry, part: Part): string {
  if (part.kind === 'committed') return rangeText(committed);
  return part.kind === 'filled' || part.kind === 'pacing'
    ? `up to ${bytesText(part.bytes)}`
    : bytesText(part.bytes);
}

/** The drawing in words, for who does not see it. */
function spoken(container: ContainerEntry, parts: readonly Part[]): string {
  const { limit, request, reserved, unbounded } = container;
  return [
    `Memory of ${container.name}`,
    ...parts.map((p) => `${LABELS[p.kind]}, ${amount(container, p)}`),
    ...(reserved > 0 ? [`${LABELS.reserved}, ${bytesText(reserved)}`] : []),
    ...(container.measured?.bytes === undefined ? [] : [`measured ${bytesText(container.measured.bytes)}`]),
    ...(request ? [`request ${request.text}`] : []),
    limit ? `limit ${limit.text}` : 'no limit is known',
    ...(unbounded.length > 0 ? [`${unbounded.length} without a bound`] : []),
  ].join('; ');
}
