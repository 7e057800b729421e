import { describe, expect, it } from 'vitest';
import { Manifests } from '../../src/manifest/manifests.ts';
import { readManifest } from '../../src/manifest/read.ts';

function environment(files: Record<string, string>) {
  const manifests = new Manifests(Object.entries(files).map(([file, text]) => readManifest(file, text)));
  const container = manifests.workloads.find((w) => w.object.kind === 'Deployment')!.containers[0]!;
  const { variables, open } = manifests.environment(container);
  return { open, values: Object.fromEntries([...variables].map(([name, v]) => [name, v.text])) };
}

const deployment = (env: string) =>
  `kind: Deployment\nmetadata: {name: api}\nspec:\n  template:\n    spec:\n      containers:\n      - name: api\n        image: i\n${env.replace(/^(?=.)/gm, '        ')}\n`;
const settings =
  'kind: ConfigMap\nmetadata: {name: settings}\ndata:\n  GOMEMLIMIT: 460MiB\n  GOGC: "50"\n---\nkind: Secret\nmetadata: {name: hidden}\ndata: {GOGC: b2Zm}\nstringData: {TOKEN: x}\n';

describe('environment', () => {
  it('takes every key of a ConfigMap or Secret, later sources over earlier ones, `env` over all', () => {
    const files = {
      'api.yaml': deployment(
        'envFrom:\n- configMapRef: {name: settings}\n- prefix: S_\n  secretRef: {name: hidden}\nenv:\n- {name: GOGC, value: "80"}',
      ),
      'settings.yaml': settings,
    };
    expect(environment(files)).toEqual({
      open: false,
      values: { GOMEMLIMIT: '460MiB', GOGC: '80', S_GOGC: 'off', S_TOKEN: 'x' },
    });
  });

  it('follows a key of a ConfigMap', () => {
    const env =
      'env:\n- name: GOMEMLIMIT\n  valueFrom: {configMapKeyRef: {name: settings, key: GOMEMLIMIT}}\n- name: A\n  valueFrom: {configMapKeyRef: {name: settings, key: missing}}';
    expect(environment({ 'api.yaml': deployment(env), 'settings.yaml': settings }).values).toEqual({
      GOMEMLIMIT: '460MiB',
      A: undefined,
    });
  });

  it('is open where a source is not in the workspace, in another namespace or rendered by a template', () => {
    const from = 'envFrom:\n- configMapRef: {name: settings}';
    expect(environment({ 'api.yaml': deployment(from) }).open).toBe(true);
    expect(environment({ 'api.yaml': deployment(from), 'other/settings.yaml': settings }).open).toBe(true);
    expect(environment({ 'api.yaml': deployment('env:\n{{- toYaml .Values.env | nindent 8 }}') }).open).toBe(
      true,
    );
    expect(environment({ 'api.yaml': deployment('env:\n- {name: A, value: b}') }).open).toBe(false);
  });

  it('takes the literals of a generator', () => {
    const files = {
      'kustomization.yaml':
        'resources: [api.yaml]\nconfigMapGenerator:\n- name: settings\n  literals: [GOMEMLIMIT=1GiB, "GOGC=\'off\'"]\n',
      'api.yaml': deployment('envFrom:\n- configMapRef: {name: settings}'),
    };
    expect(environment(files)).toEqual({ open: false, values: { GOMEMLIMIT: '1GiB', GOGC: 'off' } });
    const open = { ...files, 'kustomization.yaml': `${files['kustomization.yaml']}  envs: [more.env]\n` };
    expect(environment(open).open).toBe(true);
  });

  it('does not know what two objects of one name say differently', () => {
    const files = {
      'api.yaml': deployment('envFrom:\n- configMapRef: {name: settings}'),
      'a.yaml': 'kind: ConfigMap\nmetadata: {name: settings}\ndata: {GOGC: "50", A: same}\n',
      'b.yaml': 'kind: ConfigMap\nmetadata: {name: settings}\ndata: {GOGC: "80", A: same}\n',
    };
    expect(environment(files).values).toEqual({ GOGC: undefined, A: 'same' });
  });
});
