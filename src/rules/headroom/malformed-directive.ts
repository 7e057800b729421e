import type { DirectiveFile } from '../../core/directive.ts';
import { defineRule } from '../../core/rule.ts';
import { withoutComment } from '../shared/fixes/directive-edits.ts';

export default defineRule({
  id: 'headroom/malformed-directive',
  tier: 'H',
  severity: 'warning',
  summary: 'A `headroom:` comment that cannot be understood',
  messages: {
    malformed: 'This directive has no effect: {problem}',
  },
  exemptions: {},
  check(input: DirectiveFile, report) {
    for (const directive of input.directives) {
      const { body, span } = directive;
      if (body.kind !== 'malformed') continue;
      report.find({
        message: 'malformed',
        data: { problem: body.problem },
        at: { file: input.file, span },
        confidence: 'high',
        fixes: [
          {
            title: 'Remove the comment',
            applicability: 'maybe-incorrect',
            edits: () => [withoutComment(input, directive)],
          },
        ],
      });
    }
  },
});
