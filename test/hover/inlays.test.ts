import { describe, expect, it } from 'vitest';
import { manifestInlays } from '../../src/hover/inlays.ts';
import { Manifests } from '../../src/manifest/manifests.ts';
import { readManifest } from '../../src/manifest/read.ts';

/** `text|kind` of each inlay, with the word it stands behind. */
function inlays(files: Record<string, string>, file = 'pod.yaml'): string[] {
  const manifests = new Manifests(Object.entries(files).map(([f, text]) => readManifest(f, text)));
  const text = files[file]!;
  return manifestInlays(manifests, file).map(({ kind, offset, text: shown }) => {
    const word = /[^\s:{}]+:?$/.exec(text.slice(0, offset))?.[0];
    return `${word} ${kind}: ${shown}`;
  });
}

const pod = (containers: string, head = '') =>
  `kind: Pod\nmetadata: {name: p}\nspec:\n${head}  containers:\n${containers}`;

describe('inlays of a manifest', () => {
  it('sum up a pod, sidecars and init containers included', () => {
    const init =
      '  initContainers:\n  - {name: mesh, image: i, restartPolicy: Always, resources: {requests: {memory: 64Mi}, limits: {memory: 64Mi}}}\n  - {name: load, image: i, resources: {requests: {memory: 1Gi}, limits: {memory: 1Gi}}}\n';
    const app =
      '  - {name: app, image: i, resources: {requests: {memory: 512Mi}, limits: {memory: 768Mi}}}\n';
    expect(inlays({ 'pod.yaml': pod(app, init) })).toEqual([
      'containers: pod: Burstable · pod request 1088Mi, limit 1088Mi',
    ]);
  });

  it('leave out sums that are not known', () => {
    expect(inlays({ 'pod.yaml': pod('  - {name: a, image: i}\n') })).toEqual(['containers: pod: BestEffort']);
    expect(
      inlays({ 'pod.yaml': pod('  - name: a\n    image: i\n    resources: {{ .Values.r }}\n') }),
    ).toEqual([]);
  });

  it('show what a LimitRange and the pod give', () => {
    const range =
      'kind: LimitRange\nmetadata: {name: mem}\nspec: {limits: [{type: Container, default: {memory: 512Mi}, defaultRequest: {memory: 256Mi}}]}\n';
    expect(inlays({ 'pod.yaml': pod('  - {name: a, image: i}\n'), 'limits.yaml': range })).toContain(
      'a effective: limit 512Mi from LimitRange "mem", request 256Mi from LimitRange "mem"',
    );
    expect(
      inlays({ 'pod.yaml': pod('  - {name: a, image: i}\n', '  resources: {limits: {memory: 1Gi}}\n') }),
    ).toContain('a effective: limit 1Gi from the pod');
  });

  it('say what decimal quantities are, what the limit implies and which share of it GOMEMLIMIT is', () => {
    const container =
      '  - name: a\n    image: i\n    env: [{name: GOMEMLIMIT, value: 230MiB}]\n    resources: {limits: {memory: 256M}}\n';
    expect(inlays({ 'pod.yaml': pod(container) })).toEqual([
      'containers: pod: Burstable · pod request 244.1Mi, limit 244.1Mi',
      '230MiB effective: 94 % of the limit',
      '256M bytes: = 244.1Mi',
      '256M effective: also the request',
    ]);
  });

  it('stay out of patches and other files', () => {
    const files = {
      'kustomization.yaml': 'resources: [pod.yaml]\npatches: [{path: more.yaml}]\n',
      'pod.yaml': pod('  - {name: a, image: i}\n'),
      'more.yaml': pod('  - {name: a, resources: {limits: {memory: 512M}}}\n'),
    };
    expect(inlays(files, 'more.yaml')).toEqual([]);
    expect(inlays(files, 'kustomization.yaml')).toEqual([]);
  });
});
