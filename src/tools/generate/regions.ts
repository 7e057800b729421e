/**
 * Generated parts inside hand-written Markdown: what stands between `<!-- generated: name -->` and the next
 * `<!-- end -->` belongs to the generator, everything else to people.
 */

/** Puts `content` into the region. @throws when the region does not stand in the text exactly once. */
export function replaceRegion(text: string, name: string, content: string, file: string): string {
  const begin = `<!-- generated: ${name} -->\n`;
  const start = text.indexOf(begin);
  const end = text.indexOf('<!-- end -->', start);
  if (start < 0 || end < 0 || text.indexOf(begin, start + 1) >= 0) {
    throw new Error(`${file} needs one region "<!-- generated: ${name} -->" … "<!-- end -->"`);
  }
  return `${text.slice(0, start + begin.length)}${content}${content.endsWith('\n') ? '' : '\n'}${text.slice(end)}`;
}

/** The text with the content of all generated regions taken out: what people wrote. */
export function handWritten(text: string): string {
  return text.replace(/<!-- generated: [\w-]+ -->[\s\S]*?<!-- end -->/g, '');
}
