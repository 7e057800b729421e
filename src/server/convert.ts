// Headroom's data to the protocol's: offsets become positions here and nowhere else in the server.
import {
  type CreateFile,
  type Diagnostic,
  DiagnosticSeverity,
  type InlayHint,
  type MarkupContent,
  MarkupKind,
  type Range,
  type TextDocumentEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Inlay } from '../analysis/workspace.ts';
import type { Edit, Finding, Notice, Severity } from '../core/finding.ts';
import type { Span } from '../core/span.ts';
import { SOURCE } from './protocol.ts';
import { uriOf } from './uris.ts';

const severities: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
};

/** Texts by file, as positions: the open document, else what the analysis read. */
export interface Texts {
  document(file: string): TextDocument | undefined;
}

/** A text that is not open, for converting positions. */
export function closedDocument(file: string, text: string): TextDocument {
  return TextDocument.create(uriOf(file), '', 0, text);
}

export function rangeOf(document: TextDocument, span: Span): Range {
  return { start: document.positionAt(span.start), end: document.positionAt(span.end) };
}

export function spanOf(document: TextDocument, range: Range): Span {
  const start = document.offsetAt(range.start);
  return { start, end: Math.max(start, document.offsetAt(range.end)) };
}

export function toDiagnostic(
  finding: Finding,
  document: TextDocument,
  texts: Texts,
  options: { readonly related: boolean; readonly page: (rule: string) => string },
): Diagnostic {
  const diagnostic: Diagnostic = {
    range: rangeOf(document, finding.span),
    severity: severities[finding.severity],
    code: finding.rule,
    codeDescription: { href: options.page(finding.rule) },
    source: SOURCE,
    message: finding.message,
  };
  if (options.related && finding.related.length > 0) {
    diagnostic.relatedInformation = finding.related.flatMap((place) => {
      const target = texts.document(place.file);
      return target
        ? [
            {
              location: { uri: uriOf(place.file), range: rangeOf(target, place.span) },
              message: place.message,
            },
          ]
        : [];
    });
  }
  return diagnostic;
}

/** An inlay as the protocol has it; its text leads to where the value comes from. */
export function toInlayHint(inlay: Inlay, document: TextDocument, texts: Texts): InlayHint {
  const tooltip: MarkupContent = { kind: MarkupKind.Markdown, value: inlay.tooltip };
  const { where } = inlay;
  const target = where && texts.document(where.file);
  const location = target && { uri: uriOf(where.file), range: rangeOf(target, where.span) };
  return {
    position: document.positionAt(inlay.offset),
    label: location ? [{ value: inlay.text, location, tooltip }] : inlay.text,
    tooltip,
    paddingLeft: true,
  };
}

/** A notice about a file, at the line it names. */
export function noticeDiagnostic(notice: Notice, document: TextDocument): Diagnostic {
  const [, number, message] = /^line (\d+): (.*)$/s.exec(notice.message) ?? [];
  const line = Math.min(Math.max(Number(number ?? 1) - 1, 0), document.lineCount - 1);
  const start = document.offsetAt({ line, character: 0 });
  const text = document.getText({ start: { line, character: 0 }, end: { line: line + 1, character: 0 } });
  const from = start + text.length - text.trimStart().length;
  return {
    range: rangeOf(document, { start: from, end: Math.max(from, start + text.trimEnd().length) }),
    severity: DiagnosticSeverity.Warning,
    source: SOURCE,
    message: message ?? notice.message,
  };
}

/**
 * Edits as the protocol's workspace edit. A file that has no text yet is created where the client can do that.
 * Undefined when an edit could not be expressed, so that a half of a change is never offered.
 */
export function toWorkspaceEdit(
  edits: readonly Edit[],
  texts: Texts,
  client: {
    readonly documentChanges: boolean;
    readonly create: boolean;
    version(file: string): number | null;
  },
): WorkspaceEdit | undefined {
  const byFile = new Map<string, Edit[]>();
  for (const edit of edits) {
    const list = byFile.get(edit.file);
    if (list) list.push(edit);
    else byFile.set(edit.file, [edit]);
  }
  if (byFile.size === 0) return undefined;
  const creations: CreateFile[] = [];
  const changes: TextDocumentEdit[] = [];
  for (const [file, list] of byFile) {
    let document = texts.document(file);
    if (!document) {
      if (!client.documentChanges || !client.create) return undefined;
      creations.push({ kind: 'create', uri: uriOf(file), options: { ignoreIfExists: true } });
      document = closedDocument(file, '');
    }
    const target = document;
    changes.push({
      textDocument: { uri: target.uri, version: client.version(file) },
      edits: list.map((edit) => ({ range: rangeOf(target, edit.span), newText: edit.newText })),
    });
  }
  if (client.documentChanges) return { documentChanges: [...creations, ...changes] };
  return { changes: Object.fromEntries(changes.map((c) => [c.textDocument.uri, c.edits as never])) };
}
