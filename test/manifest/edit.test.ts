import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyEdits } from '../../src/core/edits.ts';
import type { Fix } from '../../src/core/finding.ts';
import { LIMIT_PLACEHOLDER, setContainerMemory, setEnv, setSizeLimit } from '../../src/manifest/fixes.ts';
import type { Container, ManifestFile } from '../../src/manifest/model.ts';
import { readManifest } from '../../src/manifest/read.ts';
import { comments, leaves } from './yaml-leaves.ts';

let last = { text: '', said: [] as string[] };
/** The leaves of the text that was asked for last are kept: every action on a file starts from the same ones. */
function said(text: string): string[] {
  if (last.text !== text) last = { text, said: leaves(text) };
  return last.said;
}

function apply(file: ManifestFile, fix: Fix): string {
  const edits = fix.edits();
  expect(edits.length).toBeGreaterThan(0);
  return applyEdits(file.text, edits);
}

/** Checks one fix: the text parses, says the new thing, and nothing else than its place has changed. */
function check(
  file: ManifestFile,
  container: Container,
  fix: Fix | undefined,
  expected: (after: Container) => unknown,
  changes: RegExp,
) {
  if (!fix) return false;
  const text = apply(file, fix);
  if (text === file.text) return false;
  const before = said(file.text);
  const after = leaves(text);
  const index = file.workloads.indexOf(container.workload);
  const changed = readManifest(file.file, text).workloads[index]!.containers.find(
    (_, i) => i === container.workload.containers.indexOf(container),
  )!;
  expect(expected(changed)).toBeTruthy();
  const lost = before.filter((l) => !after.includes(l) && !/ = (\{\}|null|~|)$/.test(l));
  const gained = after.filter((l) => !before.includes(l));
  expect(lost.filter((l) => !changes.test(l))).toEqual([]);
  expect(gained.filter((l) => !changes.test(l))).toEqual([]);
  expect(gained.length).toBeGreaterThan(0);
  expect(comments(text).sort()).toEqual(comments(file.text).sort());
  const ends = file.text.split('\n').map((l) => l.endsWith('\r'));
  if (ends.slice(0, -1).every(Boolean) && ends.length > 1)
    expect(
      text
        .split('\n')
        .slice(0, -1)
        .every((l) => l.endsWith('\r')),
    ).toBe(true);
  return true;
}

const limitIs = (value: string) => (c: Container) => {
  const limit = c.resources.memoryLimit;
  return typeof limit === 'object' && limit.text === value;
};
const envIs = (value: string) => (c: Container) =>
  c.env.some((e) => e.name === 'GOMEMLIMIT' && e.value?.text === value);

/** Tries every action on every container of a text; counts those that were possible. */
function checkAll(file: ManifestFile): number {
  let done = 0;
  for (const container of file.workloads.flatMap((w) => w.containers)) {
    if (
      check(
        file,
        container,
        setContainerMemory(container, 'limits', '777Mi', 't', 'maybe-incorrect'),
        limitIs('777Mi'),
        /resources|limits|memory/,
      )
    )
      done++;
    if (
      check(
        file,
        container,
        setContainerMemory(container, 'limits', LIMIT_PLACEHOLDER, 't', 'has-placeholders'),
        limitIs(LIMIT_PLACEHOLDER),
        /resources|limits|memory/,
      )
    )
      done++;
    if (check(file, container, setEnv(container, 'GOMEMLIMIT', '460MiB', 't'), envIs('460MiB'), /env/))
      done++;
    for (const volume of container.workload.volumes) {
      if (!volume.emptyDir || volume.sizeLimit) continue;
      const sized = (c: Container) =>
        c.workload.volumes.some((v) => v.name === volume.name && typeof v.sizeLimit === 'object');
      if (check(file, container, setSizeLimit(file, volume, 1n << 30n), sized, /emptyDir|sizeLimit/)) done++;
    }
  }
  return done;
}

/** Texts of a container in every style people use. */
const comment = fc.constantFrom('', ' # why: measured', '   # {not: yaml}');
const memory = fc.constantFrom('1Gi', '"512Mi"', "'256Mi'", '134217728');
const resources = fc.oneof(
  fc.constant([] as string[]),
  comment.map((c) => [`resources:${c}`]),
  comment.map((c) => [`resources: {}${c}`]),
  comment.map((c) => [`resources: null${c}`]),
  comment.map((c) => [`resources: ~${c}`]),
  fc.tuple(memory, comment).map(([m, c]) => [`resources: {requests: {memory: ${m}}}${c}`]),
  fc
    .tuple(memory, comment)
    .map(([m, c]) => [`resources: {requests: {memory: ${m}, cpu: 1}, limits: {cpu: 1}}${c}`]),
  fc
    .tuple(memory, comment)
    .map(([m, c]) => [`resources: { "requests": { "memory": ${m.startsWith('"') ? m : '"1Gi"'} } }${c}`]),
  fc
    .tuple(memory, comment, comment)
    .map(([m, c, d]) => ['resources:', `  requests:${c}`, `    memory: ${m}${d}`, '    cpu: 1']),
  fc
    .tuple(memory, comment, comment)
    .map(([m, c, d]) => ['resources:', `  limits:${c}`, `    # the limit`, `    memory: ${m}${d}`]),
  comment.map((c) => ['resources:', `  limits:${c}`, '    cpu: 1', '', '  # trailing words']),
  comment.map((c) => ['resources:', `  limits: {}${c}`]),
  comment.map((c) => ['resources:', `  limits:${c}`]),
  comment.map((c) => ['resources:', '    requests:', `        memory: 1Gi${c}`]),
  comment.map((c) => ['resources: {', `  requests: {memory: 1Gi}${c}`, '}']),
  comment.map((c) => ['resources: {', `  requests: {memory: 1Gi},${c.replace('# ', '# ')}`, '}']),
);
const env = fc.oneof(
  fc.constant([] as string[]),
  comment.map((c) => ['env:', `- {name: A, value: b}${c}`]),
  comment.map((c) => ['env:', `  - name: A${c}`, '    value: b', '  # end of env']),
  comment.map((c) => [`env: [{name: A, value: b}]${c}`]),
  comment.map((c) => [`env: []${c}`]),
  comment.map((c) => [`env:${c}`]),
  comment.map((c) => ['env:', '- name: GOMEMLIMIT', `  value: "1GiB"${c}`, '- name: Z', '  value: z']),
  comment.map((c) => [
    'env:',
    '- name: GOMEMLIMIT',
    '  valueFrom:',
    `    resourceFieldRef:${c}`,
    '      resource: limits.memory',
    '- name: Z',
    '  value: z',
  ]),
);
const rest = fc.constantFrom(
  [] as string[],
  ['args:', '- |', '  multi', '  line'],
  ['args: [a,', '  b]'],
  ['ports:', '# the port', '- containerPort: 80'],
  ['command: ["sh"] # shell'],
  ['stdin: "x', '  y"'],
);
const block = fc
  .tuple(fc.shuffledSubarray([0, 1, 2], { minLength: 3 }), resources, env, rest, comment)
  .map(([order, r, e, o, c]) => {
    const parts = [r, e, o];
    return [`name: api${c}`, 'image: i', ...order.flatMap((i) => parts[i]!)];
  });
