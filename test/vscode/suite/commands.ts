import { commands } from 'vscode';

/** What the suites have executed. Each suite is a bundle of its own, so they meet here. */
const kept = globalThis as { headroomExecuted?: Set<string> };

/** Executes a command, and notes that it was. */
export async function command<T = unknown>(name: string, ...args: readonly unknown[]): Promise<T> {
  executed().add(name);
  return commands.executeCommand<T>(name, ...args);
}

export function executed(): Set<string> {
  kept.headroomExecuted ??= new Set();
  return kept.headroomExecuted;
}
