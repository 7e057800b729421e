import type { DirectiveFile } from '../../core/directive.ts';
import { defineRule } from '../../core/rule.ts';
import { withoutComment } from '../shared/fixes/directive-edits.ts';

export default defineRule({
  id: 'headroom/missing-reason',
  tier: 'H',
  severity: 'warning',
  summary: 'A directive that does not say why',
  messages: {
    missing: 'This `{directive}` gives no reason; write it after `--`',
  },
  exemptions: {},
  check(input: DirectiveFile, report) {
    for (const directive of input.directives) {
      const { body, span } = directive;
      if (body.kind !== 'ignore' && body.kind !== 'ignore-file' && body.kind !== 'bounded') continue;
      if (body.reason !== '') continue;
      const comment = input.text.slice(span.start, span.end);
      const end = span.start + comment.replace(/\s*(?:--)?\s*(?:\*\/)?$/, '').length;
      const tail = comment.endsWith('*/') ? ' */' : '';
      report.find({
        message: 'missing',
        data: { directive: body.kind },
        at: { file: input.file, span },
        confidence: 'high',
        fixes: [
          {
            title: 'Add a reason (fill in why)',
            applicability: 'has-placeholders',
            edits: () => [
              { file: input.file, span: { start: end, end: span.end }, newText: ` -- TODO: say why${tail}` },
            ],
          },
          {
            title: 'Remove the directive',
            applicability: 'maybe-incorrect',
            edits: () => [withoutComment(input, directive)],
          },
        ],
      });
    }
  },
});
