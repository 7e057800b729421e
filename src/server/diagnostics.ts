import {
  type Diagnostic,
  DocumentDiagnosticReportKind,
  type WorkspaceDocumentDiagnosticReport,
} from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { isCode } from '../host/live-workspace.ts';
import { noticeDiagnostic, toDiagnostic } from './convert.ts';
import type { Readiness } from './readiness.ts';
import { type Report, Reports } from './reports.ts';
import type { Session } from './session.ts';
import { fileOf } from './uris.ts';
import { pause } from './waiting.ts';

/** Milliseconds without a cancellation after which a text that takes long to parse is parsed after all. */
const QUIET = 200;
/** Milliseconds a check may take without keystrokes being collected before the next one. */
const CHEAP = 40;
/** Milliseconds between two keys of somebody who types fast: a dear check is not begun for each of them. */
const BETWEEN_KEYS = 100;

/** What the client shows: it asks where it can, else it is told; never both. */
export class Diagnostics {
  readonly #session: Session;
  readonly #readiness: Readiness;
  readonly #reports = new Reports();
  /** Documents that are to be told, by address. */
  readonly #pushes = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(session: Session, readiness: Readiness) {
    this.#session = session;
    this.#readiness = readiness;
  }

  /** Answers clients that ask. */
  listen(): void {
    const { connection, documents } = this.#session;
    const readiness = this.#readiness;
    connection.languages.diagnostics.on(async ({ textDocument: { uri }, previousResultId }, token) => {
      await readiness.untilKnown(fileOf(uri), token);
      const wait = this.#patience(uri);
      if (wait > 0) await pause(wait, token);
      await readiness.untilPrepared(fileOf(uri), token);
      const { items, id } = this.#report(uri);
      if (previousResultId === id) return { kind: DocumentDiagnosticReportKind.Unchanged, resultId: id };
      return { kind: DocumentDiagnosticReportKind.Full, resultId: id, items: [...items] };
    });

    // Answers when there is something new; until then the client's request stays open.
    connection.languages.diagnostics.onWorkspace(async ({ previousResultIds }, token) => {
      const before = new Map(previousResultIds.map(({ uri, value }) => [uri, value]));
      for (;;) {
        await readiness.until('manifests', token);
        const { stages, project, isRead } = this.#session;
        // What was judged once and has changed is judged in turns first, not all at once for this answer.
        const isPending = stages.judged.isPassed && project?.isSettled() === false;
        const news: WorkspaceDocumentDiagnosticReport[] = [];
        for (const uri of isPending ? [] : new Set([...before.keys(), ...this.#reportable()])) {
          // The client asks for open documents one by one, and would not take them from here.
          if (documents.get(uri)) continue;
          // What was said at first sight stands until all is judged, in turns.
          if (isRead && !stages.judged.isPassed && isCode(fileOf(uri)) && !this.#isKnown(uri)) continue;
          const { id, items } = this.#report(uri);
          if (before.get(uri) === id || (items.length === 0 && !before.has(uri))) continue;
          news.push({
            kind: DocumentDiagnosticReportKind.Full,
            uri,
            version: null,
            resultId: id,
            items: [...items],
          });
        }
        if (news.length > 0) return { items: news };
        await readiness.untilTold(token);
      }
    });
  }

  /** Tells what is known of documents that nobody asks for, and those who wait that there is something new. */
  tell(): void {
    const { client, connection, documents } = this.#session;
    if (client.pull) {
      const stale = documents
        .keys()
        .filter((uri) => this.#reports.has(uri) && this.#isKnown(uri) && this.#report(uri).isNew);
      if (stale.length > 0 && client.refresh) void connection.languages.diagnostics.refresh();
      if (stale.length > 0 && client.refreshInlays) void connection.languages.inlayHint.refresh();
    } else {
      for (const uri of this.#reportable()) if (this.#isKnown(uri)) this.#push(uri);
    }
    this.#readiness.told();
  }

  /** What was said is not all there is to say: whoever asked asks again. */
  refresh(): void {
    const { client, connection } = this.#session;
    if (client.pull && client.refresh) void connection.languages.diagnostics.refresh();
  }

  /** Tells of a document that changed, where nobody asks. */
  changed(document: TextDocument): void {
    const { uri } = document;
    const { client, isRead, project, documents } = this.#session;
    if (client.pull || !isRead || !project) return;
    clearTimeout(this.#pushes.get(uri));
    const timer = setTimeout(() => {
      this.#pushes.delete(uri);
      this.#readiness.untilPrepared(fileOf(uri)).then(
        () => documents.get(uri) === document && this.#push(uri),
        (error: unknown) => this.#session.fail('push', error),
      );
    }, this.#patience(uri));
    this.#pushes.set(uri, timer);
  }

  dispose(): void {
    for (const timer of this.#pushes.values()) clearTimeout(timer);
  }

  /** What the client should show for a document, open or not. */
  #report(uri: string): Report {
    const session = this.#session;
    const { documents, followed, texts, client } = session;
    const file = fileOf(uri);
    const page = (rule: string) => session.page(rule);
    const items = session.guarded<Diagnostic[]>('diagnostics', [], (project) => {
      // An open document that Headroom does not read has findings only on disk.
      if (documents.get(uri) && !followed.has(uri)) return [];
      const findings = project.findings(file);
      const notices = project.notices(file);
      const document = findings.length + notices.length > 0 ? texts.document(file) : undefined;
      if (!document) return [];
      return [
        ...findings.map((finding) =>
          toDiagnostic(finding, document, texts, { related: client.related, page }),
        ),
        ...notices.map((notice) => noticeDiagnostic(notice, document)),
      ];
    });
    return this.#reports.take(uri, items);
  }

  /** All documents with something to say about, and those with something to take back. */
  #reportable(): Set<string> {
    const { project, documents } = this.#session;
    const found = [...(project?.found() ?? [])].map((file) => this.#session.addressOf(file));
    return new Set([...found, ...documents.keys(), ...this.#reports.withItems()]);
  }

  #push(uri: string): void {
    const { connection, documents } = this.#session;
    const { items, isNew } = this.#report(uri);
    if (!isNew) return;
    const version = documents.get(uri)?.version;
    void connection.sendDiagnostics({
      uri,
      diagnostics: [...items],
      ...(version === undefined ? {} : { version }),
    });
  }

  /** True when no rule has to be asked for what is said of a document. */
  #isKnown(uri: string): boolean {
    return this.#session.project?.isPrepared(fileOf(uri)) === true;
  }

  /** How long to wait for the next keystroke before a document is checked: where a check is dear, as long as one takes. */
  #patience(uri: string): number {
    if (this.#session.project?.isBehind(fileOf(uri))) return QUIET;
    return this.#readiness.documentCost > CHEAP ? BETWEEN_KEYS : 0;
  }
}
