import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Amount, Stated } from '../../src/manifest/model.ts';
import { readManifest } from '../../src/manifest/read.ts';
import { blankTemplate } from '../../src/manifest/template.ts';
import { costRatio } from '../cost.ts';

const text = (stated: Stated) => (typeof stated === 'object' ? (stated as Amount).text : stated);

function deployment(container: string, indent = '        '): string {
  const body = container
    .trim()
    .split('\n')
    .map((line) => (line.startsWith('^') ? line.slice(1) : `${indent}${line}`))
    .join('\n');
  return `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api}\nspec:\n  template:\n    spec:\n      containers:\n${body}\n`;
}

/** Block maps inside each other, as deep as 2 MB of indentation allow. */
function nested(depth: number): string {
  const lines: string[] = [];
  for (let i = 1, size = 0; i <= depth && size < 1_900_000; i++) {
    lines.push(`${' '.repeat(i)}a:`);
    size += i + 3;
  }
  return lines.join('\n');
}

describe('readManifest', () => {
  it('finds the pods of every workload kind, in Lists and in several documents', () => {
    const pod = 'containers: [{name: c, image: i, resources: {limits: {memory: 1Gi}}}]';
    const documents = [
      `kind: Pod\nspec: {${pod}}`,
      ...['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'ReplicationController', 'Job'].map(
        (kind) => `kind: ${kind}\nspec: {template: {spec: {${pod}}}}`,
      ),
      `kind: CronJob\nspec: {jobTemplate: {spec: {template: {spec: {${pod}}}}}}`,
      `kind: List\nitems:\n- kind: Pod\n  spec: {${pod}}\n- kind: Deployment\n  spec: {template: {spec: {${pod}}}}`,
      `kind: DeploymentList\nitems:\n- kind: Deployment\n  spec: {template: {spec: {${pod}}}}`,
    ];
    const file = readManifest('all.yaml', `# first\n${documents.join('\n---\n')}\n`);
    expect(file.workloads.map((w) => w.object.kind)).toEqual([
      'Pod',
      'Deployment',
      'StatefulSet',
      'DaemonSet',
      'ReplicaSet',
      'ReplicationController',
      'Job',
      'CronJob',
      'Pod',
      'Deployment',
      'Deployment',
    ]);
    expect(file.workloads.every((w) => text(w.containers[0]!.resources.memoryLimit) === '1Gi')).toBe(true);
  });

  it('tells init containers, native sidecars and containers apart', () => {
    const file = readManifest(
      'pod.yaml',
      'kind: Pod\nspec:\n  initContainers:\n  - {name: a, image: i}\n  - {name: b, image: i, restartPolicy: Always}\n  containers:\n  - {name: c, image: i}\n',
    );
    expect(file.workloads[0]!.containers.map((c) => `${c.name} ${c.role}`)).toEqual([
      'a init',
      'b sidecar',
      'c container',
    ]);
  });

  it('knows the exact place of what it reads, with BOM and CRLF too', () => {
    const plain = deployment("- name: api\n  image: i\n  resources:\n    limits: {memory: '512Mi'}");
    for (const source of [
      plain,
      plain.replaceAll('\n', '\r\n'),
      `\ufeff${plain}`,
      `kind: Secret\n---\n${plain}`,
    ]) {
      const { resources, at } = readManifest('d.yaml', source).workloads[0]!.containers[0]!;
      const limit = resources.memoryLimit as Amount;
      expect(source.slice(limit.span.start, limit.span.end)).toBe("'512Mi'");
      expect(source.slice(at.start, at.end)).toBe('api');
    }
  });

  it('follows anchors and merge keys and says which anchors it crossed', () => {
    const file = readManifest(
      'd.yaml',
      deployment(
        [
          '- name: a',
          '  image: i',
          '  resources: &res',
          '    limits: &lim {memory: 1Gi}',
          '- name: b',
          '  image: i',
          '  resources: *res',
          '- name: c',
          '  image: i',
          '  resources:',
          '    limits:',
          '      <<: *lim',
          '      cpu: 1',
          '- name: d',
          '  image: i',
          '  resources:',
          '    <<: [*res]',
          '    requests: {memory: 5Mi}',
        ].join('\n'),
      ),
    );
    const limits = file.workloads[0]!.containers.map((c) => c.resources.memoryLimit as Amount);
    expect(limits.map((l) => l.text)).toEqual(['1Gi', '1Gi', '1Gi', '1Gi']);
    expect(limits.map((l) => l.shared.map((s) => s.name).sort())).toEqual([
      ['lim', 'res'],
      ['lim', 'res'],
      ['lim'],
      ['lim', 'res'],
    ]);
  });

  it('reads lists that end in the column of their key, as Kubernetes does', () => {
    const text = deployment(
      '- args: [ # flags\n  "-a", # first\n  \'#b\',\n]\n  name: a\n  image: i\n  resources: {\n    limits: {memory: 1Gi},\n}',
    );
    for (const source of [text, text.replaceAll('\n', '\r\n')]) {
      const file = readManifest('d.yaml', source);
      expect(file.notices).toEqual([]);
      const limit = file.workloads[0]!.containers[0]!.resources.memoryLimit as Amount;
      expect(source.slice(limit.span.start, limit.span.end)).toBe('1Gi');
    }
  });

  it('lets an own key win over a merged one', () => {
    const file = readManifest(
      'd.yaml',
      deployment(
        '- &base\n  name: a\n  image: i\n  resources: {limits: {memory: 1Gi}}\n- <<: *base\n  name: b\n  resources: {limits: {memory: 2Gi}}',
      ),
    );
    expect(file.workloads[0]!.containers.map((c) => [c.name, text(c.resources.memoryLimit)])).toEqual([
      ['a', '1Gi'],
      ['b', '2Gi'],
    ]);
  });

  it.each([
    ['docker-compose.yml', 'services:\n  api:\n    image: x\n    mem_limit: 1g\n', 'compose'],
    ['stack.yaml', 'version: "3"\nservices:\n  api:\n    build: .\n', 'compose'],
    ['kustomization.yaml', 'resources: [a.yaml]\n', 'kustomization'],
    ['values.yaml', 'resources: {}\nkind: nothing\n', 'other'],
    ['x.yaml', 'kind: Pod\nspec: {containers: [{name: a}]}\n', 'kubernetes'],
    ['ci.yaml', 'services:\n  postgres: {ports: [5432]}\n', 'other'],
  ])('%s is of its kind', (name, source, kind) => expect(readManifest(name, source).kind).toBe(kind));
});

