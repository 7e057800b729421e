/** A handbook page per myth, from the table that the hovers use. */
import type { Myth } from '../../knowledge/myths.ts';

/** The whole page; nothing in it is written by hand. */
export function mythText({ belief, truth, measurement, facts }: Myth): string {
  const rows = facts.map((f) => {
    const source = f.source.startsWith('https://') ? `[source](${f.source})` : f.source;
    return `- ${f.text.charAt(0).toUpperCase()}${f.text.slice(1)} (${source})\n`;
  });
  return `# “${belief}”

${truth}

## What would settle it for your service

${measurement}

## What this rests on

${rows.join('')}`;
}
