import type { DirectiveFile } from '../../core/directive.ts';
import { nearest } from '../../core/nearest.ts';
import { defineRule } from '../../core/rule.ts';
import { spanOfWord, withoutRules } from '../shared/fixes/directive-edits.ts';

export default defineRule({
  id: 'headroom/unknown-rule',
  tier: 'H',
  severity: 'warning',
  summary: 'An ignore directive that names a rule which does not exist',
  messages: {
    unknown: 'There is no rule {rule}',
    similar: 'There is no rule {rule}; did you mean {suggestion}?',
  },
  exemptions: {},
  check(input: DirectiveFile, report) {
    for (const directive of input.directives)
      for (const rule of directive.unknown) {
        const span = spanOfWord(input, directive, rule);
        const at = { file: input.file, span };
        const remove = {
          title: `Remove ${rule} from the ignore`,
          applicability: 'maybe-incorrect' as const,
          edits: () => withoutRules(input, directive, [rule]),
        };
        const suggestion = nearest(rule, input.knownRules);
        if (suggestion === undefined)
          report.find({ message: 'unknown', data: { rule }, at, confidence: 'high', fixes: [remove] });
        else
          report.find({
            message: 'similar',
            data: { rule, suggestion },
            at,
            confidence: 'high',
            fixes: [
              {
                title: `Change to ${suggestion}`,
                applicability: 'maybe-incorrect',
                edits: () => [{ file: input.file, span, newText: suggestion }],
              },
              remove,
            ],
          });
      }
  },
});
