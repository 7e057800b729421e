import type { Diagnostic } from 'vscode-languageserver';

export interface Report {
  readonly items: readonly Diagnostic[];
  /** The same for the same items about the same document. */
  readonly id: string;
  /** The client was told something else before. */
  readonly isNew: boolean;
}

/** What was said about each document, so that nothing is said twice. */
export class Reports {
  readonly #said = new Map<string, { readonly id: string; readonly content: string }>();
  #count = 0;

  /** Takes what is to be said about a document now. */
  take(uri: string, items: readonly Diagnostic[]): Report {
    const content = JSON.stringify(items);
    const before = this.#said.get(uri);
    if (before?.content === content) return { items, id: before.id, isNew: false };
    const id = String(++this.#count);
    this.#said.set(uri, { id, content });
    // Nothing about a document nothing was said about is no news.
    return { items, id, isNew: before !== undefined || items.length > 0 };
  }

  /** True when something was said about the document, be it that there is nothing. */
  has(uri: string): boolean {
    return this.#said.has(uri);
  }

  /** The documents with at least one diagnostic when they were last spoken about. */
  withItems(): string[] {
    return [...this.#said].filter(([, { content }]) => content !== '[]').map(([uri]) => uri);
  }
}
