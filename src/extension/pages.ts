import { commands, languages, Uri, window, workspace } from 'vscode';
import { SOURCE } from '../server/protocol.ts';

/** The bundled pages of rules, myths and the handbook, which need no network. */
export class Pages {
  readonly #docs: Uri;
  readonly #rules: readonly string[];

  /** @param rules the rules that have a page: in a browser the pages cannot be listed */
  constructor(extension: Uri, rules: readonly string[]) {
    this.#docs = Uri.joinPath(extension, 'docs');
    this.#rules = rules;
  }

  /** Opens `/rules/<id>`, `/myths/<id>` or `/handbook/<chapter>`; does nothing for a page that does not exist. */
  async show(path: string): Promise<void> {
    if (!/^\/(rules|myths|handbook)\/[a-z0-9/-]+$/.test(path)) return;
    const page = Uri.joinPath(this.#docs, `${path}.md`);
    const exists = await workspace.fs.stat(page).then(
      () => true,
      () => false,
    );
    if (exists) await commands.executeCommand('markdown.showPreview', page);
  }

  /** Opens the page of a rule: the given one, that of the finding under the cursor, or one the person chooses. */
  async explain(rule: unknown): Promise<void> {
    const all = this.#rules;
    const wanted = typeof rule === 'string' ? rule : this.#ruleAtCursor();
    const chosen =
      wanted !== undefined && all.includes(wanted)
        ? wanted
        : await window.showQuickPick(all, { placeHolder: 'Which rule?' });
    if (chosen) await this.show(`/rules/${chosen}`);
  }

  #ruleAtCursor(): string | undefined {
    const editor = window.activeTextEditor;
    if (!editor) return undefined;
    const code = languages
      .getDiagnostics(editor.document.uri)
      .find((d) => d.source === SOURCE && d.range.contains(editor.selection.active))?.code;
    return code === undefined ? undefined : String(typeof code === 'object' ? code.value : code);
  }
}
