import {
  type CancellationToken,
  type CodeAction,
  type CodeLens,
  type CompletionItem,
  CompletionItemKind,
  type Location,
  LSPErrorCodes,
  MarkupKind,
  ResponseError,
} from 'vscode-languageserver';
import type { Place } from '../core/span.ts';
import { editsOf, offers, readKey } from './actions.ts';
import { rangeOf, spanOf, toInlayHint, toWorkspaceEdit } from './convert.ts';
import type { Project } from './parts.ts';
import {
  ACCEPT,
  type AcceptedFile,
  EXPLAIN,
  REPORT,
  REVIEW,
  type ReportParams,
  SHOW_PLACES,
} from './protocol.ts';
import type { Readiness } from './readiness.ts';
import { reviewDocument, writeReport } from './review.ts';
import type { Session } from './session.ts';
import { displayName, fileOf, uriOf } from './uris.ts';

/** Answers what a person asks about a place, and what is asked of the workspace as a whole. */
export function listenToRequests(session: Session, readiness: Readiness): void {
  const { connection, documents, texts } = session;
  const names = {
    display: (file: string) => displayName(file, session.folders),
    address: (file: string) => session.addressOf(file),
  };

  connection.onHover(async ({ textDocument, position }, token) => {
    await readiness.untilPrepared(fileOf(textDocument.uri), token);
    const document = documents.get(textDocument.uri);
    if (!document) return null;
    const hover = session.guarded('hover', undefined, (p) =>
      p.hover(fileOf(textDocument.uri), document.offsetAt(position), {
        linkTo: (place, line) => `${uriOf(place.file)}#L${line}`,
        showsFindings: session.options.showsFindings === true,
      }),
    );
    if (!hover) return null;
    return {
      range: rangeOf(document, hover.span),
      contents: { kind: MarkupKind.Markdown, value: session.localise(hover.markdown) },
    };
  });

  connection.onCodeLens(async ({ textDocument }, token) => {
    await readiness.untilSettled(token);
    const document = documents.get(textDocument.uri);
    if (!document || !session.shows.lenses) return null;
    return session.guarded('lenses', [], (p) =>
      p.lenses(fileOf(textDocument.uri)).map(({ span, title, targets }): CodeLens => {
        const locations = targets.flatMap((place) => locationOf(place) ?? []);
        const range = rangeOf(document, span);
        // A client that cannot show places still shows the line.
        const command = session.options.showsPlaces ? SHOW_PLACES : '';
        return { range, command: { title, command, arguments: [textDocument.uri, range.start, locations] } };
      }),
    );
  });

  connection.onDefinition(async ({ textDocument, position }, token) => {
    await readiness.untilSettled(token);
    const document = documents.get(textDocument.uri);
    if (!document) return null;
    return session.guarded('definition', null, (p) => {
      const places = p.linkedPlaces(fileOf(textDocument.uri), document.offsetAt(position));
      const found = places.flatMap((place) => locationOf(place) ?? []);
      return found.length > 0 ? found : null;
    });
  });

  function locationOf(place: Place): Location | undefined {
    const target = texts.document(place.file);
    return target && { uri: session.addressOf(place.file), range: rangeOf(target, place.span) };
  }

  connection.languages.inlayHint.on(async ({ textDocument, range }, token) => {
    await readiness.untilKnown(fileOf(textDocument.uri), token);
    const document = documents.get(textDocument.uri);
    if (!document || !session.followed.has(textDocument.uri)) return [];
    const wanted = spanOf(document, range);
    return session.guarded('inlay hints', [], (p) =>
      p
        .inlays(fileOf(textDocument.uri))
        .filter(
          ({ offset, kind }) =>
            wanted.start <= offset && offset <= wanted.end && session.shows.inlays.has(kind),
        )
        .map((inlay) => toInlayHint(inlay, document, texts)),
    );
  });

  connection.onCompletion(({ textDocument, position }) => {
    const document = documents.get(textDocument.uri);
    if (!document) return null;
    return session.guarded('completion', [], (p) =>
      p.complete(fileOf(textDocument.uri), document.offsetAt(position)).map(
        ({ label, description, newText, span }): CompletionItem => ({
          label,
          kind: newText.includes(':') ? CompletionItemKind.Property : CompletionItemKind.EnumMember,
          ...(description ? { documentation: { kind: MarkupKind.Markdown, value: description } } : {}),
          textEdit: { range: rangeOf(document, span), newText },
        }),
      ),
    );
  });

  connection.onCodeAction(async ({ textDocument, range, context }, token) => {
    await readiness.untilKnown(fileOf(textDocument.uri), token);
    await readiness.untilPrepared(fileOf(textDocument.uri), token);
    const document = documents.get(textDocument.uri);
    if (!document) return [];
    const file = fileOf(textDocument.uri);
    return session.guarded('code actions', [], (p) =>
      offers(p, file, textDocument.uri, spanOf(document, range), context).flatMap(
        ({ action, key }): CodeAction[] => {
          if (!key) return [action];
          if (session.client.resolveEdits) return [{ ...action, data: key }];
          const edit = workspaceEdit(p, file, key);
          return edit ? [{ ...action, edit }] : [];
        },
      ),
    );
  });

  connection.onCodeActionResolve(async (action, token) => {
    const key = readKey(action.data);
    if (!key) return action;
    await readiness.untilPrepared(fileOf(key.uri), token);
    const edit = session.guarded('code action', undefined, (p) => workspaceEdit(p, fileOf(key.uri), key));
    if (!edit) throw new ResponseError(LSPErrorCodes.ContentModified, 'The text has changed; ask again.');
    return { ...action, edit };
  });

  function workspaceEdit(p: Project, file: string, key: NonNullable<ReturnType<typeof readKey>>) {
    const edits = editsOf(p, file, key);
    if (!edits) return undefined;
    return toWorkspaceEdit(edits, texts, {
      documentChanges: session.client.documentChanges,
      create: session.client.createFiles,
      version: (f) => session.openByFile(f)?.version ?? null,
    });
  }

  connection.onExecuteCommand(async ({ command, arguments: args }) => {
    const rule: unknown = args?.[0];
    if (command !== EXPLAIN || typeof rule !== 'string') return null;
    const uri = session.page(rule);
    if (session.client.showDocument) await connection.window.showDocument({ uri, external: true });
    return uri;
  });

  connection.onRequest(ACCEPT, async (token: CancellationToken): Promise<AcceptedFile[]> => {
    await readiness.untilSettled(token);
    return session.guarded('accept', [], (p) =>
      p.acceptAll().map(({ file, text, findings }) => ({ uri: uriOf(file), text, findings })),
    );
  });

  connection.onRequest(REVIEW, async (token: CancellationToken) => {
    await readiness.untilSettled(token);
    return session.guarded('review', null, (p) => reviewDocument(p, texts, names));
  });

  connection.onRequest(REPORT, async (params: ReportParams, token: CancellationToken) => {
    await readiness.untilSettled(token);
    const review = session.guarded('report', undefined, (p) => reviewDocument(p, texts, names));
    return review ? writeReport(review, params) : null;
  });
}
