import type { Connection } from 'vscode-languageserver';
import { TextDocuments } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { TextChange } from './parts.ts';

export interface DocumentEvents {
  opened(document: TextDocument): void;
  /** `changes` in the order in which they apply, each in offsets of the text the one before left. */
  changed(document: TextDocument, changes: readonly TextChange[]): void;
  closed(document: TextDocument): void;
}

/** The documents the editor has open, and their changes as offsets. */
export function watchDocuments(connection: Connection, events: DocumentEvents): TextDocuments<TextDocument> {
  const pending = new Map<string, TextChange[]>();
  const documents = new TextDocuments<TextDocument>({
    create: TextDocument.create,
    update(document, contentChanges, version) {
      const changes = pending.get(document.uri) ?? [];
      pending.set(document.uri, changes);
      for (const change of contentChanges) {
        if ('range' in change) {
          const a = document.offsetAt(change.range.start);
          const b = document.offsetAt(change.range.end);
          changes.push({ span: { start: Math.min(a, b), end: Math.max(a, b) }, newText: change.text });
        } else {
          changes.push({ span: { start: 0, end: document.getText().length }, newText: change.text });
        }
        TextDocument.update(document, [change], version);
      }
      return document;
    },
  });
  documents.onDidOpen(({ document }) => events.opened(document));
  // The event also follows opening; only an update leaves changes behind.
  documents.onDidChangeContent(({ document }) => {
    const changes = pending.get(document.uri);
    pending.delete(document.uri);
    if (changes) events.changed(document, changes);
  });
  documents.onDidClose(({ document }) => {
    pending.delete(document.uri);
    events.closed(document);
  });
  documents.listen(connection);
  return documents;
}
