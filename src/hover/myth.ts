import { mythPage } from '../core/links.ts';
import { type MythId, myths } from '../knowledge/myths.ts';

/** A myth as a paragraph: the belief, what is so, and the measurement that settles it. */
export function mythMarkdown(id: MythId): string {
  const { belief, truth, measurement } = myths[id];
  return `**Myth: “${belief}”.** ${truth} *To settle it:* ${measurement} [More](${mythPage(id)})`;
}
