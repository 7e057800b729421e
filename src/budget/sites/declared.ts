/** What a person says of a size, in a comment at a declaration. */
import { type Directive, parseDirective, targetLine } from '../../core/directive.ts';
import { LineIndex } from '../../core/text-position.ts';
import type { Package, SourceFile } from '../../program/program.ts';
import type { Site } from './site.ts';

/** `headroom: budget 64MiB`: it replaces what was found on its line, or stands for what could not be. */
export function declaredSites(pkg: Package, file: SourceFile, sites: Site[]): void {
  const said = file.facts.directives.flatMap((d) => {
    const body = parseDirective(d.text);
    return body.kind === 'budget' ? [{ span: d.span, alone: d.alone, body }] : [];
  });
  if (said.length === 0) return;
  const lines = new LineIndex(pkg.program.text(file.facts.file));
  for (const directive of said satisfies readonly Directive[]) {
    const line = targetLine(lines, directive);
    const bytes = directive.body.kind === 'budget' ? directive.body.bytes : 0;
    const isHere = (s: Site) =>
      s.at.file === file.facts.file && lines.position(s.at.span.start).line === line;
    const found = sites.find(isHere);
    for (let i = sites.length - 1; i >= 0; i--) if (isHere(sites[i]!)) sites.splice(i, 1);
    const start = lines.start(line) + (/^\s*/.exec(lines.line(line))?.[0].length ?? 0);
    const end = lines.start(line) + lines.line(line).length;
    sites.push({
      name:
        found?.name ??
        (/[A-Za-z_]\w*/.exec(lines.line(line).replace(/\b(pub|let|mut|static|const|var|self)\b/g, ''))?.[0] ||
          'what is declared here'),
      fn: undefined,
      node: -1,
      at: found?.at ?? file.place({ start, end }),
      formula: 'declared',
      class: found && found.class !== 'unknown' ? found.class : 'filled',
      amount: undefined,
      element: { bytes: { low: bytes, high: bytes }, atLeast: false },
      bytes: (_, e) => e,
      onHeap: file.facts.language === 'go',
    });
  }
}