const manifest = fc
  .tuple(
    fc.array(block, { minLength: 1, maxLength: 3 }),
    fc.constantFrom(0, 2, 4),
    fc.boolean(),
    fc.boolean(),
    fc.boolean(),
  )
  .map(([containers, indent, crlf, bom, end]) => {
    const lines = ['apiVersion: v1', 'kind: Pod', 'metadata: {name: p}', 'spec:', '  containers:'];
    for (const container of containers)
      container.forEach((line, i) => {
        lines.push(`${' '.repeat(2 + indent)}${i === 0 ? '- ' : '  '}${line}`);
      });
    lines.push(
      '  volumes:',
      '  - name: t',
      '    emptyDir: {medium: Memory}',
      '  - name: u',
      '    emptyDir:',
      '      medium: Memory # fast',
    );
    const text = lines.join(crlf ? '\r\n' : '\n');
    return `${bom ? '\ufeff' : ''}${text}${end ? (crlf ? '\r\n' : '\n') : ''}`;
  });

describe('edits', () => {
  it('change what they should and nothing else, in every style', () => {
    let possible = 0;
    let containers = 0;
    fc.assert(
      fc.property(manifest, (text) => {
        const file = readManifest('pod.yaml', text);
        containers += file.workloads.flatMap((w) => w.containers).length;
        possible += checkAll(file);
      }),
      { numRuns: 150, seed: 7 },
    );
    // Five actions a container: nearly all of them have a safe place.
    expect(possible / containers).toBeGreaterThan(4.5);
  }, 300_000);

  it('hold on the manifests of the fixtures and the corpus', () => {
    let done = 0;
    for (const path of yamlFiles('test/fixtures').concat(yamlFiles('test/corpus'))) {
      const file = readManifest(path, readFileSync(path, 'utf8'));
      if (file.template || file.kind !== 'kubernetes' || file.notices.length > 0) continue;
      done += checkAll(file);
    }
    expect(done).toBeGreaterThan(100);
  }, 300_000);

  it('say whom a change through an anchor concerns', () => {
    const file = readManifest(
      'd.yaml',
      'kind: Pod\nspec:\n  containers:\n  - {name: a, image: i, resources: &r {limits: {cpu: 1}}}\n  - {name: b, image: i, resources: *r}\n',
    );
    for (const container of file.workloads[0]!.containers) {
      const fix = setContainerMemory(container, 'limits', '1Gi', 'Set it', 'machine-applicable')!;
      expect(fix.title).toBe('Set it (also changes what *r refers to)');
      expect(fix.applicability).toBe('maybe-incorrect');
      expect(apply(file, fix)).toContain('resources: &r {limits: {cpu: 1, memory: 1Gi}}}');
    }
  });

  it('refuse what a template renders and stay under its conditions', () => {
    const chart = (body: string) =>
      readManifest('t.yaml', `kind: Pod\nspec:\n  containers:\n  - name: a\n    image: i\n${body}\n`)
        .workloads[0]!.containers[0]!;
    const limit = (body: string) => setContainerMemory(chart(body), 'limits', '1Gi', 't', 'maybe-incorrect');
    expect(limit('    resources: {{ toYaml .Values.r }}')).toBeUndefined();
    expect(limit('    {{- include "r" . | nindent 4 }}')).toBeUndefined();
    expect(limit('    resources:\n      limits:\n        memory: {{ .Values.m }}')).toBeUndefined();
    expect(limit('    {{- if .x }}\n    args: []\n    {{- end }}')!.edits()[0]!.newText).toBe(
      '\n    resources:\n      limits:\n        memory: 1Gi',
    );
    expect(
      limit('    resources:\n      {{- if .x }}\n      requests: {memory: 1Gi}\n      {{- end }}'),
    ).toBeUndefined();
  });
});

function yamlFiles(dir: string): string[] {
  return readdirSync(dir).flatMap((name) => {
    const path = join(dir, name);
    if (statSync(path).isDirectory()) return yamlFiles(path);
    return /\.ya?ml$/.test(name) ? [path] : [];
  });
}
