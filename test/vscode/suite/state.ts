// Waiting for states of the editor: every check hangs on an event, and nothing sleeps.
import * as assert from 'node:assert/strict';
import {
  type CodeAction,
  CodeActionKind,
  commands,
  type Diagnostic,
  type Event,
  extensions,
  languages,
  Range,
  type TextDocument,
  Uri,
  WorkspaceEdit,
  window,
  workspace,
} from 'vscode';
import type { HeadroomApi } from '../../../src/extension/main.ts';

const PATIENCE = 40_000;

/** Resolves with what `read` gives as soon as it gives something; asks again at every event. */
export function until<T>(what: string, event: Event<unknown>, read: () => T | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      listening.dispose();
      reject(new Error(`waited ${PATIENCE / 1000} s for ${what}`));
    }, PATIENCE);
    const look = () => {
      const value = read();
      if (value === undefined) return;
      clearTimeout(timer);
      listening.dispose();
      resolve(value);
    };
    const listening = event(look);
    look();
  });
}

export async function api(): Promise<HeadroomApi> {
  const extension = extensions.getExtension<HeadroomApi>('headroom.headroom');
  assert.ok(extension, 'the extension is installed');
  return extension.activate();
}

export function uriOf(name: string): Uri {
  const folder = workspace.workspaceFolders?.[0];
  assert.ok(folder, 'a folder is open');
  return Uri.joinPath(folder.uri, name);
}

export async function show(name: string): Promise<TextDocument> {
  const document = await workspace.openTextDocument(uriOf(name));
  await window.showTextDocument(document);
  return document;
}

/** Headroom's diagnostics of a document. */
export function findings(document: TextDocument): Diagnostic[] {
  return languages.getDiagnostics(document.uri).filter((d) => d.source === 'headroom');
}

export function ruleOf(diagnostic: Diagnostic): string {
  const { code } = diagnostic;
  return String(typeof code === 'object' ? code.value : code);
}

/** Waits until the rule reports `count` places in the document. */
export function untilFound(document: TextDocument, rule: string, count = 1): Promise<Diagnostic[]> {
  return until(`${count} × ${rule} in ${document.fileName}`, languages.onDidChangeDiagnostics, () => {
    const found = findings(document).filter((d) => ruleOf(d) === rule);
    return found.length === count ? found : undefined;
  });
}

/** The quick fixes at a finding, with their edits. */
export async function fixesAt(document: TextDocument, finding: Diagnostic): Promise<CodeAction[]> {
  return commands.executeCommand<CodeAction[]>(
    'vscode.executeCodeActionProvider',
    document.uri,
    finding.range,
    CodeActionKind.QuickFix.value,
    50,
  );
}

/** Applies the action whose title matches. */
export async function apply(actions: readonly CodeAction[], title: RegExp): Promise<void> {
  const action = actions.find((a) => title.test(a.title));
  assert.ok(action, `an action like ${title} among: ${actions.map((a) => a.title).join(' | ')}`);
  assert.ok(action.edit, `${action.title} has edits`);
  assert.ok(await workspace.applyEdit(action.edit), `${action.title} could be applied`);
}

/** How often the editor is asked for what it may not do at once. */
const TRIES = 5;

/**
 * Puts one text in the place of another, whether the document is shown or not. The editor takes no edit for a document
 * that changes meanwhile, as on a reload from disk.
 */
export async function replace(document: TextDocument, old: string, by: string): Promise<void> {
  for (let i = 0; i < TRIES; i++) {
    const start = document.getText().indexOf(old);
    assert.ok(start >= 0, `${old} in ${document.fileName}`);
    const edit = new WorkspaceEdit();
    const range = new Range(document.positionAt(start), document.positionAt(start + old.length));
    edit.replace(document.uri, range, by);
    if (await workspace.applyEdit(edit)) return;
  }
  assert.fail(`${document.fileName} takes no edit`);
}

/**
 * Puts a document back as it is on disk. The command takes the editor that is active, which on a busy machine may still
 * be the one before: a document that is left changed would change what later tests find.
 */
export async function revert(document: TextDocument): Promise<void> {
  for (let i = 0; i < TRIES; i++) {
    await window.showTextDocument(document);
    await until('the editor', window.onDidChangeActiveTextEditor, () =>
      window.activeTextEditor?.document === document ? true : undefined,
    );
    await commands.executeCommand('workbench.action.files.revert');
    if (!document.isDirty) return;
  }
  assert.fail(`${document.fileName} stays changed`);
}
