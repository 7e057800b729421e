/** Compares what Headroom reads out of kustomizations with what kustomize makes of them, where it is installed. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { type Effective, Manifests } from '../../src/manifest/manifests.ts';
import { patchedContainers, variableAfter } from '../../src/manifest/overlay.ts';
import { directoryOf } from '../../src/manifest/paths.ts';
import { readManifest } from '../../src/manifest/read.ts';

/** The command that builds a folder, or undefined. */
const BUILD = [
  ['kustomize', 'build'],
  ['kubectl', 'kustomize'],
].find(([command, verb]) => {
  try {
    execFileSync(command!, [verb!, '--help'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
});

interface RenderedContainer {
  readonly name: string;
  readonly resources?: Record<string, Record<string, string>>;
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
}
type PodSpec = Record<string, readonly RenderedContainer[]>;
interface Rendered {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: PodSpec & { readonly template?: { readonly spec: PodSpec } };
}

function containersOf(object: Rendered | undefined): readonly RenderedContainer[] {
  const spec = object?.spec.template?.spec ?? object?.spec;
  return [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
}

function render(folder: string): Rendered[] {
  const [command, verb] = BUILD!;
  // kustomize refuses what lies outside of the folder unless it is told otherwise.
  const text = execFileSync(command!, [verb!, '--load-restrictor=LoadRestrictionsNone', folder], {
    encoding: 'utf8',
  });
  return parseAllDocuments(text).map((d) => d.toJS() as Rendered);
}

const stated = (value: Effective) => (value.state === 'known' ? value.text : value.state);

/** Every container that an overlay patches, as Headroom and kustomize see it. */
function compare(files: Record<string, string>): { ours: string[]; theirs: string[] } {
  const root = mkdtempSync(join(tmpdir(), 'headroom-'));
  try {
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), text);
    }
    const manifests = new Manifests(Object.entries(files).map(([f, text]) => readManifest(f, text)));
    const ours: string[] = [];
    const theirs: string[] = [];
    const built = new Map<string, Rendered[]>();
    for (const { overlay, base, limit, request } of patchedContainers(manifests)) {
      const folder = directoryOf(overlay.kustomization.file);
      if (!built.has(folder)) built.set(folder, render(join(root, folder)));
      const { kind, name } = base.workload.object;
      const object = built.get(folder)!.find((o) => o.kind === kind && o.metadata.name.includes(name ?? ''));
      const rendered = containersOf(object).find((c) => c.name === base.name);
      const at = `${folder} ${kind}/${name}/${base.name}`;
      // What Headroom says it does not know is not compared, but it must not be the rule.
      const memory = (side: string) => rendered?.resources?.[side]?.memory ?? 'none';
      const variable = variableAfter(overlay, base, 'GOMEMLIMIT');
      const value = rendered?.env?.findLast((e) => e.name === 'GOMEMLIMIT')?.value;
      ours.push(`${at} ${stated(limit.value)} ${stated(request.value)} ${variable.text}`);
      const asked = request.value.state === 'known' && request.value.source === 'limit';
      theirs.push(
        `${at} ${limit.value.state === 'unknown' ? 'unknown' : memory('limits')} ${
          request.value.state === 'unknown' ? 'unknown' : asked ? memory('limits') : memory('requests')
        } ${variable.changed && variable.text === undefined ? 'undefined' : value}`,
      );
    }
    return { ours, theirs };
  } finally {
    rmSync(root, { recursive: true });
  }
}

const base = {
  'base/kustomization.yaml': 'resources: [api.yaml]\n',
  'base/api.yaml': `apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  labels: {tier: front}
spec:
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec:
      initContainers:
      - name: migrate
        image: registry.example.org/migrate:1
        resources: {limits: {memory: 64Mi}}
      containers:
      - name: api
        image: registry.example.org/api:1
        env:
        - {name: LOG, value: info}
        - {name: GOMEMLIMIT, value: 230MiB}
        resources:
          limits: {memory: 256Mi}
          requests: {memory: 128Mi}
      - name: proxy
        image: registry.example.org/proxy:1
        resources: {limits: {memory: 96Mi}, requests: {memory: 96Mi}}
`,
};
const merge = (containers: string) =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api}\nspec: {template: {spec: {containers: ${containers}}}}\n`;

const CASES: Record<string, { files: Record<string, string>; unknown?: number }> = {
  'a strategic merge patch in a file': {
    files: {
      'prod/kustomization.yaml': 'resources: [../base]\npatches: [{path: patch.yaml}]\n',
      'prod/patch.yaml': merge(
        '[{name: api, env: [{name: GOMEMLIMIT, value: 460MiB}], resources: {limits: {memory: 512Mi}}}]',
      ),
    },
  },
  'a patch in place, by label': {
    files: {
      'prod/kustomization.yaml': `resources: [../base]
patches:
- target: {labelSelector: tier=front}
  patch: |-
    - op: replace
      path: /spec/template/spec/containers/1/resources/limits/memory
      value: 192Mi
