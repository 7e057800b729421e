import type { Connection } from 'vscode-languageserver';
import { ResponseError, TextDocuments } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { handbookPage, mythPage, rulePage } from '../core/links.ts';
import { readClient } from './client.ts';
import { closedDocument, type Texts } from './convert.ts';
import type { Parts, Project } from './parts.ts';
import type { InitializationOptions } from './protocol.ts';
import { readInlayKinds } from './settings.ts';
import { Stages } from './stages.ts';
import { displayName, fileOf, uriOf } from './uris.ts';

/** What everybody in the server shares while a client is connected. */
export class Session {
  readonly connection: Connection;
  readonly parts: Parts;
  readonly documents = new TextDocuments(TextDocument);
  /** Documents the analysis has something to say about. */
  readonly followed = new Set<string>();
  options: InitializationOptions = {};
  client: ReturnType<typeof readClient> = readClient(undefined);
  folders: string[] = [];
  /** What the person wants to see: lines above containers and `main`, and hints between the words of manifests. */
  shows = { lenses: true, inlays: readInlayKinds(undefined) };
  /** Until it is there, nothing can be asked. */
  project: Project | undefined;
  /** Of the scan that was begun last. */
  stages = new Stages();
  /** The workspace was read as a whole, so that a count means something. */
  isRead = false;
  /** The addresses of open documents by file: editors write the same address in different ways. */
  readonly #openUris = new Map<string, string>();

  constructor(connection: Connection, parts: Parts) {
    this.connection = connection;
    this.parts = parts;
  }

  fail(what: string, error: unknown): void {
    this.connection.console.error(
      `${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
    this.parts.onError(error);
  }

  /** What `body` gives, or the fallback: one broken request must not take the server along. */
  guarded<T>(what: string, fallback: T, body: (project: Project) => T): T {
    const { project } = this;
    if (!project) return fallback;
    try {
      return body(project);
    } catch (error) {
      if (error instanceof ResponseError) throw error;
      this.fail(what, error);
      return fallback;
    } finally {
      for (const notice of project.takeNotices())
        this.connection.console.warn(`${displayName(notice.file, this.folders)}: ${notice.message}`);
    }
  }

  // Documents

  /** The analysis follows a document from now on, if it has something to say about such ones. */
  follow(document: TextDocument): void {
    this.#openUris.set(fileOf(document.uri), document.uri);
    this.guarded('open', undefined, (project) => {
      if (project.open(fileOf(document.uri), document.languageId, document.getText()))
        this.followed.add(document.uri);
    });
  }

  /** Nobody shows it any more. False when the analysis did not follow it. */
  leave(uri: string): boolean {
    this.#openUris.delete(fileOf(uri));
    return this.followed.delete(uri);
  }

  addressOf(file: string): string {
    return this.#openUris.get(file) ?? uriOf(file);
  }

  openByFile(file: string): TextDocument | undefined {
    return this.documents.get(this.addressOf(file));
  }

  readonly texts: Texts = {
    document: (file) => {
      const open = this.openByFile(file);
      if (open) return open;
      const text = this.project?.text(file);
      return text === undefined ? undefined : closedDocument(file, text);
    },
  };

  // Pages

  /** A text with the addresses of pages as the client wants them. */
  localise(text: string): string {
    const { pages } = this.options;
    if (!pages) return text;
    return text
      .replaceAll(rulePage(''), `${pages}rules/`)
      .replaceAll(mythPage(''), `${pages}myths/`)
      .replaceAll(handbookPage(''), `${pages}handbook/`);
  }

  /** The address of a rule's page. */
  page(rule: string): string {
    return this.localise(rulePage(rule));
  }
}
