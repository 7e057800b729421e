import { commands, languages, Uri, window, workspace } from 'vscode';
import { SOURCE } from '../server/protocol.ts';

/** The bundled pages of the rules, which need no network. */
export class RulePages {
  readonly #folder: Uri;

  constructor(extension: Uri) {
    this.#folder = Uri.joinPath(extension, 'docs', 'rules');
  }

  /** The rule of the finding under the cursor. */
  ruleAtCursor(): string | undefined {
    const editor = window.activeTextEditor;
    if (!editor) return undefined;
    const finding = languages
      .getDiagnostics(editor.document.uri)
      .find((d) => d.source === SOURCE && d.range.contains(editor.selection.active));
    const code = finding?.code;
    return typeof code === 'object' ? String(code.value) : code === undefined ? undefined : String(code);
  }

  /** Shows the page of a rule; lets the person choose when `rule` is none. */
  async open(rule: unknown): Promise<void> {
    const all = await this.#all();
    const chosen =
      typeof rule === 'string' && all.includes(rule)
        ? rule
        : await window.showQuickPick(all, { placeHolder: 'Which rule?' });
    if (chosen) {
      await commands.executeCommand('markdown.showPreview', Uri.joinPath(this.#folder, `${chosen}.md`));
    }
  }

  async #all(): Promise<string[]> {
    const rules: string[] = [];
    for (const [group] of await workspace.fs.readDirectory(this.#folder)) {
      if (group.includes('.')) continue;
      for (const [name] of await workspace.fs.readDirectory(Uri.joinPath(this.#folder, group))) {
        if (name.endsWith('.md')) rules.push(`${group}/${name.slice(0, -'.md'.length)}`);
      }
    }
    return rules.sort();
  }
}