- target: {kind: Deployment, labelSelector: tier=back}
  patch: |-
    - op: remove
      path: /spec/template/spec/containers/0/resources
`,
    },
  },
  'removal by null, by $patch and by a JSON patch': {
    files: {
      'prod/kustomization.yaml': `resources: [../base]
patchesStrategicMerge: [null.yaml]
patches:
- target: {kind: Deployment}
  patch: |-
    - op: remove
      path: /spec/template/spec/initContainers/0/resources/limits
`,
      'prod/null.yaml': merge(
        '[{name: api, resources: {limits: {memory: null}}}, {name: proxy, resources: {$patch: replace, requests: {memory: 32Mi}}}]',
      ),
    },
  },
  'a component on an overlay': {
    files: {
      'parts/big/kustomization.yaml':
        'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches: [{path: big.yaml}]\n',
      'parts/big/big.yaml': merge('[{name: api, resources: {limits: {memory: 1Gi}}}]'),
      'prod/kustomization.yaml':
        'resources: [../base]\ncomponents: [../parts/big]\npatches: [{path: patch.yaml}]\n',
      'prod/patch.yaml': merge('[{name: api, resources: {requests: {memory: 1Gi}}}]'),
    },
  },
  'an overlay on an overlay that renames': {
    files: {
      'mid/kustomization.yaml': 'resources: [../base]\nnamePrefix: eu-\npatches: [{path: p.yaml}]\n',
      'mid/p.yaml': merge('[{name: api, resources: {limits: {memory: 384Mi}}}]'),
      'prod/kustomization.yaml': 'resources: [../mid]\npatches: [{path: p.yaml}]\n',
      'prod/p.yaml': merge('[{name: proxy, resources: {limits: {memory: 128Mi}}}]').replace(
        'api}',
        'eu-api}',
      ),
    },
  },
  'replacements of memory': {
    files: {
      'prod/kustomization.yaml': `resources: [../base]
configMapGenerator:
- name: sizes
  literals: [memory=640Mi]
replacements:
- source: {kind: ConfigMap, name: sizes, fieldPath: data.memory}
  targets:
  - select: {kind: Deployment, name: api}
    fieldPaths:
    - spec.template.spec.containers.[name=api].resources.limits.memory
- source: {kind: Deployment, name: api, fieldPath: 'spec.template.spec.initContainers.[name=migrate].resources.limits.memory'}
  targets:
  - select: {kind: Deployment}
    fieldPaths: ['spec.template.spec.containers.1.resources.limits.memory']
`,
    },
  },
  'a file named Kustomization, and JSON patches of the environment': {
    files: {
      'prod/Kustomization': `resources: [../base]
patchesJson6902:
- target: {version: v1, kind: Deployment, name: api}
  path: env.yaml
`,
      'prod/env.yaml':
        '- {op: replace, path: /spec/template/spec/containers/0/env/0/value, value: debug}\n- {op: add, path: /spec/template/spec/containers/0/resources/limits, value: {memory: 300Mi}}\n',
    },
  },
};

describe('kustomizations', () => {
  it.skipIf(!BUILD).each(Object.entries(CASES))(
    '%s',
    (_, { files, unknown = 0 }) => {
      const { ours, theirs } = compare({ ...base, ...files });
      expect(ours.length).toBeGreaterThan(0);
      expect(ours).toEqual(theirs);
      expect(ours.filter((line) => line.includes('unknown'))).toHaveLength(unknown);
    },
    300_000,
  );

  it.skipIf(!BUILD)(
    'in the fixtures',
    () => {
      let compared = 0;
      for (const folder of fixtureFolders()) {
        const files = Object.fromEntries(
          walk(folder).map((f) => [f, readFileSync(join(folder, f), 'utf8').replace(/[ \t]*#[~@].*$/gm, '')]),
        );
        const { ours, theirs } = compare(files);
        expect({ folder, of: ours }).toEqual({ folder, of: theirs });
        compared += ours.length;
      }
      expect(compared).toBeGreaterThan(5);
    },
    600_000,
  );

  it.runIf(!BUILD)('are not compared: neither kustomize nor kubectl is installed', () => {
    expect(BUILD).toBeUndefined();
  });
});

/** Cases that are folders with a kustomization in them, and valid as kustomize wants them. */
function fixtureFolders(): string[] {
  const root = 'test/fixtures/k8s';
  return readdirSync(root)
    .flatMap((rule) => readdirSync(join(root, rule)).map((name) => join(root, rule, name)))
    .filter((path) => statSync(path).isDirectory() && !path.includes('.fixed'))
    .filter((path) => walk(path).some((f) => /kustomization\.yaml$/.test(f)))
    .sort();
}

function walk(dir: string, prefix = ''): string[] {
  return readdirSync(join(dir, prefix), { withFileTypes: true }).flatMap((e) =>
    e.isDirectory() ? walk(dir, `${prefix}${e.name}/`) : [`${prefix}${e.name}`],
  );
}
