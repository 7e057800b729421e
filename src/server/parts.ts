// What the server is made of. The server itself only looks up, calls, converts and returns.
import type { Edit, Finding, Fix, Notice, Severity } from '../core/finding.ts';
import type { Span } from '../core/span.ts';

export type Level = Severity | 'off';

/** What the editor may decide; everything else is the repository's. */
export interface EditorSettings {
  readonly profile: 'default' | 'pedantic';
  /** Severity by rule id, where the person set one. */
  readonly rules: Readonly<Record<string, Level>>;
}

export interface FolderSettings {
  readonly folder: string;
  readonly settings: EditorSettings;
}

export interface ScanWatch {
  /** Files read so far, and how many there are. */
  progress(done: number, total: number): void;
  isCancelled(): boolean;
}

export interface HoverText {
  readonly span: Span;
  readonly markdown: string;
}

/** Something a person can do at a place without a finding being there, such as setting a memory limit. */
export interface Action extends Fix {
  readonly span: Span;
}

/** All texts of the open folders and what follows from them. Synchronous where an editor waits for it. */
export interface Project {
  /** Reads what lies below the folders, from then on the project's roots. Resolves early when cancelled. */
  scan(folders: readonly string[], watch: ScanWatch): Promise<void>;
  /** `folders` holds the settings of workspace folders that may differ; the deepest folder around a file counts. */
  configure(settings: EditorSettings, folders: readonly FolderSettings[]): Promise<void>;
  /** The editor's text counts from now on. False when Headroom has nothing to say about such a document. */
  open(file: string, languageId: string, text: string): boolean;
  /** `text` is the whole new text of an open document. */
  change(file: string, text: string): void;
  /** The findings are those of an earlier text, because parsing the present one takes long; asking for them waits. */
  isBehind(file: string): boolean;
  /** The text on disk counts again. */
  close(file: string): Promise<void>;
  /** Files that were created, changed or deleted on disk. Open documents are left alone. */
  reload(files: readonly string[]): Promise<void>;
  findings(file: string): readonly Finding[];
  /** What a person must know about this file that is not a finding. */
  notices(file: string): readonly Notice[];
  all(): readonly Finding[];
  hover(file: string, offset: number): HoverText | undefined;
  /** What can be done at `span`, besides the fixes of findings. */
  actions(file: string, span: Span): readonly Action[];
  /** The edits that silence `finding` on its line, with a reason for the person to write. */
  ignoreOnLine(finding: Finding): readonly Edit[];
  /**
   * The edits that switch `rule` off in the settings file for `file`; a file that does not exist yet is created.
   * Undefined when there is no place for it.
   */
  ignoreInWorkspace(rule: string, file: string): readonly Edit[] | undefined;
  /** The current text, as the findings see it. */
  text(file: string): string | undefined;
  takeNotices(): readonly Notice[];
  size(): { readonly files: number };
  dispose(): void;
}

export interface Parts {
  /** Loads grammars and rules. */
  createProject(): Promise<Project>;
  /** Address of a rule's page, for editors that bring none of their own. */
  rulePage(rule: string): string | undefined;
  readonly version: string;
  /** Ends the process after the parser was lost for good, so that the editor starts a new one. */
  giveUp(): void;
}
