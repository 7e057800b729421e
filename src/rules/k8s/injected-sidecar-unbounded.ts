import { formatBytes } from '../../core/quantity.ts';
import { defineRule } from '../../core/rule.ts';
import { insertEntry } from '../../manifest/edit.ts';
import { fixOf, LIMIT_PLACEHOLDER, possible } from '../../manifest/fixes.ts';
import { type Injection, injectionOf } from '../../manifest/injection.ts';
import type { Manifests } from '../../manifest/manifests.ts';
import { podMemory } from '../../manifest/pod-memory.ts';
import { placeIn } from '../shared/manifests/manifest.ts';

export default defineRule({
  id: 'k8s/injected-sidecar-unbounded',
  tier: 'M',
  severity: 'information',
  summary: 'A service mesh adds a proxy whose memory nobody stated',
  note: {
    why: 'The proxy is a container of the pod: its memory counts for the node, for quotas and for the sum of the pod, and its peak comes with the traffic of the program beside it. linkerd sets no memory limit unless told to.',
    myth: 'fix-without-measuring',
  },
  messages: {
    linkerd: 'linkerd injects a proxy without a memory limit. The pod needs more than the {sum} in this file',
    istio:
      'Istio injects a proxy whose memory the mesh decides. The pod needs more than the {sum} in this file',
  },
  exemptions: {
    stated: 'an annotation states the memory of the proxy',
    namespace: 'the namespace states the memory of the proxy',
    off: 'nothing is injected here',
    'template-hole': 'a template decides what is injected',
  },
  check(manifests: Manifests, report) {
    for (const workload of manifests.workloads) {
      const injection = injectionOf(workload);
      if (!injection || workload.containers.some((c) => manifests.isPatch(c))) continue;
      const { file } = workload.object;
      const at = placeIn(file, injection.value.span);
      if (injection.state !== 'on') {
        report.exempt({ reason: injection.state === 'off' ? 'off' : 'template-hole', at });
        continue;
      }
      if (injection.limit) {
        report.exempt({ reason: 'stated', at, where: placeIn(file, injection.limit.span) });
        continue;
      }
      const namespace = manifests
        .objectsOf('Namespace')
        .find((o) => o.name !== undefined && o.name === workload.object.namespace);
      const inherited = namespace && injection.limitIn(namespace);
      if (namespace && inherited) {
        report.exempt({ reason: 'namespace', at, where: placeIn(namespace.file, inherited.span) });
        continue;
      }
      const memory = podMemory(manifests, workload, 'limits');
      report.find({
        message: injection.mesh,
        at,
        confidence: 'medium',
        data: { sum: memory ? formatBytes(memory.total) : 'memory' },
        fixes: possible(
          fixOf(
            file,
            `State the memory of the proxy: ${injection.key}`,
            'has-placeholders',
            annotate(file, injection),
          ),
        ),
      });
    }
  },
});

function annotate(file: Parameters<typeof insertEntry>[0], { annotations, key, after }: Injection) {
  return annotations && insertEntry(file, annotations, key, JSON.stringify(LIMIT_PLACEHOLDER), after);
}
