import {
  commands,
  EventEmitter,
  type ExtensionContext,
  MarkdownString,
  ThemeColor,
  ThemeIcon,
  type TreeDataProvider,
  TreeItem,
  TreeItemCollapsibleState,
  type TreeView,
  window,
} from 'vscode';
import type { ReviewDocument } from '../review/document.ts';
import { OPEN_PLACE, progressText, type Status } from '../server/protocol.ts';
import { type Look, memoryTree, type Row } from './memory-tree.ts';

export const VIEW = 'headroom.memory';

const ICONS: Readonly<Record<Look, ThemeIcon | undefined>> = {
  service: new ThemeIcon('server-process'),
  next: new ThemeIcon('list-ordered'),
  checklist: new ThemeIcon('checklist'),
  budget: new ThemeIcon('graph'),
  findings: new ThemeIcon('search'),
  container: new ThemeIcon('package'),
  elsewhere: new ThemeIcon('folder'),
  unbounded: new ThemeIcon('arrow-right', new ThemeColor('errorForeground')),
  item: undefined,
  yes: new ThemeIcon('pass', new ThemeColor('testing.iconPassed')),
  no: new ThemeIcon('error', new ThemeColor('list.errorForeground')),
  unknown: new ThemeIcon('question'),
  error: new ThemeIcon('error', new ThemeColor('list.errorForeground')),
  warning: new ThemeIcon('warning', new ThemeColor('list.warningForeground')),
  information: new ThemeIcon('info'),
  hint: new ThemeIcon('lightbulb'),
};

/** Said above the rows. */
const MESSAGES = {
  ready: '',
  failed: 'Headroom is not running',
  cancelled: 'Headroom was stopped. “Restart the Language Server” reads the workspace again',
} as const;

/** Said until the first rows are there. */
const REVIEWING = 'Reviewing the services';

/** The Memory view: services with their checklist, budget and findings. It asks for a review only while it is seen. */
export class MemoryView implements TreeDataProvider<Row> {
  readonly #changed = new EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #view: TreeView<Row>;
  readonly #ask: () => Promise<ReviewDocument | null>;
  readonly #failed: (error: unknown) => void;
  #rows: readonly Row[] = [];
  #isStale = true;
  #asked = 0;

  /**
   * @param ask asks the server for a review
   * @param failed told of a review that could not be made
   */
  constructor(
    context: ExtensionContext,
    ask: () => Promise<ReviewDocument | null>,
    failed: (error: unknown) => void,
  ) {
    this.#ask = ask;
    this.#failed = failed;
    this.#view = window.createTreeView(VIEW, { treeDataProvider: this, showCollapseAll: true });
    context.subscriptions.push(
      this.#view,
      this.#changed,
      this.#view.onDidChangeVisibility(({ visible }) => {
        if (visible && this.#isStale) this.#refresh();
      }),
    );
  }

  /** The rows that are shown, for tests and other extensions. */
  get rows(): readonly Row[] {
    return this.#rows;
  }

  show(status: Status): void {
    const { state, grave } = status;
    if (state === 'scanning') {
      this.#view.message = sentence(progressText(status));
      return;
    }
    this.#view.message = MESSAGES[state];
    this.#view.badge =
      state === 'ready' && grave > 0
        ? { value: grave, tooltip: `${grave} ${grave === 1 ? 'warning' : 'warnings'} about memory` }
        : undefined;
    if (state !== 'ready') return;
    this.#isStale = true;
    if (this.#view.visible) this.#refresh();
  }

  #refresh(): void {
    const asked = ++this.#asked;
    this.#isStale = false;
    const review = this.#ask();
    // An answer may have to wait until everything is judged; a view without rows would look as if there was nothing.
    void window.withProgress({ location: { viewId: VIEW } }, () => review.then(nothing, nothing));
    if (this.#rows.length === 0) this.#view.message = REVIEWING;
    review.then(
      (review) => {
        if (asked !== this.#asked) return;
        if (this.#view.message === REVIEWING) this.#view.message = '';
        if (!review) return;
        this.#rows = memoryTree(review);
        // Only now is it known that there is nothing.
        void commands.executeCommand('setContext', 'headroom.isEmpty', this.#rows.length === 0);
        this.#changed.fire(undefined);
      },
      (error: unknown) => {
        this.#isStale = true;
        this.#failed(error);
      },
    );
  }

  getChildren(row?: Row): Row[] {
    return [...(row ? row.children : this.#rows)];
  }

  getTreeItem(row: Row): TreeItem {
    const { label, children, open, description, look, tooltip, context, spot, spoken } = row;
    const state =
      children.length === 0
        ? TreeItemCollapsibleState.None
        : open
          ? TreeItemCollapsibleState.Expanded
          : TreeItemCollapsibleState.Collapsed;
    const item = new TreeItem(label, state);
    item.id = row.id;
    if (description !== undefined) item.description = description;
    if (tooltip !== undefined) item.tooltip = new MarkdownString(tooltip);
    if (context !== undefined) item.contextValue = context;
    if (spoken !== undefined) item.accessibilityInformation = { label: spoken };
    const icon = ICONS[look];
    if (icon) item.iconPath = icon;
    // A row that unfolds is unfolded by a click; its place is behind it.
    if (spot?.uri !== undefined && children.length === 0)
      item.command = {
        title: 'Open',
        command: OPEN_PLACE,
        arguments: [spot.uri, spot.line - 1, spot.column - 1],
      };
    return item;
  }
}

function nothing(): void {}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
