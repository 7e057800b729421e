import { commands, languages, Uri, window, workspace } from 'vscode';
import { SOURCE } from '../server/protocol.ts';

/** The bundled pages of rules, myths and the handbook, which need no network. */
export class Pages {
  readonly #docs: Uri;

  constructor(extension: Uri) {
    this.#docs = Uri.joinPath(extension, 'docs');
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
    const all = await this.#rules();
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

  async #rules(): Promise<string[]> {
    const rules: string[] = [];
    const folder = Uri.joinPath(this.#docs, 'rules');
    for (const [group] of await workspace.fs.readDirectory(folder)) {
      if (group.includes('.')) continue;
      for (const [name] of await workspace.fs.readDirectory(Uri.joinPath(folder, group))) {
        if (name.endsWith('.md')) rules.push(`${group}/${name.slice(0, -'.md'.length)}`);
      }
    }
    return rules.sort();
  }
}
