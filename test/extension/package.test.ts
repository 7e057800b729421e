import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { build } from '../../scripts/build.mjs';
import { MAX_BYTES, packagedFiles, packageExtension } from '../../scripts/package.mjs';
import type { Rule } from '../../src/core/rule.ts';
import { chapters } from '../../src/knowledge/handbook.ts';
import { myths } from '../../src/knowledge/myths.ts';
import { allRules } from '../../src/rules/registry.ts';

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const folder = mkdtempSync(join(tmpdir(), 'headroom-package-'));

beforeAll(async () => {
  if (!existsSync('dist/server.js')) await build();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the package', () => {
  test('holds what is listed here and nothing else', async () => {
    const rules: readonly Rule<never>[] = allRules;
    expect(await packagedFiles()).toEqual(
      [
        'CHANGELOG.md',
        'LICENSE',
        'README.md',
        'package.json',
        'dist/extension.js',
        'dist/server.js',
        'dist/flatten.wasm',
        'dist/tree-sitter-go.wasm',
        'dist/tree-sitter-rust.wasm',
        'dist/web-tree-sitter.wasm',
        ...['finding-hover', 'manifest-fixes', 'memory-view', 'report'].map(
          (name) => `docs/images/${name}.webp`,
        ),
        ...rules.map((rule) => `docs/rules/${rule.meta.id}.md`),
        'docs/handbook/contents.md',
        ...Object.keys(chapters).map((chapter) => `docs/handbook/${chapter}.md`),
        ...Object.keys(myths).map((myth) => `docs/myths/${myth}.md`),
        'media/icon.png',
        'media/view.svg',
        ...['finding', 'fixes', 'memory-view', 'peaks', 'report'].map(
          (name) => `media/walkthrough/${name}.svg`,
        ),
        ...['go', 'rust', 'yaml'].map((language) => `media/snippets/${language}.json`),
        'schemas/headroom-measured.schema.json',
        'schemas/headroom.schema.json',
      ].sort(),
    );
  }, 30_000);

  test('weighs at most 1.5 MB', async () => {
    const { bytes } = await packageExtension(join(folder, 'headroom.vsix'));
    expect(bytes).toBeGreaterThan(100_000);
    expect(bytes).toBeLessThanOrEqual(MAX_BYTES);
  }, 30_000);
});

describe('the bundles', () => {
  test('hold what makes reports only where reports are made', () => {
    const makes = (file: string) => readFileSync(`dist/${file}`, 'utf8').includes('dangerouslySetInnerHTML');
    expect(['extension.js', 'server.js', 'worker.js'].filter((file) => makes(file))).toEqual(['server.js']);
  });

  test('load it when the first report is asked for, not before', () => {
    const server = readFileSync('dist/server.js', 'utf8');
    // A module that is only imported dynamically is wrapped, and runs when it is asked for.
    expect(server).toMatch(/Promise\.resolve\(\)\.then\(\(\)=>\(\w+\(\),\w+\)\)/);
  });
});

describe('package.json', () => {
  test('names files that exist', () => {
    const { viewsContainers, views } = manifest.contributes;
    for (const file of [
      manifest.icon,
      ...[...viewsContainers.activitybar, ...views.headroom].map((v: { icon: string }) => v.icon),
      ...manifest.contributes.yamlValidation.map((v: { url: string }) => v.url),
    ]) {
      expect(existsSync(file), file).toBe(true);
    }
  });

  test('lists the commands that the extension registers, each for people to read', () => {
    const source = ['extension/main.ts', 'extension/report-panel.ts', 'server/protocol.ts']
      .map((file) => readFileSync(`src/${file}`, 'utf8'))
      .join('\n');
    for (const { command, title, category } of manifest.contributes.commands) {
      expect(source, command).toContain(`'${command}'`);
      expect(title).toMatch(/^[A-Z]/);
      expect(category).toBe('Headroom');
    }
  });

  test('puts into menus only commands that it has, each under a condition', () => {
    const commands = manifest.contributes.commands.map((c: { command: string }) => c.command);
    const menus: [string, { command: string; when: string }[]][] = Object.entries(manifest.contributes.menus);
    for (const [menu, entries] of menus)
      for (const { command, when } of entries) {
        expect(commands, `${menu}: ${command}`).toContain(command);
        expect(when, `${menu}: ${command}`).toBeTruthy();
      }
  });

  test('walks through five steps, each with a picture that follows the theme and a way to do it', () => {
    const [{ steps }] = manifest.contributes.walkthroughs;
    expect(steps).toHaveLength(5);
    const commands = manifest.contributes.commands.map((c: { command: string }) => c.command);
    for (const { id, description, media, completionEvents } of steps) {
      const picture = readFileSync(media.svg, 'utf8');
      expect(picture, id).toContain('var(--vscode-editor-background');
      expect(picture, id).not.toMatch(/<script|<image|href=/);
      expect(media.altText, id).toMatch(/^[A-Z].{30}/);
      expect(completionEvents.length, id).toBeGreaterThan(0);
      const links = [...description.matchAll(/\]\(command:([\w.]+)\)/g)].map((m) => m[1]);
      expect(links.length, id).toBeGreaterThan(0);
      for (const command of links.filter((c) => /^headroom\.\w+$/.test(c)))
        expect(commands).toContain(command);
    }
  });

  test('has settings of one section, each with a default and a description', () => {
    const settings = manifest.contributes.configuration.flatMap((group: { properties: object }) =>
      Object.entries(group.properties),
    );
    expect(settings.length).toBeGreaterThan(2);
    for (const [name, setting] of settings) {
      expect(name).toMatch(/^headroom\./);
      expect(setting.default, name).toBeDefined();
      if (setting.type === 'boolean') expect(typeof setting.default, name).toBe('boolean');
      else expect(setting.enum, name).toContain(setting.default);
      expect(setting.markdownDescription, name).toBeTruthy();
    }
  });

  test('starts only for languages Headroom reads, and trusts no folder', () => {
    for (const event of manifest.activationEvents)
      expect(event).toMatch(
        /^(onLanguage:|workspaceContains:((\*\/)?(Cargo\.toml|go\.mod)|headroom\.yaml)$|onUri$|onWebviewPanel:headroom\.report$)/,
      );
    expect(manifest.capabilities.untrustedWorkspaces.supported).toBe('limited');
    expect(manifest.capabilities.virtualWorkspaces).toBe(true);
    expect(manifest.devDependencies['@types/vscode']).toBe(manifest.engines.vscode.slice(1));
  });
});
