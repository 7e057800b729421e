// Runs last: whatever the extension offers and no suite has used is named here.
import * as assert from 'node:assert/strict';
import { commands, extensions } from 'vscode';
import { executed } from './commands.ts';

suite('The suites', () => {
  const { contributes } = extensions.getExtension('headroom.headroom')?.packageJSON ?? {};

  test('have executed every command that people can see', () => {
    const offered: string[] = contributes.commands.map((c: { command: string }) => c.command);
    assert.ok(offered.length > 5);
    assert.deepEqual(
      offered.filter((name) => !executed().has(name)),
      [],
    );
  });

  test('have executed every command that is registered', async () => {
    const registered = (await commands.getCommands(true)).filter((name) => /^headroom\.\w+$/.test(name));
    // Every view brings commands of the editor for itself.
    const own = registered.filter((name) => !/^headroom\.memory/.test(name));
    assert.ok(own.length > 5, own.join(' '));
    assert.deepEqual(
      own.filter((name) => !executed().has(name)),
      [],
    );
  });

  test('have opened every view', () => {
    const views: string[] = Object.values(contributes.views as Record<string, { id: string }[]>)
      .flat()
      .map((v) => v.id);
    assert.deepEqual(
      views.filter((id) => !executed().has(`${id}.focus`)),
      [],
    );
  });
});
