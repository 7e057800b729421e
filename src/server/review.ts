// The review as the client gets it: places with addresses, and reports whose links are commands.
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { handbookPage, rulePage } from '../core/links.ts';
import type { ReportFace } from '../report/face.ts';
import { documentOf, onlyService, type ReviewDocument } from '../review/document.ts';
import type { Texts } from './convert.ts';
import type { Project } from './parts.ts';
import { OPEN_PLACE, PAGE, type ReportParams } from './protocol.ts';

/** The review of a project with addresses. Each text is indexed once, however many places are in it. */
export function reviewDocument(
  project: Project,
  texts: Texts,
  names: { readonly display: (file: string) => string; readonly address: (file: string) => string },
): ReviewDocument {
  const known = new Map<string, TextDocument | undefined>();
  const textOf = (file: string) => {
    if (!known.has(file)) known.set(file, texts.document(file));
    return known.get(file);
  };
  return documentOf(project.review(), {
    spot({ file, span }) {
      const { line, character } = textOf(file)?.positionAt(span.start) ?? { line: 0, character: 0 };
      return { file: names.display(file), line: line + 1, column: character + 1, uri: names.address(file) };
    },
    text: ({ file, span }) => textOf(file)?.getText().slice(span.start, span.end) ?? '',
  });
}

/** A report in the format the client wants. What makes HTML is loaded when somebody wants HTML. */
export async function writeReport(
  all: ReviewDocument,
  { format, service, actions }: ReportParams,
): Promise<string> {
  const review = (service === undefined ? undefined : onlyService(all, service)) ?? all;
  if (format === 'markdown') {
    const { markdownReview } = await import('../report/markdown.ts');
    return markdownReview(review, {
      place: ({ file, line }) => `${file}#L${line}`,
      page: (address) => address,
    });
  }
  const { htmlReport } = await import('../report/html.tsx');
  return htmlReport(
    review,
    format === 'panel' ? panelFace(actions ?? []) : { place: () => undefined, page: (a) => a },
  );
}

/** Links that an editor understands: commands, which a panel may allow one by one. */
function panelFace(actions: NonNullable<ReportParams['actions']>): ReportFace {
  return {
    place: ({ uri, line, column }) =>
      uri === undefined ? undefined : commandAddress(OPEN_PLACE, [uri, line - 1, column - 1]),
    page: (address) => commandAddress(PAGE, [pathOf(address)]),
    actions: actions.map(({ title, command, arguments: args }) => ({
      title,
      href: commandAddress(command, args),
    })),
  };
}

/** `/rules/go/hot-copy` of the address of a page. */
function pathOf(address: string): string {
  const site = rulePage('').slice(0, -'/rules/'.length);
  return address.startsWith(rulePage('')) || address.startsWith(handbookPage(''))
    ? address.slice(site.length)
    : address;
}

function commandAddress(command: string, args: readonly unknown[]): string {
  return `command:${command}?${encodeURIComponent(JSON.stringify(args))}`;
}
