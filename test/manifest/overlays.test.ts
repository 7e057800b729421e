import { describe, expect, it } from 'vitest';
import { Workspace } from '../../src/analysis/workspace.ts';

const api = (resources: string) => `apiVersion: apps/v1
kind: Deployment
metadata: {name: api}
spec:
  template:
    spec:
      containers:
        - name: api
          image: registry.example.org/api:1
          resources: ${resources}
`;
const patch = (resources: string) =>
  `resources: [../../base]\npatches:\n  - patch: |-\n${api(resources).replace(/^/gm, '      ')}\n`;
const bare = 'resources: [../../base]\n';
const base = (resources: string) => ({
  'base/api.yaml': api(resources),
  'base/kustomization.yaml': 'resources: [api.yaml]\n',
});
const MEMORY = '{requests: {memory: 1Gi}, limits: {memory: 1Gi}}';

/** What one rule says: the message's first sentence, and what each related place says. */
function said(rule: string, files: Readonly<Record<string, string>>): string[] {
  const workspace = new Workspace({ only: [rule], profile: 'pedantic', throwRuleErrors: true });
  for (const [file, text] of Object.entries(files)) workspace.setText(file, text);
  return workspace
    .check()
    .findings.flatMap((f) => [
      `${f.file}: ${f.message.split('. ')[0]}`,
      ...f.related.map((r) => `  ${r.file}: ${r.message}`),
    ]);
}

describe('a file named like a patch', () => {
  const rule = 'k8s/limit-missing';
  it('is one before a kustomization lists it', () => {
    expect(said(rule, { 'deploy/api.yaml': api('{}') })).toHaveLength(1);
    expect(said(rule, { 'deploy/patches/api.yaml': api('{}') })).toEqual([]);
    expect(said(rule, { 'deploy/api-patch.yaml': api('{}') })).toEqual([]);
  });

  it('is none among the templates of a chart', () => {
    const job = api('{}').replace('{name: api}', '{name: "{{ .Release.Name }}-patch"}');
    expect(said(rule, { 'chart/templates/job-patch/api.yaml': job })).toEqual([
      'chart/templates/job-patch/api.yaml: Container "api" has no memory limit',
    ]);
    expect(said(rule, { 'chart/files/api-patch.yaml': job })).toEqual([]);
  });
});

describe('a finding in a base', () => {
  it('names the overlays that build it', () => {
    const files = {
      ...base('{requests: {memory: 2Gi}, limits: {memory: 1Gi}}'),
      'overlays/dev/kustomization.yaml': bare,
      'overlays/prod/kustomization.yaml': bare,
    };
    expect(said('k8s/request-over-limit', files)).toEqual([
      'base/api.yaml: Request 2Gi > limit 1Gi: rejected by the API server',
      '  base/api.yaml: the limit, 1Gi',
      '  overlays/dev/kustomization.yaml: overlay "dev" builds this',
      '  overlays/prod/kustomization.yaml: overlay "prod" builds this',
    ]);
  });

  it('counts the overlays where they are many', () => {
    const overlays = ['a', 'b', 'c', 'd', 'e', 'f'].map((n) => [`overlays/${n}/kustomization.yaml`, bare]);
    const all = said('k8s/limit-missing', { ...base('{}'), ...Object.fromEntries(overlays) });
    expect(all).toHaveLength(4);
    expect(all.at(-1)).toBe('  overlays/c/kustomization.yaml: overlay "c" builds this, and 3 more do');
  });

  it('says which overlays mend it', () => {
    const files = {
      ...base('{}'),
      'overlays/dev/kustomization.yaml': bare,
      'overlays/prod/kustomization.yaml': patch(MEMORY),
    };
    for (const rule of ['k8s/limit-missing', 'k8s/request-missing'])
      expect(said(rule, files)).toEqual([
        `base/api.yaml: Container "api" has no memory ${rule === 'k8s/limit-missing' ? 'limit' : 'request'} in overlay "dev" ("prod" sets it)`,
        '  overlays/prod/kustomization.yaml: overlay "prod" sets it',
        '  overlays/dev/kustomization.yaml: overlay "dev" builds this',
      ]);
  });

  it('is not made when every overlay sets the value, in a component or on the way', () => {
    const component =
      'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches:\n  - target: {kind: Deployment}\n    patch: |-\n      - {op: add, path: /spec/template/spec/containers/0/resources, value: {limits: {memory: 1Gi}}}\n';
    const files = {
      ...base('{}'),
      'components/limits/kustomization.yaml': component,
      'overlays/dev/kustomization.yaml': `${bare}components: [../../components/limits]\n`,
      'overlays/prod/kustomization.yaml': patch(MEMORY),
      'overlays/eu/kustomization.yaml': 'resources: [../prod]\n',
    };
    expect(said('k8s/limit-missing', files)).toEqual([]);
  });

  it('is made for a base that nobody builds upon, however many tests do', () => {
    const files = {
      ...base('{}'),
      'test/e2e/kustomization.yaml': patch(MEMORY).replace('../../base', '../../base'),
    };
    expect(said('k8s/limit-missing', files)).toEqual(['base/api.yaml: Container "api" has no memory limit']);
  });
});
