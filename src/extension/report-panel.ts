import {
  EventEmitter,
  type ExtensionContext,
  env,
  Uri,
  ViewColumn,
  type WebviewPanel,
  window,
  workspace,
} from 'vscode';
import { OPEN_PLACE, PAGE, type ReportParams, type Status } from '../server/protocol.ts';

export const REPORT_PANEL = 'headroom.report';
export const EXPORT = 'headroom.exportReport';
export const OPEN_REPORT = 'headroom.openReport';

/** Shown until the workspace was read once. */
const WAITING = `<!doctype html>
<html lang="en">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'">
<p>Reading the workspace…</p>
</html>`;

type Ask = (params: ReportParams) => Promise<string | null>;

/**
 * The report in an editor of its own. The page has no script: its links are commands, of which only those named here
 * may run, and the editor keeps the place of the reader when a newer page takes the place of an older one.
 */
export class ReportPanel {
  readonly #showed = new EventEmitter<undefined>();
  /** A page was shown. */
  readonly onDidShow = this.#showed.event;
  readonly #ask: Ask;
  readonly #failed: (error: unknown) => void;
  #panel: WebviewPanel | undefined;
  #service: string | undefined;
  #shown = '';
  #isStale = true;
  #asked = 0;

  readonly #icon: Uri;

  constructor(context: ExtensionContext, ask: Ask, failed: (error: unknown) => void) {
    this.#ask = ask;
    this.#icon = Uri.joinPath(context.extensionUri, 'media/icon.png');
    this.#failed = failed;
    context.subscriptions.push(
      this.#showed,
      window.registerWebviewPanelSerializer(REPORT_PANEL, {
        // A report that was open when the window closed is there again, beside whatever else is.
        deserializeWebviewPanel: async (panel) => this.#take(panel),
      }),
    );
  }

  /** The page that is shown; empty while there is none. For tests. */
  get html(): string {
    return this.#panel ? this.#shown : '';
  }

  /** Opens the report, about one service or all, or brings it to the front. */
  async open(service: string | undefined): Promise<void> {
    this.#service = service;
    this.#isStale = true;
    if (this.#panel) this.#panel.reveal();
    else
      this.#take(
        window.createWebviewPanel(REPORT_PANEL, 'Memory Report', ViewColumn.Active, {
          enableFindWidget: true,
        }),
      );
    await this.#refresh();
  }

  /** What was read has changed: a report that is seen shows it. */
  update({ state }: Status): void {
    if (state !== 'ready') return;
    this.#isStale = true;
    if (this.#panel?.visible) void this.#refresh();
  }

  #take(panel: WebviewPanel): void {
    this.#panel = panel;
    this.#shown = '';
    panel.webview.html = WAITING;
    panel.iconPath = this.#icon;
    panel.webview.options = {
      enableScripts: false,
      enableCommandUris: [OPEN_PLACE, PAGE, EXPORT, OPEN_REPORT],
      localResourceRoots: [],
    };
    panel.onDidDispose(() => {
      this.#panel = undefined;
    });
    panel.onDidChangeViewState(() => {
      if (panel.visible && this.#isStale) void this.#refresh();
    });
    void this.#refresh();
  }

  async #refresh(): Promise<void> {
    const panel = this.#panel;
    if (!panel) return;
    const service = this.#service;
    const asked = ++this.#asked;
    this.#isStale = false;
    try {
      const html = await this.#ask({
        format: 'panel',
        ...(service === undefined ? {} : { service }),
        actions: [
          ...(service === undefined
            ? []
            : [{ title: 'All services', command: OPEN_REPORT, arguments: [] as const }]),
          { title: 'Export as HTML', command: EXPORT, arguments: ['html'] },
          { title: 'Export as Markdown', command: EXPORT, arguments: ['markdown'] },
          { title: 'Handbook', command: PAGE, arguments: ['/handbook/contents'] },
        ],
      });
      // Who asks later may be answered earlier.
      if (asked !== this.#asked) return;
      // The same page again would only lose what the reader has unfolded.
      if (html === null || html === this.#shown || panel !== this.#panel) return;
      this.#shown = html;
      panel.title = service === undefined ? 'Memory Report' : `Memory Report: ${service}`;
      panel.webview.html = html;
      this.#showed.fire(undefined);
    } catch (error) {
      this.#isStale = true;
      this.#failed(error);
    }
  }

  /**
   * Writes the report to a file. Asks where, unless that is given.
   * @param wanted the address of a file, or only the format
   */
  async export(wanted: unknown): Promise<void> {
    const target =
      wanted instanceof Uri ? wanted : await askWhere(wanted === 'markdown' ? 'markdown' : 'html');
    if (!target) return;
    const format = /\.(md|markdown)$/i.test(target.path) ? 'markdown' : 'html';
    const text = await this.#ask({
      format,
      ...(this.#panel && this.#service !== undefined ? { service: this.#service } : {}),
    });
    if (text === null) return;
    await workspace.fs.writeFile(target, new TextEncoder().encode(text));
    const open = 'Open';
    const name = target.path.slice(target.path.lastIndexOf('/') + 1);
    void window.showInformationMessage(`Headroom: the report is in ${name}.`, open).then((chosen) => {
      if (chosen !== open) return;
      // No browser can look into a file system of the editor.
      if (format === 'html' && target.scheme === 'file') void env.openExternal(target);
      else void window.showTextDocument(target);
    });
  }
}

async function askWhere(format: 'html' | 'markdown'): Promise<Uri | undefined> {
  const [folder] = workspace.workspaceFolders ?? [];
  const name = format === 'html' ? 'memory-review.html' : 'memory-review.md';
  const html = { HTML: ['html'] };
  const markdown = { Markdown: ['md'] };
  return window.showSaveDialog({
    ...(folder ? { defaultUri: Uri.joinPath(folder.uri, name) } : {}),
    filters: format === 'html' ? { ...html, ...markdown } : { ...markdown, ...html },
    title: 'Export the memory report',
  });
}