describe('texts nobody meant to be read', () => {
  it('reads what stands before a syntax error and says where it is', () => {
    const file = readManifest('d.yaml', `${deployment('- name: a\n  image: i')}   broken: [1,\n  x: }\n`);
    expect(file.workloads[0]!.containers[0]!.name).toBe('a');
    expect(file.notices[0]!.message).toMatch(/^line \d+: broken YAML/);
  });

  const bytes = String.fromCharCode(...Array.from({ length: 200 }, (_, i) => i + 1));
  it.each([
    ['nesting', `kind: Pod\nspec: ${'['.repeat(20_000)}\n`, /nested too deeply/],
    ['block nesting', `kind: Pod\nspec:\n${nested(20_000)}`, /nested too deeply/],
    ['NUL', 'kind: Pod\nspec: \0\n', /NUL characters/],
    ['binary', `kind: Pod\n${bytes}`, /broken YAML/],
    [
      'an alias of nothing',
      'kind: Pod\nspec: {containers: [*x, {name: a, resources: *y}]}\n',
      /unresolved alias/i,
    ],
    [
      'an alias of itself',
      'kind: Pod\nspec: &s\n  <<: *s\n  containers: [{name: a, image: i}]\n  x: *s\n',
      undefined,
    ],
    ['tabs', 'kind: Pod\nspec:\n\tcontainers:\n\t- name: a\n', /broken YAML/],
    ['an unclosed action', 'kind: Pod\nspec: {{ if\n', /broken YAML/],
    [
      '50 MB',
      `kind: Pod\n${'# filler filler filler\n'.repeat(2_300_000)}`,
      /skipped: \d+ MB.*split the file/,
    ],
  ])('survives %s and says what is wrong', (_, source, wanted) => {
    const { notices } = readManifest('bad.yaml', source);
    if (wanted) expect(notices.map((n) => n.message).join()).toMatch(wanted);
    else expect(notices).toEqual([]);
  });

  it('never expands aliases', () => {
    const lines = ['kind: Pod', 'a0: &a0 {x: 1}'];
    for (let i = 1; i <= 40; i++)
      lines.push(
        `a${i}: &a${i} {<<: [${Array(9)
          .fill(`*a${i - 1}`)
          .join(', ')}]}`,
      );
    lines.push('spec:', '  containers:', '  - {name: c, image: i, resources: {<<: *a40}}');
    const { resources } = readManifest('bomb.yaml', lines.join('\n')).workloads[0]!.containers[0]!;
    expect(resources.memoryLimit).toBeUndefined();
  });

  it('reports 20,000 equal keys once, and does not compare each with each', () => {
    const equal = (n: number) =>
      readManifest('dup.yaml', `kind: Pod\n${'a: 1\n'.repeat(n)}spec: {containers: [{name: c, image: i}]}\n`);
    const file = equal(20_000);
    expect(
      costRatio(
        () => equal(5_000),
        () => equal(20_000),
      ),
    ).toBeLessThan(9);
    expect(file.notices).toHaveLength(1);
    expect(file.notices[0]!.message).toContain('key "a" is given twice (and 19998 more such keys)');
    expect(file.workloads).toHaveLength(1);
  });
});

