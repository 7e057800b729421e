import { defineRule } from '../../core/rule.ts';
import { controlsLimits, policyFor, scaledWorkload, verticalPolicy } from '../../manifest/autoscalers.ts';
import { insertEntry } from '../../manifest/edit.ts';
import { fixOf, possible } from '../../manifest/fixes.ts';
import { parseGoMemoryLimit } from '../../manifest/gomemlimit.ts';
import type { Manifests } from '../../manifest/manifests.ts';
import type { Container, KubeObject } from '../../manifest/model.ts';
import { itemsAt, textAt } from '../../manifest/yaml.ts';
import { placeIn } from '../shared/manifests/manifest.ts';

export default defineRule({
  id: 'k8s/static-under-resize',
  tier: 'M',
  severity: 'warning',
  summary: 'A fixed GOMEMLIMIT under a memory limit that something else moves',
  note: {
    why: 'A VerticalPodAutoscaler keeps the ratio of limit to request, so the limit moves with the request; a literal GOMEMLIMIT stays. After a step down it is above the limit, after a step up the new memory is not used.',
    myth: 'optimise-once',
  },
  messages: {
    vpa: 'The VPA "{name}" may change the memory limit; GOMEMLIMIT stays {text}',
    resize: 'The memory of "{container}" is meant to be resized in place; GOMEMLIMIT stays {text}',
  },
  exemptions: {
    off: 'the VPA only recommends',
    'requests-only': 'the VPA leaves limits alone',
    'other-container': 'the VPA leaves this container or its memory alone',
  },
  check(manifests: Manifests, report) {
    const reported = new Set<Container>();
    for (const vpa of manifests.objectsOf('VerticalPodAutoscaler')) {
      const workload = scaledWorkload(manifests, vpa);
      const policy = verticalPolicy(vpa);
      if (!workload || !policy || !manifests.inScope(workload.object.file.file)) continue;
      for (const container of workload.containers) {
        const variable = literal(manifests, container);
        if (!variable) continue;
        const at = variable.where;
        const where = placeIn(vpa.file, vpa.at);
        if (!policy.acts) report.exempt({ reason: 'off', at, where });
        else if (!controlsLimits(vpa, container)) {
          const mode = policyOf(vpa, container);
          const reason = mode === 'RequestsOnly' ? 'requests-only' : 'other-container';
          report.exempt({ reason, at, where });
        } else {
          reported.add(container);
          report.find({
            message: 'vpa',
            at,
            confidence: 'high',
            data: { name: vpa.name ?? 'of the chart', text: variable.text },
            related: [{ ...where, message: 'keeps the ratio of limit to request' }],
            fixes: possible(requestsOnly(vpa, container)),
          });
        }
      }
    }
    for (const container of manifests.containers) {
      const variable = reported.has(container) ? undefined : literal(manifests, container);
      const resize = itemsAt(container.node, 'resizePolicy').find(
        ({ node }) => textAt(node, 'resourceName') === 'memory',
      );
      // A restart does not help: the variable is written in the pod.
      if (!variable || !resize) continue;
      report.find({
        message: 'resize',
        at: variable.where,
        confidence: 'medium',
        severity: 'information',
        data: { container: container.name ?? 'the container', text: variable.text },
        related: [
          {
            ...placeIn(container.workload.object.file, resize.span),
            message: 'prepared for a change of memory',
          },
        ],
      });
    }
  },
});

/** A GOMEMLIMIT in bytes that the container or a ConfigMap states. */
function literal(manifests: Manifests, container: Container) {
  const variable = manifests.environment(container).variables.get('GOMEMLIMIT');
  if (variable?.text === undefined || parseGoMemoryLimit(variable.text).kind !== 'bytes') return undefined;
  const where =
    variable.own || manifests.inScope(variable.where.file)
      ? variable.where
      : placeIn(container.workload.object.file, container.at);
  return { text: variable.text, where };
}

function policyOf(vpa: KubeObject, container: Container): string | undefined {
  return textAt(policyFor(vpa, container)?.node, 'controlledValues');
}

function requestsOnly(vpa: KubeObject, container: Container) {
  const item = policyFor(vpa, container);
  if (item?.node.kind !== 'map' || policyOf(vpa, container) !== undefined) return undefined;
  return fixOf(
    vpa.file,
    'Let the VPA change requests only: controlledValues RequestsOnly',
    'maybe-incorrect',
    insertEntry(vpa.file, item.node, 'controlledValues', 'RequestsOnly', 'containerName'),
  );
}
