/** What the cache rules of both languages share about labels of metrics. */
import type { Reporter } from '../../core/rule.ts';
import { labelValuesOf } from '../../program/bounds/label-values.ts';
import type { Package } from '../../program/program.ts';
import { inCommand } from './commands.ts';
import type { keyedGrowthExemptions } from './unbounded-growth.ts';

export const labelMessages = {
  labels: '`{name}` keeps a series for every `{value}` of a request. Nothing removes any',
} as const;

/** Reports each vector of metrics with a label that somebody outside chooses. */
export function checkLabels(
  pkg: Package,
  report: Reporter<typeof labelMessages, typeof keyedGrowthExemptions>,
): void {
  for (const { fn, node, vector, value, author, dropped } of labelValuesOf(pkg)) {
    const at = fn.placeOfMethod(node);
    const command = inCommand(fn, node);
    if (command) report.exempt({ ...command, at });
    else if (dropped) {
      const by = `\`${dropped.fn.code.name(dropped.node)}\` in \`${dropped.fn.label}\``;
      report.exempt({ reason: 'removed', at, where: dropped.fn.place(dropped.node), data: { by } });
    } else
      report.find({
        message: 'labels',
        at,
        // Who is let in, and by which routes, may leave few of them.
        confidence: 'medium',
        related: [{ ...author.at, message: `it comes from ${author.why}` }],
        data: { name: vector, value },
      });
  }
}
