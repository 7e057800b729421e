import { defineRule } from '../../core/rule.ts';
import { HORIZONTAL, resourceMetrics, scaledName, verticalPolicy } from '../../manifest/autoscalers.ts';
import { insertEntry, replaceScalar, setAt } from '../../manifest/edit.ts';
import { fixOf, possible } from '../../manifest/fixes.ts';
import type { Manifests } from '../../manifest/manifests.ts';
import type { KubeObject } from '../../manifest/model.ts';
import { lookUp, nodeAt } from '../../manifest/yaml.ts';
import { placeIn } from '../shared/manifests/manifest.ts';

export default defineRule({
  id: 'k8s/hpa-vpa',
  tier: 'M',
  severity: 'warning',
  summary: 'Two autoscalers that pull at the same resource of one workload',
  note: {
    why: 'The horizontal one adds pods by use ÷ request; the vertical one changes the request. Each answers to what the other did.',
    myth: 'memory-falls-after-load',
  },
  messages: {
    both: 'VPA and HPA both act on the {resource} of {kind} "{name}", which is not supported',
  },
  exemptions: {
    off: 'the VPA only recommends',
    apart: 'the VPA leaves alone what the HPA follows',
  },
  check(manifests: Manifests, report) {
    const horizontal = HORIZONTAL.flatMap((kind) => manifests.objectsOf(kind));
    for (const object of manifests.objects) {
      if (object.kind !== 'VerticalPodAutoscaler') continue;
      const name = scaledName(object);
      const policy = verticalPolicy(object);
      if (!name || !policy) continue;
      const other = horizontal.find((h) => {
        const scaled = scaledName(h);
        return scaled?.kind === name.kind && scaled.name === name.name && manifests.sameNamespace(h, object);
      });
      if (!other) continue;
      const at = placeIn(object.file, policy.mode?.span ?? object.at);
      const metrics = resourceMetrics(other);
      const shared = metrics.filter((m) => policy.controls.has(m.resource));
      if (!policy.acts) {
        report.exempt({ reason: 'off', at });
        continue;
      }
      const [first] = shared;
      if (!first) {
        report.exempt({ reason: 'apart', at });
        continue;
      }
      const used = new Set(metrics.map((m) => m.resource));
      report.find({
        message: 'both',
        at,
        confidence: 'high',
        data: { resource: [...new Set(shared.map((m) => m.resource))].join(' and '), ...name },
        related: [
          { file: other.file.file, span: first.name.span, message: `the HPA follows ${first.resource}` },
        ],
        fixes: possible(
          keepApart(
            object,
            ['cpu', 'memory'].filter((r) => !used.has(r)),
          ),
          policy.mode
            ? fixOf(
                object.file,
                'Let the VPA only recommend: updateMode "Off"',
                'maybe-incorrect',
                replaceScalar(policy.mode, 'Off')?.map((e) => ({ ...e, newText: '"Off"' })),
              )
            : undefined,
        ),
      });
    }
  },
});

/** Leaves to the VPA what the HPA does not follow, where the text has one place for it. */
function keepApart(object: KubeObject, resources: readonly string[]) {
  if (resources.length === 0) return undefined;
  const { file } = object;
  const title = `Let the VPA control ${resources.join(' and ')} only`;
  const value = `[${resources.join(', ')}]`;
  const spec = nodeAt(object.root, 'spec');
  if (spec?.kind !== 'map') return undefined;
  const policies = nodeAt(spec, 'resourcePolicy', 'containerPolicies');
  if (policies?.kind === 'list') {
    const [only] = policies.items;
    if (policies.items.length !== 1 || only?.node.kind !== 'map') return undefined;
    const controlled = lookUp(only.node, 'controlledResources');
    if (controlled === 'unknown') return undefined;
    const edits = controlled?.value
      ? [{ span: controlled.value.span, newText: value }]
      : insertEntry(file, only.node, 'controlledResources', value, 'containerName');
    return controlled?.value?.kind === 'list' && !controlled.value.flow
      ? undefined
      : fixOf(file, title, 'maybe-incorrect', edits);
  }
  const fragment = {
    list: [
      {
        map: [
          ['containerName', '"*"'],
          ['controlledResources', value],
        ],
      },
    ],
  } as const;
  return fixOf(
    file,
    title,
    'maybe-incorrect',
    setAt(file, spec, ['resourcePolicy', 'containerPolicies'], fragment),
  );
}