describe('Helm templates', () => {
  it('keeps every offset and line', () => {
    const source = 'a: {{ .Values.x | quote }}\n{{- if .y }}\nb: "{{ z }}"\n{{- end }}\n{{/* a\n b */}}\n';
    const { text: blanked } = blankTemplate(source);
    expect(blanked).toHaveLength(source.length);
    expect(blanked.split('\n').map((l) => l.length)).toEqual(source.split('\n').map((l) => l.length));
    expect(blanked).not.toMatch(/[{}]/);
  });

  it('does not end an action inside its strings', () => {
    const { text: blanked } = blankTemplate('a: {{ printf "}}" }}b\n');
    expect(blanked).toBe('a: xxxxxxxxxxxxxxxxxb\n');
  });

  const chart = (resources: string) =>
    readManifest(
      'templates/d.yaml',
      deployment(`- name: {{ .Chart.Name }}\n  image: "{{ .Values.image }}"\n${resources}`),
    );

  it.each([
    ['rendered below', '  resources:\n    {{- toYaml .Values.resources | nindent 12 }}'],
    ['rendered behind', '  resources: {{ toYaml .Values.resources | nindent 12 }}'],
    [
      'rendered with its key',
      '  {{- with .Values.resources }}\n  resources:\n    {{- toYaml . | nindent 12 }}\n  {{- end }}',
    ],
    ['rendered by a helper', '  {{- include "chart.resources" . | nindent 10 }}'],
    [
      'limits from a range',
      '  resources:\n    limits:\n      {{- range $k, $v := .Values.limits }}\n      {{ $k }}: {{ $v }}\n      {{- end }}',
    ],
    ['a helper at the left edge', '  ports: []\n^{{ include "chart.rest" . }}'],
    ['a key behind a condition', '  resources:\n    limits:\n      {{ if .Values.m }}memory: 1Gi{{ end }}'],
  ])('does not know resources %s', (_, resources) => {
    const file = chart(resources);
    expect(file.workloads[0]!.containers[0]!.resources.memoryLimit).toBe('unknown');
    expect(file.notices).toEqual([]);
  });

  it.each([
    ['other keys', '  env:\n    {{- toYaml .Values.env | nindent 12 }}'],
    ['other containers', '  ports: []\n{{- include "more.containers" . | nindent 8 }}'],
    ['conditions', '  {{- if .Values.debug }}\n  args: [-v]\n  {{- end }}'],
  ])('knows that resources are absent although a template renders %s', (_, rest) => {
    expect(chart(rest).workloads[0]!.containers[0]!.resources.memoryLimit).toBeUndefined();
  });

  it('sees the value of a scalar as unknown, not as filler', () => {
    const amount = chart('  resources: {limits: {memory: "{{ .Values.mem }}"}}').workloads[0]!.containers[0]!
      .resources.memoryLimit as Amount;
    expect(amount.unknown).toBe(true);
    expect(amount.quantity).toBeUndefined();
  });
});

it('needs ten times as long for a release file ten times as large, not a hundred times', () => {
  const one = readFileSync(new URL('./release.yaml', import.meta.url), 'utf8');
  const read = (times: number) => readManifest('release.yaml', `${one}\n---\n`.repeat(times)).workloads;
  expect(read(100)).toHaveLength(100);
  expect(
    costRatio(
      () => read(10),
      () => read(100),
    ),
  ).toBeLessThan(30);
});
