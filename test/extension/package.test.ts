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
        'dist/extension.cjs',
        'dist/server.js',
        'dist/worker.js',
        'dist/flatten.wasm',
        'dist/tree-sitter-go.wasm',
        'dist/tree-sitter-rust.wasm',
        'dist/web-tree-sitter.wasm',
        'docs/images/finding-hover.png',
        'docs/images/manifest-fixes.png',
        ...rules.map((rule) => `docs/rules/${rule.meta.id}.md`),
        'docs/handbook/contents.md',
        ...Object.keys(chapters).map((chapter) => `docs/handbook/${chapter}.md`),
        ...Object.keys(myths).map((myth) => `docs/myths/${myth}.md`),
        'media/icon.png',
        ...['go', 'rust', 'yaml'].map((language) => `media/snippets/${language}.json`),
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

describe('package.json', () => {
  test('names files that exist', () => {
    for (const file of [
      manifest.icon,
      ...manifest.contributes.yamlValidation.map((v: { url: string }) => v.url),
    ]) {
      expect(existsSync(file), file).toBe(true);
    }
  });

  test('lists the commands that the extension registers, each for people to read', () => {
    const source =
      readFileSync('src/extension/main.ts', 'utf8') + readFileSync('src/server/protocol.ts', 'utf8');
    for (const { command, title, category } of manifest.contributes.commands) {
      expect(source, command).toContain(`'${command}'`);
      expect(title).toMatch(/^[A-Z]/);
      expect(category).toBe('Headroom');
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
    for (const event of manifest.activationEvents) expect(event).toMatch(/^(onLanguage:|onUri$)/);
    expect(manifest.capabilities.untrustedWorkspaces.supported).toBe('limited');
    expect(manifest.capabilities.virtualWorkspaces.supported).toBe(false);
    expect(manifest.devDependencies['@types/vscode']).toBe(manifest.engines.vscode.slice(1));
  });
});
