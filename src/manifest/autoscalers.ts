/** Horizontal and vertical autoscalers, as far as memory is concerned. */

import { amountIn } from './amounts.ts';
import type { Manifests } from './manifests.ts';
import type { Container, KubeObject, Stated, Workload } from './model.ts';
import {
  type Found,
  itemsAt,
  lookUp,
  nodeAt,
  scalarAt,
  textAt,
  type YamlItem,
  type YamlList,
  type YamlScalar,
} from './yaml.ts';

/** A metric of a HorizontalPodAutoscaler on a resource of its pods. */
export interface ResourceMetric {
  readonly object: KubeObject;
  readonly list: YamlList;
  readonly item: YamlItem;
  readonly resource: string;
  readonly name: YamlScalar;
  /** Container of a ContainerResource metric. */
  readonly container: string | undefined;
  /** Percentage of the request. */
  readonly utilization: YamlScalar | undefined;
  readonly averageValue: Stated;
}

/** Kinds that add and remove pods. */
export const HORIZONTAL = ['HorizontalPodAutoscaler', 'ScaledObject'] as const;

/** The metrics of a HorizontalPodAutoscaler, or of a KEDA ScaledObject, that look at CPU or memory. */
export function resourceMetrics(object: KubeObject): ResourceMetric[] {
  if (object.kind === 'ScaledObject') return triggers(object);
  const list = nodeAt(object.root, 'spec', 'metrics');
  if (object.kind !== 'HorizontalPodAutoscaler' || list?.kind !== 'list') return [];
  return list.items.flatMap((item) => {
    for (const key of ['resource', 'containerResource']) {
      const found = lookUp(item.node, key);
      if (!found || found === 'unknown') continue;
      const name = scalarAt(found.value, 'name');
      if (!name) continue;
      return [
        {
          object,
          list,
          item,
          resource: name.text,
          name,
          container: textAt(found.value, 'container'),
          utilization:
            scalarAt(found.value, 'target', 'averageUtilization') ??
            scalarAt(found.value, 'targetAverageUtilization'),
          averageValue: amountIn(found, 'target', 'averageValue') ?? amountIn(found, 'targetAverageValue'),
        },
      ];
    }
    return [];
  });
}

/** KEDA makes a HorizontalPodAutoscaler of its triggers; `cpu` and `memory` are resource metrics of it. */
function triggers(object: KubeObject): ResourceMetric[] {
  const list = nodeAt(object.root, 'spec', 'triggers');
  if (list?.kind !== 'list') return [];
  return list.items.flatMap((item) => {
    const name = scalarAt(item.node, 'type');
    if (!name || !/^(cpu|memory)$/.test(name.text)) return [];
    const metadata = lookUp(item.node, 'metadata');
    const known = metadata === 'unknown' ? undefined : metadata;
    // The type was written in the metadata once.
    const type = textAt(item.node, 'metricType') ?? textAt(known?.value, 'type');
    return [
      {
        object,
        list,
        item,
        resource: name.text,
        name,
        container: textAt(known?.value, 'containerName'),
        utilization: type === 'Utilization' ? scalarAt(known?.value, 'value') : undefined,
        averageValue: type === 'AverageValue' ? amountIn(known, 'value') : undefined,
      },
    ];
  });
}

/** The workload an autoscaler of any kind names, when it is in the workspace. */
export function scaledWorkload(manifests: Manifests, object: KubeObject): Workload | undefined {
  const name = scaledName(object);
  if (!name) return undefined;
  for (const file of manifests.files.values()) {
    for (const workload of file.workloads) {
      const other = workload.object;
      if (other.inline || other.kind !== name.kind || other.name !== name.name) continue;
      if (workload.containers.every((c) => manifests.isPatch(c))) continue;
      if (manifests.sameNamespace(other, object)) return workload;
    }
  }
  return undefined;
}

/** Kind and name an autoscaler is for; undefined when a template writes them. */
export function scaledName(object: KubeObject): { readonly kind: string; readonly name: string } | undefined {
  const target = object.kind === 'VerticalPodAutoscaler' ? 'targetRef' : 'scaleTargetRef';
  const written = nodeAt(object.root, 'spec', target, 'kind');
  const kind =
    textAt(object.root, 'spec', target, 'kind') ??
    (object.kind === 'ScaledObject' && !written ? 'Deployment' : undefined);
  const name = textAt(object.root, 'spec', target, 'name');
  return kind && name ? { kind, name } : undefined;
}

export interface VerticalPolicy {
  /** `spec.updatePolicy.updateMode`, where it is written. */
  readonly mode: YamlScalar | undefined;
  /** True when it changes pods, not only recommends. */
  readonly acts: boolean;
  /** Resources it sets for the containers, all policies together. */
  readonly controls: ReadonlySet<string>;
  /** Policies of containers it does not leave alone. */
  readonly policies: readonly Found[];
}

/** What a VerticalPodAutoscaler does; undefined when a template decides. */
export function verticalPolicy(object: KubeObject): VerticalPolicy | undefined {
  const mode = scalarAt(object.root, 'spec', 'updatePolicy', 'updateMode');
  const spec = lookUp(object.root, 'spec');
  if (!spec || spec === 'unknown' || mode?.open) return undefined;
  const controls = new Set<string>();
  const items = itemsAt(spec.value, 'resourcePolicy', 'containerPolicies');
  if (lookUp(spec.value, 'resourcePolicy') === 'unknown') return undefined;
  const acting = items.filter(({ node }) => textAt(node, 'mode') !== 'Off');
  for (const { node } of acting) {
    const controlled = nodeAt(node, 'controlledResources');
    if (controlled?.kind === 'list') {
      for (const { node: name } of controlled.items) if (name.kind === 'scalar') controls.add(name.text);
    } else for (const name of ['cpu', 'memory']) controls.add(name);
  }
  // Without a policy for all, containers that no policy names get the default: both.
  if (!items.some(({ node }) => textAt(node, 'containerName') === '*') && items.length === 0) {
    for (const name of ['cpu', 'memory']) controls.add(name);
  }
  const policies = acting.flatMap(({ node }) => {
    const found = lookUp(node, 'containerName');
    return found && found !== 'unknown' ? [found] : [];
  });
  return { mode, acts: mode?.text !== 'Off', controls, policies };
}

/** The policy of a VerticalPodAutoscaler for a container: its own, else that for all. */
export function policyFor(vpa: KubeObject, container: Container): YamlItem | undefined {
  const items = itemsAt(vpa.root, 'spec', 'resourcePolicy', 'containerPolicies');
  const named = (name: string) => items.find(({ node }) => textAt(node, 'containerName') === name);
  return (container.name === undefined ? undefined : named(container.name)) ?? named('*');
}

/** True when a VerticalPodAutoscaler that acts may change the memory limit of a container. */
export function controlsLimits(vpa: KubeObject, container: Container): boolean {
  const node = policyFor(vpa, container)?.node;
  // Containers that no policy names get the default: requests and limits of everything.
  if (!node) return true;
  if (textAt(node, 'mode') === 'Off' || textAt(node, 'controlledValues') === 'RequestsOnly') return false;
  const resources = nodeAt(node, 'controlledResources');
  if (resources?.kind !== 'list') return true;
  return resources.items.some((i) => i.node.kind === 'scalar' && i.node.text === 'memory');
}
