import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Workspace } from '../../src/analysis/workspace.ts';
import { startEngine } from '../../src/host/engine.ts';
import { allRules } from '../../src/rules/registry.ts';
import { compileGo, compileRust, goVersion, rustcVersion } from '../../src/tools/fixtures/compile.ts';

const files = readdirSync('examples', { recursive: true, encoding: 'utf8' })
  .map((f) => f.replaceAll('\\', '/'))
  .filter((f) => /\.(rs|go|ya?ml|toml|mod)$|(^|\/)Dockerfile$/.test(f) && !f.includes('target/'))
  .sort();
const texts = new Map(files.map((f) => [f, readFileSync(`examples/${f}`, 'utf8')]));

const workspace = new Workspace({ parser: await startEngine(), throwRuleErrors: true });
for (const [file, text] of texts) workspace.setText(file, text);
const { findings, exemptions } = workspace.check();

/** The shop compiles with the standard library alone; these hazards need a decoder, futures, buffers or an allocator of a crate. */
const NEEDS_LIBRARIES = new Set([
  'k8s/jemalloc-tight',
  'k8s/malloc-conf-prefix',
  'k8s/mimalloc-tight',
  'rust/decompression-bomb',
  'rust/retained-slice',
  'rust/unbounded-concurrency',
]);

/** `file rule` for every rule that a comment beginning with `Hazard` names. */
function announced(): string[] {
  return [...texts].flatMap(([file, text]) =>
    [...text.matchAll(/Hazards? ([^:]+):/g)].flatMap((m) =>
      [...m[1]!.matchAll(/[a-z0-9]+\/[a-z-]+/g)].map((rule) => `${file} ${rule[0]}`),
    ),
  );
}

describe('the example shop', () => {
  it('has the hazards its comments announce, and no others', () => {
    expect(findings.map((f) => `${f.file} ${f.rule}`).sort()).toEqual(announced().sort());
  });

  it('has a hazard for every rule about code and manifests', () => {
    const shown = new Set(findings.map((f) => f.rule));
    const rules = allRules.map((r) => r.meta.id).filter((id) => !id.startsWith('headroom/'));
    expect(rules.filter((id) => !shown.has(id) && !NEEDS_LIBRARIES.has(id))).toEqual([]);
  });

  it('shows what is bounded, with its reason', () => {
    const silent = exemptions.map((e) => `${e.file} ${e.rule} ${e.message}`).join('\n');
    expect(silent).toMatch(/checkout\/src\/orders\.rs rust\/unbounded-cache bounded by .*retain/);
    expect(silent).toMatch(/catalog\/internal\/views\/log\.go go\/unbounded-cache bounded by/);
    expect(silent).toMatch(/catalog\/internal\/search\/index\.go go\/unbounded-cache bounded by/);
  });

  const service = (name: string) => [
    {
      name,
      texts: new Map(
        [...texts].flatMap(([f, t]) =>
          f.startsWith(`${name}/`) ? [[f.slice(name.length + 1), t] as const] : [],
        ),
      ),
    },
  ];

  it.skipIf(!rustcVersion())('compiles its Rust service', { timeout: 60_000 }, async () => {
    expect(await compileRust('.', service('checkout'))).toMatchObject({
      failures: [],
      compiled: ['checkout'],
    });
  });

  it.skipIf(!goVersion())('compiles its Go service', { timeout: 60_000 }, async () => {
    expect(await compileGo('.', service('catalog'), goVersion()!)).toMatchObject({
      failures: [],
      compiled: ['catalog'],
    });
  });
});
