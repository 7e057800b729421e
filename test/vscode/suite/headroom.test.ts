import * as assert from 'node:assert/strict';
import {
  type CodeAction,
  CodeActionKind,
  type CodeLens,
  type CompletionList,
  ConfigurationTarget,
  commands,
  type Hover,
  type InlayHint,
  type Location,
  type LocationLink,
  languages,
  Position,
  Range,
  Selection,
  type TextDocument,
  WorkspaceEdit,
  window,
  workspace,
} from 'vscode';
import { command } from './commands.ts';
import {
  api,
  apply,
  findings,
  fixesAt,
  replace,
  revert,
  ruleOf,
  show,
  until,
  untilFound,
  uriOf,
} from './state.ts';

const GROWS = 'go/unbounded-cache';

function lineOf(document: TextDocument, text: string): number {
  const offset = document.getText().indexOf(text);
  assert.ok(offset >= 0, `${text} in ${document.fileName}`);
  return document.positionAt(offset).line;
}

suite('Headroom in VS Code', () => {
  let store: TextDocument;

  suiteSetup(async () => {
    const { onStatus, status } = await api();
    await until('the first scan', onStatus, () => (status().state === 'ready' ? true : undefined));
  });

  setup(async () => {
    store = await show('store/store.go');
    await untilFound(store, GROWS);
  });

  teardown(async () => {
    await revert(store);
  });

  test('a finding appears on open, with its page and the places it is about', async () => {
    const [finding] = await untilFound(store, GROWS);
    assert.ok(finding);
    assert.equal(finding.range.start.line, lineOf(store, 's.seen[user] = true'));
    assert.ok(!finding.message.endsWith('.'), finding.message);
    assert.ok(typeof finding.code === 'object');
    assert.match(
      finding.code.target.toString(true),
      /^[\w-]+:\/\/headroom\.headroom\/rules\/go\/unbounded-cache$/,
    );
    const related = finding.relatedInformation ?? [];
    assert.ok(related.some((r) => r.location.range.start.line === lineOf(store, 'seen map[string]bool')));
    assert.ok(related.some((r) => r.location.uri.path.endsWith('/main.go')));
    await workspace.fs.stat(uriOf('go.mod'));
  });

  test('files that are not open are reported as well', async () => {
    const unopened = uriOf('deployment.yaml');
    assert.ok(!workspace.textDocuments.some((document) => document.uri.path === unopened.path));
    await until('findings in deployment.yaml', languages.onDidChangeDiagnostics, () =>
      languages.getDiagnostics(unopened).some((d) => d.source === 'headroom') ? true : undefined,
    );
  });

  test('the status counts the workspace', async () => {
    const { onStatus, status } = await api();
    const counted = await until('the count', onStatus, () =>
      status().state === 'ready' && status().findings > 0 ? status() : undefined,
    );
    assert.equal(counted.filesWithFindings, 2);
  });

  test('an edit takes the finding away and brings it back', async () => {
    await replace(store, 's.seen[user] = true', 's.seen[user] = true\n\tdelete(s.seen, "oldest")');
    await untilFound(store, GROWS, 0);
    await replace(store, '\n\tdelete(s.seen, "oldest")', '');
    await untilFound(store, GROWS, 1);
  });

  test('an edit in another file is seen', async () => {
    const other = await workspace.openTextDocument(uriOf('store/sweep.go'));
    const edit = new WorkspaceEdit();
    const sweep = '\nfunc (s *Store) Forget(user string) {\n\tdelete(s.seen, user)\n}\n';
    edit.insert(other.uri, new Position(other.lineCount, 0), sweep);
    assert.ok(await workspace.applyEdit(edit));
    try {
      await untilFound(store, GROWS, 0);
    } finally {
      await revert(other);
    }
    await show('store/store.go');
    await untilFound(store, GROWS, 1);
  });

  test('broken code gives no error and the finding comes back', async () => {
    await replace(store, 's.seen[user] = true', 's.seen[user] = = {{{');
    await replace(store, 's.seen[user] = = {{{', 's.seen[user] = true');
    await untilFound(store, GROWS, 1);
  });

  test('the hover says why it matters', async () => {
    const [finding] = await untilFound(store, GROWS);
    assert.ok(finding);
    const hovers = await commands.executeCommand<Hover[]>(
      'vscode.executeHoverProvider',
      store.uri,
      finding.range.start,
    );
    const text = hovers
      .flatMap((h) => h.contents.map((c) => (typeof c === 'string' ? c : c.value)))
      .join('\n');
    assert.match(text, /unbounded-cache/);
    assert.match(text, /\]\(command:headroom\.page\?/);
    assert.ok(!text.includes('https://headroom'), text);
  });

  test('the quick fix bounds the map', async () => {
    const [finding] = await untilFound(store, GROWS);
    assert.ok(finding);
    await apply(await fixesAt(store, finding), /^Keep at most 'maxSeen' entries in 'seen'/);
    assert.match(store.getText(), /len\(s\.seen\) >= maxSeen/);
    await untilFound(store, GROWS, 0);
  });

  test('a finding can be ignored on its line', async () => {
    const [finding] = await untilFound(store, GROWS);
    assert.ok(finding);
    await apply(await fixesAt(store, finding), /^Ignore go\/unbounded-cache on this line/);
    await untilFound(store, GROWS, 0);
    const line = store.lineAt(lineOf(store, 's.seen[user] = true') - 1).text;
    assert.match(line, /^\t\/\/ headroom: ignore go\/unbounded-cache -- \S/);
  });

  test('a rule can be ignored in the workspace', async () => {
    const [finding] = await untilFound(store, GROWS);
    assert.ok(finding);
    await apply(await fixesAt(store, finding), /^Ignore go\/unbounded-cache in this workspace/);
    await untilFound(store, GROWS, 0);
    const config = await workspace.openTextDocument(uriOf('headroom.yaml'));
    assert.equal(config.getText(), 'rules:\n  go/unbounded-cache: off\n');
    const undo = new WorkspaceEdit();
    undo.deleteFile(config.uri);
    assert.ok(await workspace.applyEdit(undo));
    await show('store/store.go');
    await untilFound(store, GROWS, 1);
  });

  test('a setting changes the severity, and switches the rule off', async () => {
    const settings = workspace.getConfiguration('headroom');
    await settings.update(`rules.${GROWS}`, 'off', ConfigurationTarget.Workspace);
    await untilFound(store, GROWS, 0);
    await settings.update(`rules.${GROWS}`, undefined, ConfigurationTarget.Workspace);
    await untilFound(store, GROWS, 1);
  });

  test('a manifest gets a memory limit, and keeps everything else', async () => {
    const deployment = await show('deployment.yaml');
    const before = deployment.getText();
    const [finding] = await untilFound(deployment, 'k8s/limit-missing');
    assert.ok(finding);
    await apply(await fixesAt(deployment, finding), /^Set a memory limit/);
    const after = deployment.getText();
    assert.match(
      after,
      /- name: sessions # the only one\n {10}image: .*\n {10}resources:\n {12}limits:\n {14}memory: <.*>\n/,
    );
    assert.equal(after.replace(/ {10}resources:\n {12}limits:\n {14}memory: <.*>\n/, ''), before);
    await untilFound(deployment, 'k8s/limit-missing', 0);
    await revert(deployment);
  });

  test('a quantity is corrected inside its quotes', async () => {
    const deployment = await show('deployment.yaml');
    const [finding] = await untilFound(deployment, 'k8s/milli-suffix');
    assert.ok(finding);
    await apply(await fixesAt(deployment, finding), /^Write 512Mi/);
    assert.match(deployment.getText(), /memory: "512Mi"\n/);
    await untilFound(deployment, 'k8s/milli-suffix', 0);
    await revert(deployment);
  });

  test('all safe problems of a file are fixed at once', async () => {
    const deployment = await show('deployment.yaml');
    const variable = '\n          env:\n            - name: GOMEMLIMIT\n              value: 460Mi';
    await replace(deployment, 'image: example.com/proxy:1', `image: example.com/proxy:1${variable}`);
    await untilFound(deployment, 'k8s/gomemlimit-malformed');
    await command('headroom.fixAll');
    await untilFound(deployment, 'k8s/gomemlimit-malformed', 0);
    assert.match(deployment.getText(), /value: "?460MiB"?\n/);
    await revert(deployment);
  });

  test('a quantity can be rewritten without any finding', async () => {
    const deployment = await show('deployment.yaml');
    await replace(deployment, 'memory: 64Mi', 'memory: 64M');
    const line = lineOf(deployment, 'memory: 64M');
    const actions = await commands.executeCommand<CodeAction[]>(
      'vscode.executeCodeActionProvider',
      deployment.uri,
      new Range(line, 24, line, 24),
      CodeActionKind.RefactorRewrite.value,
      50,
    );
    await apply(actions, /^Write 64Mi/);
    assert.match(deployment.getText(), /memory: 64Mi\n/);
    await revert(deployment);
  });

  test('a lens above the container leads to its program, and back', async () => {
    const deployment = await show('deployment.yaml');
    const lenses = await commands.executeCommand<CodeLens[]>(
      'vscode.executeCodeLensProvider',
      deployment.uri,
      10,
    );
    const lens = lenses.find((l) => l.command?.title.includes('runs sessions'));
    assert.ok(lens?.command, lenses.map((l) => l.command?.title).join(' | '));
    assert.equal(lens.command.command, 'headroom.showPlaces');
    await command('headroom.showPlaces', ...(lens.command.arguments ?? []));
    await until('main.go', window.onDidChangeActiveTextEditor, () =>
      window.activeTextEditor?.document.uri.path === uriOf('main.go').path ? true : undefined,
    );
    const [back] = await commands.executeCommand<(Location | LocationLink)[]>(
      'vscode.executeDefinitionProvider',
      uriOf('main.go'),
      new Position(lineOf(await show('main.go'), 'func main()'), 6),
    );
    assert.ok(back);
    assert.equal(('uri' in back ? back.uri : back.targetUri).path, uriOf('deployment.yaml').path);
  });

  test('from a container one goes to its program and peeks at it, and back', async () => {
    const deployment = await show('deployment.yaml');
    const name = new Position(lineOf(deployment, '- name: sessions'), 18);
    const [there] = await commands.executeCommand<(Location | LocationLink)[]>(
      'vscode.executeDefinitionProvider',
      deployment.uri,
      name,
    );
    assert.ok(there);
    assert.equal(('uri' in there ? there.uri : there.targetUri).path, uriOf('main.go').path);
    const editor = await window.showTextDocument(deployment);
    editor.selection = new Selection(name, name);
    await commands.executeCommand('editor.action.peekDefinition');
    await commands.executeCommand('closeReferenceSearch');
    await commands.executeCommand('editor.action.revealDefinition');
    await until('main.go', window.onDidChangeActiveTextEditor, () =>
      window.activeTextEditor?.document.uri.path === uriOf('main.go').path ? true : undefined,
    );
    const main = await show('main.go');
    assert.equal(window.activeTextEditor?.selection.active.line, lineOf(main, 'func main()'));
    const start = new Position(lineOf(main, 'func main()'), 6);
    (await window.showTextDocument(main)).selection = new Selection(start, start);
    await commands.executeCommand('editor.action.revealDefinition');
    await until('deployment.yaml', window.onDidChangeActiveTextEditor, () =>
      window.activeTextEditor?.document.uri.path === uriOf('deployment.yaml').path ? true : undefined,
    );
  });

  test('a limit is set from the budget, and GOMEMLIMIT to 90 % of it', async () => {
    const main = await show('main.go');
    const jobs = 'jobs := make(chan [4096]byte, 20000)\n\tgo func() { <-jobs }()';
    await replace(main, 'sessions := store.New()', `sessions := store.New()\n\t${jobs}`);
    const deployment = await show('deployment.yaml');
    const line = lineOf(deployment, '- name: sessions');
    // What takes the programs of all containers is known when the workspace was judged again.
    const offered = async (title: RegExp): Promise<CodeAction[]> => {
      for (const since = Date.now(); ; ) {
        const actions = await commands.executeCommand<CodeAction[]>(
          'vscode.executeCodeActionProvider',
          deployment.uri,
          new Range(line, 18, line, 18),
          CodeActionKind.RefactorRewrite.value,
          50,
        );
        if (actions.some((a) => title.test(a.title)) || Date.now() - since > 40_000) return actions;
        await new Promise((next) => setTimeout(next, 200));
      }
    };
    const fromBudget = /^Set the limit to \d+Mi from the budget: .* \(estimate\)$/;
    await apply(await offered(fromBudget), fromBudget);
    assert.match(deployment.getText(), / {10}resources:\n {12}limits:\n {14}memory: \d+Mi\n/);
    await untilFound(deployment, 'k8s/limit-missing', 0);
    const forGo = /^Set GOMEMLIMIT to \d+MiB, 90 % of the limit$/;
    await apply(await offered(forGo), forGo);
    assert.match(deployment.getText(), /- name: GOMEMLIMIT\n\s+value: "\d+MiB"\n/);
    await revert(deployment);
    await revert(main);
  });

  test('a container is linked to a program of the workspace by hand', async () => {
    const deployment = await show('deployment.yaml');
    const line = lineOf(deployment, '- name: proxy');
    const actions = await commands.executeCommand<CodeAction[]>(
      'vscode.executeCodeActionProvider',
      deployment.uri,
      new Range(line, 18, line, 18),
      CodeActionKind.RefactorRewrite.value,
      50,
    );
    await apply(actions, /^Link "proxy" to the program sessions \(headroom\.yaml\)$/);
    const settings = workspace.textDocuments.find((d) => d.uri.path.endsWith('/headroom.yaml'));
    assert.ok(settings);
    assert.match(settings.getText(), /services:\n {2}proxy:\n {4}source: "main\.go"\n/);
    const undo = new WorkspaceEdit();
    undo.deleteFile(settings.uri, { ignoreIfNotExists: true });
    assert.ok(await workspace.applyEdit(undo));
  });

  test('what a pod gets in all stands behind its containers', async () => {
    const deployment = await show('deployment.yaml');
    const hints = await commands.executeCommand<InlayHint[]>(
      'vscode.executeInlayHintProvider',
      deployment.uri,
      new Range(0, 0, deployment.lineCount, 0),
    );
    const texts = hints.map(({ label }) =>
      typeof label === 'string' ? label : label.map((part) => part.value).join(''),
    );
    assert.ok(
      texts.some((text) => /Burstable|BestEffort/.test(text)),
      texts.join(' | '),
    );
  });

  test('explain opens the bundled page', async () => {
    const preview = () => window.tabGroups.activeTabGroup.activeTab?.label.includes('unbounded-cache.md');
    await command('headroom.explain', GROWS);
    await until('the page', window.tabGroups.onDidChangeTabs, () => (preview() ? true : undefined));
    await commands.executeCommand('workbench.action.closeActiveEditor');
  });

  test('settings are completed from the schema', async () => {
    const config = await workspace.openTextDocument(uriOf('settings/headroom.yaml'));
    await window.showTextDocument(config);
    const edit = new WorkspaceEdit();
    edit.insert(config.uri, config.positionAt(config.getText().length), '  ');
    assert.ok(await workspace.applyEdit(edit));
    const { items } = await commands.executeCommand<CompletionList>(
      'vscode.executeCompletionItemProvider',
      config.uri,
      config.positionAt(config.getText().length),
    );
    const labels = items.map((item) => (typeof item.label === 'string' ? item.label : item.label.label));
    await revert(config);
    assert.ok(labels.includes(GROWS), labels.join(' '));
  });

  test('findings can be accepted: a baseline hides them in the editor', async () => {
    await command('headroom.acceptFindings');
    await untilFound(store, GROWS, 0);
    const baseline = uriOf('headroom-baseline.json');
    const text = new TextDecoder().decode(await workspace.fs.readFile(baseline));
    assert.match(text, /"rule": "go\/unbounded-cache"/);
    await workspace.fs.delete(baseline);
    await show('store/store.go');
    await untilFound(store, GROWS, 1);
  });

  test('with headroom.run: onSave a file is reviewed when it is saved', async () => {
    const settings = workspace.getConfiguration('headroom');
    await settings.update('run', 'onSave', ConfigurationTarget.Workspace);
    await replace(store, 's.seen[user] = true', 's.seen[user] = true\n\tdelete(s.seen, "oldest")');
    assert.ok(await store.save());
    await untilFound(store, GROWS, 0);
    await replace(store, '\n\tdelete(s.seen, "oldest")', '');
    assert.ok(await store.save());
    await untilFound(store, GROWS, 1);
    await settings.update('run', undefined, ConfigurationTarget.Workspace);
  });

  test('restart: the server comes back and says the same', async () => {
    const { onStatus, status } = await api();
    const before = findings(store).map(ruleOf);
    const gone = until('the restart', onStatus, () => (status().state === 'ready' ? undefined : true));
    await command('headroom.restart');
    await gone;
    await until('the scan after the restart', onStatus, () =>
      status().state === 'ready' ? true : undefined,
    );
    await untilFound(store, GROWS, 1);
    assert.deepEqual(findings(store).map(ruleOf), before);
  });
});
