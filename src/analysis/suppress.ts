import { type Directive, type JudgedDirective, targetLine } from '../core/directive.ts';
import type { Finding } from '../core/finding.ts';
import { LineIndex } from '../core/text-position.ts';

/** What is left of a file's findings after its ignores, and what its directives turned out to be. */
export interface Suppression {
  readonly kept: readonly Finding[];
  readonly directives: readonly JudgedDirective[];
}

/**
 * Applies the ignore directives of one file.
 * @param ran answers whether a rule looked at this file; an ignore of a rule that did not run is not called unused.
 * @param known answers whether a rule with that id exists.
 */
export function suppress(
  text: string,
  directives: readonly Directive[],
  findings: readonly Finding[],
  ran: (rule: string) => boolean,
  known: (rule: string) => boolean,
): Suppression {
  const lines = new LineIndex(text);
  const silenced = new Map<Directive, Set<string>>();
  const targets = directives.map((d) => (d.body.kind === 'ignore' ? targetLine(lines, d) : -1));
  const kept = findings.filter((finding) => {
    const line = lines.position(finding.span.start).line;
    let silent = false;
    directives.forEach((directive, i) => {
      const { body } = directive;
      if (body.kind !== 'ignore' && body.kind !== 'ignore-file') return;
      if (!body.rules.includes(finding.rule)) return;
      if (body.kind === 'ignore' && targets[i] !== line) return;
      silent = true;
      const rules = silenced.get(directive);
      if (rules) rules.add(finding.rule);
      else silenced.set(directive, new Set([finding.rule]));
    });
    return !silent;
  });
  return {
    kept,
    directives: directives.map((directive) => {
      const { body } = directive;
      if (body.kind !== 'ignore' && body.kind !== 'ignore-file')
        return { ...directive, unused: [], unknown: [] };
      return {
        ...directive,
        unused: body.rules.filter((r) => known(r) && ran(r) && !silenced.get(directive)?.has(r)),
        unknown: body.rules.filter((r) => !known(r)),
      };
    }),
  };
}
