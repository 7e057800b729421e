// What the server is made of. The server itself only looks up, calls, converts and returns.
import type { LiveWorkspace } from '../host/live-workspace.ts';

/** All texts of the open folders and what follows from them; tests have one of their own. */
export type Project = Pick<LiveWorkspace, keyof LiveWorkspace>;

export interface Parts {
  /** Loads grammars and rules. */
  createProject(): Promise<Project>;
  readonly version: string;
  /** Told of every error that was caught and logged. */
  onError(error: unknown): void;
}
