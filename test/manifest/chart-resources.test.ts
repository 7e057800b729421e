import { expect, test } from 'vitest';
import { chartDefault } from '../../src/manifest/chart-resources.ts';
import { Manifests } from '../../src/manifest/manifests.ts';
import { readManifest } from '../../src/manifest/read.ts';

const VALUES = `resources:
  limits: { memory: 48Mi }
api:
  resources:
    limits:
      memory: 64Mi
    requests:
      memory: 32Mi
memory: 96Mi
empty: {}
zero: 0
`;

/** A container of a template whose lines after `name` are these. */
function container(lines: string) {
  const template = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  template:
    spec:
      containers:
        - name: api
          image: example.com/api:1
${lines.replace(/^(?=.)/gm, '          ')}
`;
  const manifests = new Manifests([
    readManifest('chart/values.yaml', VALUES),
    readManifest('chart/templates/api.yaml', template),
  ]);
  return { manifests, container: manifests.containers.find((c) => c.name === 'api')! };
}

function limit(lines: string, side: 'limits' | 'requests' = 'limits'): string | undefined {
  const { manifests, container: found } = container(lines);
  const amount = chartDefault(manifests, found, side);
  if (!amount) return undefined;
  const { file, span } = amount.where;
  return `${amount.text} at ${file}:${VALUES.slice(0, span.start).split('\n').length}`;
}

test.each([
  ['resources:\n  {{- toYaml .Values.resources | nindent 12 }}', '48Mi at chart/values.yaml:2'],
  ['resources: {{- toYaml .Values.api.resources | nindent 12 }}', '64Mi at chart/values.yaml:6'],
  ['resources: {{ .Values.api.resources | toJson }}', '64Mi at chart/values.yaml:6'],
  ['resources:\n{{ toYaml (.Values.api.resources) | indent 12 }}', '64Mi at chart/values.yaml:6'],
  [
    '{{- with .Values.api.resources }}\nresources:\n  {{- toYaml . | nindent 12 }}\n{{- end }}',
    '64Mi at chart/values.yaml:6',
  ],
  [
    '{{- with $.Values.api }}\nresources:\n  {{- toYaml .resources | nindent 12 }}\n{{- end }}',
    '64Mi at chart/values.yaml:6',
  ],
  ['resources:\n  limits:\n    memory: {{ .Values.memory }}', '96Mi at chart/values.yaml:9'],
  ['resources:\n  limits:\n    memory: {{ .Values.memory | quote }}', '96Mi at chart/values.yaml:9'],
  ['resources:\n  limits:\n    memory: {{ .Values.memory | default "1Gi" }}', '96Mi at chart/values.yaml:9'],
  [
    'resources:\n  limits:\n    memory: {{ default "1Gi" .Values.memory | quote }}',
    '96Mi at chart/values.yaml:9',
  ],
])('the default values give a limit: %s', (lines, expected) => {
  expect(limit(lines)).toBe(expected);
});

test('a request as well', () => {
  expect(limit('resources:\n  {{- toYaml .Values.api.resources | nindent 12 }}', 'requests')).toBe(
    '32Mi at chart/values.yaml:8',
  );
});

test.each([
  ['another map is merged in', 'resources: {{ toYaml (merge .Values.resources .Values.api.resources) }}'],
  ['a helper decides', 'resources: {{- include "api.resources" . | nindent 12 }}'],
  [
    'a default of the template decides',
    'resources:\n  limits:\n    memory: {{ .Values.none | default "1Gi" }}',
  ],
  [
    'a default of the template takes the place of nothing',
    'resources:\n  limits:\n    memory: {{ .Values.zero | default "1Gi" }}',
  ],
  [
    'a default is another value',
    'resources:\n  limits:\n    memory: {{ .Values.memory | default .Values.zero }}',
  ],
  ['the values state none', 'resources:\n  {{- toYaml .Values.empty | nindent 12 }}'],
  ['the values are not there', 'resources:\n  {{- toYaml .Values.none | nindent 12 }}'],
  ['it is in the template', 'resources:\n  limits:\n    memory: 1Gi'],
  ['nothing is said of resources', 'ports:\n  {{- toYaml .Values.resources | nindent 12 }}'],
  [
    'something else stands first',
    'resources:\n  claims: []\nenv:\n  {{- toYaml .Values.resources | nindent 12 }}',
  ],
])('nothing is known when %s', (_, lines) => {
  expect(limit(lines)).toBeUndefined();
});
