import { CST, Lexer } from 'yaml';
import { type Directive, parseDirective } from '../core/directive.ts';
import type { Span } from '../core/span.ts';

/** The `# headroom:` comments of a YAML text in source order. Text inside scalars never counts. */
export function yamlDirectives(text: string): Directive[] {
  if (!text.includes('headroom:')) return [];
  const out: Directive[] = [];
  for (const span of commentSpans(text)) {
    const match = /^#+\s*headroom:(?!\/)(.*)$/s.exec(text.slice(span.start, span.end));
    if (!match) continue;
    const line = text.lastIndexOf('\n', span.start - 1) + 1;
    out.push({
      span,
      alone: text.slice(line, span.start).trim() === '',
      body: parseDirective(match[1] as string),
    });
  }
  return out;
}

/** Comments as the YAML lexer sees them; it also reads broken documents to their end. */
function commentSpans(text: string): Span[] {
  const out: Span[] = [];
  let offset = 0;
  let scalar = false;
  for (const token of new Lexer().lex(text)) {
    if (scalar) {
      scalar = false;
      offset += token.length;
      continue;
    }
    const type = CST.tokenType(token);
    if (type === 'scalar') {
      scalar = true;
      continue;
    }
    // These mark a state and stand for no text.
    if (type === 'doc-mode' || type === 'flow-error-end') continue;
    if (type === 'comment') out.push({ start: offset, end: offset + token.trimEnd().length });
    offset += token.length;
  }
  return out;
}
