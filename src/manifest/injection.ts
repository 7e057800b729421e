/** Proxies that a service mesh adds to a pod when it is created. */

import type { KubeObject, Workload } from './model.ts';
import { lookUp, nodeAt, scalarAt, type YamlMap, type YamlNode, type YamlScalar } from './yaml.ts';

export interface Injection {
  readonly mesh: 'linkerd' | 'istio';
  readonly state: 'on' | 'off' | 'unknown';
  /** The scalar that switches it on or off. */
  readonly value: YamlScalar;
  /** Key of the annotation for the proxy's memory limit. */
  readonly key: string;
  readonly limit: YamlScalar | undefined;
  /** Where that annotation can be written: the pod's annotations. */
  readonly annotations: YamlMap | undefined;
  readonly after: string | undefined;
  /** The limit an object such as a Namespace states for all proxies in it. */
  limitIn(object: KubeObject): YamlScalar | undefined;
}

/** Switch and limit of each mesh; a switch is an annotation or, with Istio, a label. */
const MESHES = [
  {
    mesh: 'linkerd',
    switch: 'linkerd.io/inject',
    on: /^(enabled|ingress)$/,
    off: /^disabled$/,
    limits: ['config.linkerd.io/proxy-memory-limit', 'config.alpha.linkerd.io/proxy-memory-limit'],
  },
  {
    mesh: 'istio',
    switch: 'sidecar.istio.io/inject',
    on: /^true$/,
    off: /^false$/,
    limits: ['sidecar.istio.io/proxyMemoryLimit'],
  },
] as const;

/** What a mesh adds to the pods of a workload by their own annotations and labels; undefined for nothing. */
export function injectionOf(workload: Workload): Injection | undefined {
  const metadata = podMetadata(workload);
  for (const mesh of MESHES) {
    for (const place of ['annotations', 'labels']) {
      const value = scalarAt(metadata, place, mesh.switch);
      if (!value) continue;
      const annotations = nodeAt(metadata, 'annotations');
      const limitOf = (node: YamlNode | undefined) =>
        mesh.limits.map((key) => scalarAt(node, key)).find((s) => s !== undefined);
      const known = mesh.on.test(value.text) ? 'on' : mesh.off.test(value.text) ? 'off' : 'unknown';
      return {
        mesh: mesh.mesh,
        state: annotations?.open && known === 'on' ? 'unknown' : known,
        value,
        key: mesh.limits[0],
        limit: limitOf(annotations),
        annotations: annotations?.kind === 'map' ? annotations : undefined,
        after: place === 'annotations' ? mesh.switch : undefined,
        limitIn: (object) => limitOf(nodeAt(object.root, 'metadata', 'annotations')),
      };
    }
  }
  return undefined;
}

/** `metadata` of the pod: beside its spec. */
function podMetadata({ object, podSpec }: Workload): YamlNode | undefined {
  let node: YamlNode | undefined = object.root;
  for (const key of [[], ['spec', 'template'], ['spec', 'jobTemplate', 'spec', 'template'], ['template']]) {
    node = nodeAt(object.root, ...key);
    const spec = lookUp(node, 'spec');
    if (spec && spec !== 'unknown' && spec.value === podSpec) return nodeAt(node, 'metadata');
  }
  return undefined;
}
