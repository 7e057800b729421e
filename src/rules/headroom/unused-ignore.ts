import type { DirectiveFile } from '../../core/directive.ts';
import { defineRule } from '../../core/rule.ts';
import { spanOfWord, withoutRules } from '../shared/fixes/directive-edits.ts';

export default defineRule({
  id: 'headroom/unused-ignore',
  tier: 'H',
  severity: 'warning',
  summary: 'An ignore directive that silences nothing',
  messages: {
    unused: 'This ignore of {rule} silences nothing',
  },
  exemptions: {},
  check(input: DirectiveFile, report) {
    for (const directive of input.directives)
      for (const rule of directive.unused)
        report.find({
          message: 'unused',
          data: { rule },
          at: { file: input.file, span: spanOfWord(input, directive, rule) },
          confidence: 'high',
          fixes: [
            {
              title: 'Remove the unused ignore',
              applicability: 'machine-applicable',
              edits: () => withoutRules(input, directive, directive.unused),
            },
          ],
        });
  },
});
