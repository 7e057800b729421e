import { defineRule } from '../../core/rule.ts';
import { fixOf, possible } from '../../manifest/fixes.ts';
import type { Effective, Manifests } from '../../manifest/manifests.ts';
import type { Container, EnvVar } from '../../manifest/model.ts';
import { itemsAt, lookUp } from '../../manifest/yaml.ts';
import { placeIn, placeOf } from '../shared/manifests/manifest.ts';

/** Variables that the runtime of the container's own program reads. */
const OWN = /^(GOMEMLIMIT|GOMAXPROCS|AUTOMEMLIMIT)$/;

export default defineRule({
  id: 'k8s/fieldref-wrong-container',
  tier: 'M',
  severity: 'warning',
  summary: 'A runtime gets the memory limit of another container',
  note: {
    why: 'The kernel kills by the limit of the container itself. A runtime that is told another one collects too late, or all the time.',
    myth: 'oom-is-a-crash',
  },
  messages: {
    other: '{variable} takes the limit of "{other}"{theirs}, not of "{own}"{ours}',
    absent: '{variable} takes the limit of "{other}", which is no container of this pod: it does not start',
  },
  exemptions: {
    own: 'the container names itself',
    'other-variable': 'the container may well want to know the limit of another one',
    unknown: 'a template or patch may supply the container',
  },
  check(manifests: Manifests, report) {
    for (const container of manifests.containers) {
      const { file } = container.workload.object;
      for (const variable of container.env) {
        const named = variable.fieldRef?.container;
        if (!variable.fieldRef || !named || named.text === '') continue;
        const at = placeIn(file, named.span);
        if (named.text === container.name) {
          report.exempt({ reason: 'own', at });
          continue;
        }
        const other = container.workload.containers.find((c) => c.name === named.text);
        if (named.open || container.name === undefined || (!other && mayHaveOthers(manifests, container))) {
          report.exempt({ reason: 'unknown', at });
          continue;
        }
        const fixes = possible(
          fixOf(
            file,
            `Take the limit of "${container.name}" itself`,
            'maybe-incorrect',
            [{ span: named.span, newText: container.name }],
            variable.shared,
          ),
        );
        const data = { variable: variable.name, other: named.text };
        if (!other) report.find({ message: 'absent', at, confidence: 'high', data, fixes });
        else if (!readByRuntime(variable)) report.exempt({ reason: 'other-variable', at });
        else {
          const theirs = textOf(manifests.memoryLimit(other));
          const ours = textOf(manifests.memoryLimit(container));
          report.find({
            message: 'other',
            at,
            confidence: 'high',
            data: { ...data, own: container.name, theirs, ours },
            related: [{ ...placeOf(other), message: `the limit of "${named.text}"` }],
            fixes,
          });
        }
      }
    }
  },
});

function readByRuntime({ name, fieldRef }: EnvVar): boolean {
  return OWN.test(name) && /\.(memory|cpu)$/.test(fieldRef!.resource.text);
}

/** True when the pod may have containers that are not written in this text. */
function mayHaveOthers(manifests: Manifests, container: Container): boolean {
  const { podSpec, object } = container.workload;
  if (object.broken || manifests.isPatch(container) || manifests.patchesOf(object).length > 0) return true;
  const unnamed = container.workload.containers.some((c) => c.name === undefined);
  return (
    unnamed ||
    ['containers', 'initContainers'].some((key) => {
      const list = lookUp(podSpec, key);
      return (
        list === 'unknown' || list?.value?.open || itemsAt(podSpec, key).some((i) => i.node.kind !== 'map')
      );
    })
  );
}

function textOf(limit: Effective): string {
  return limit.state === 'known' ? ` (${limit.text})` : '';
}
