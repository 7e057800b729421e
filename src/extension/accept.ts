import { Uri, window, workspace } from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { ACCEPT, type AcceptedFile } from '../server/protocol.ts';

/** Writes the baselines that accept every finding there is now, and says so. */
export async function acceptFindings(client: BaseLanguageClient): Promise<void> {
  const files = await client.sendRequest<AcceptedFile[]>(ACCEPT);
  if (files.length === 0) {
    void window.showInformationMessage('Headroom: there is no finding to accept.');
    return;
  }
  for (const { uri, text } of files)
    await workspace.fs.writeFile(Uri.parse(uri), new TextEncoder().encode(text));
  const count = files.reduce((sum, file) => sum + file.findings, 0);
  const open = 'Open the Baseline';
  void window
    .showInformationMessage(
      `Headroom: ${count} ${count === 1 ? 'finding is' : 'findings are'} accepted in headroom-baseline.json and no longer shown.`,
      open,
    )
    .then((chosen) => {
      if (chosen === open) void window.showTextDocument(Uri.parse((files[0] as AcceptedFile).uri));
    });
}
