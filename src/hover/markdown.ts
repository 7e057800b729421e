/** Pieces that every hover is made of. */
import { mythPage } from '../core/links.ts';
import type { Place } from '../core/span.ts';
import type { CodeFact } from '../knowledge/code-facts.ts';
import { type MythId, myths } from '../knowledge/myths.ts';

/** Names a place for people, as a link where the face knows how to open it. */
export type PlaceName = (place: Place) => string;

/** The myth that a line invites: what people say, what is so, what would settle it. */
export function mythSection(id: MythId): string {
  const { belief, truth, measurement } = myths[id];
  return `*Myth:* **“${belief}”** — ${truth}\n\n*To settle it:* ${measurement} [More](${mythPage(id)})`;
}

/** A fact with its source, and the myth it answers. */
export function factSection(title: string, fact: CodeFact): string {
  const source = fact.source.startsWith('https://') ? `[source](${fact.source})` : fact.source;
  const myth = fact.myth ? `\n\n${mythSection(fact.myth)}` : '';
  return `**${title}** — ${fact.text} (${source})${myth}`;
}

/** True for the key of a myth. */
export function isMyth(id: string | undefined): id is MythId {
  return id !== undefined && Object.hasOwn(myths, id);
}
