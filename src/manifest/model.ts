/** What Headroom knows of a manifest: plain data with spans, read from one text. */

import type { Notice } from '../core/finding.ts';
import type { Quantity } from '../core/quantity.ts';
import type { Place, Span } from '../core/span.ts';
import type { Blanked } from './template.ts';
import type { Anchor, Found, YamlEntry, YamlMap, YamlScalar } from './yaml.ts';

/** What a YAML file is to Headroom; `other` files hold nothing it reads. */
export type ManifestKind = 'kubernetes' | 'kustomization' | 'compose' | 'values' | 'other';

export interface ManifestFile {
  readonly file: string;
  readonly text: string;
  readonly kind: ManifestKind;
  /** True for a Helm template or any other text with Go template actions. */
  readonly template: boolean;
  readonly blanked: Blanked;
  readonly objects: readonly KubeObject[];
  readonly workloads: readonly Workload[];
  /** Root of a chart's values. */
  readonly root: YamlMap | undefined;
  /** Maps of a chart's values that hold `resources`, as a template will put them into a container. */
  readonly values: readonly Container[];
  readonly kustomization: Kustomization | undefined;
  /** The operations of a file that is a JSON patch. */
  readonly operations: readonly JsonOperation[];
  /** Root of a compose file. */
  readonly compose: YamlMap | undefined;
  readonly notices: readonly Notice[];
}

/** One Kubernetes object: a document, an item of a List or an object of an OpenShift Template. */
export interface KubeObject {
  readonly file: ManifestFile;
  readonly kind: string;
  readonly apiVersion: string;
  readonly root: YamlMap;
  /** Undefined when it is absent or rendered by a template. */
  readonly name: string | undefined;
  readonly namespace: string | undefined;
  /** The name's scalar, else the kind's. */
  readonly at: Span;
  /** True when a syntax error cut the document short: what seems to be missing may only be unread. */
  readonly broken: boolean;
  /** True for a patch written inside a kustomization. */
  readonly inline: boolean;
}

export type ContainerRole = 'container' | 'init' | 'sidecar';

export interface Workload {
  readonly object: KubeObject;
  readonly podSpec: YamlMap;
  /** `spec.resources` of the pod. */
  readonly podResources: Resources;
  readonly containers: readonly Container[];
  readonly volumes: readonly Volume[];
}

/** A memory (or CPU) quantity where it is written. */
export interface Amount {
  readonly scalar: YamlScalar;
  readonly span: Span;
  /** As written, without quotes. */
  readonly text: string;
  /** Undefined when the API server would reject it or when it is not known here. */
  readonly quantity: Quantity | undefined;
  /** True when a template, a variable or a placeholder supplies it. */
  readonly unknown: boolean;
  readonly entry: YamlEntry;
  readonly shared: readonly Anchor[];
}

/** A field that may be stated, absent, or beyond what can be read here. */
export type Stated = Amount | 'unknown' | undefined;

export interface Resources {
  readonly memoryLimit: Stated;
  readonly memoryRequest: Stated;
  readonly cpuLimit: Stated;
  readonly cpuRequest: Stated;
  /** `resources` itself; `unknown` when a template renders it. */
  readonly found: Found | 'unknown' | undefined;
}

export interface EnvVar {
  readonly name: string;
  readonly nameScalar: YamlScalar;
  /** The item of the list. */
  readonly node: YamlMap;
  /** `value`, when it is a literal scalar. */
  readonly value: YamlScalar | undefined;
  /** True when a template, `$(VAR)` or a placeholder supplies the value. */
  readonly unknown: boolean;
  /** `valueFrom.resourceFieldRef`. */
  readonly fieldRef: FieldRef | undefined;
  readonly shared: readonly Anchor[];
}

export interface FieldRef {
  readonly entry: YamlEntry;
  readonly resource: YamlScalar;
  readonly container: YamlScalar | undefined;
  readonly divisor: YamlScalar | undefined;
}

export interface Container {
  readonly workload: Workload;
  readonly role: ContainerRole;
  readonly node: YamlMap;
  /** Undefined when it is absent or rendered by a template. */
  readonly name: string | undefined;
  /** Where a finding about the whole container stands: the name's scalar, else the start of the container. */
  readonly at: Span;
  readonly image: string | undefined;
  /** True when the object states what to run, as a patch need not. */
  readonly complete: boolean;
  readonly resources: Resources;
  readonly env: readonly EnvVar[];
  /** Names of mounted volumes; undefined when they cannot be read. */
  readonly mounts: readonly string[] | undefined;
  /** Anchors crossed on the way to the container. */
  readonly shared: readonly Anchor[];
}

export interface Volume {
  readonly name: string | undefined;
  readonly nameScalar: YamlScalar | undefined;
  /** `emptyDir`, when the volume is one. */
  readonly emptyDir: Found | undefined;
  readonly medium: YamlScalar | undefined;
  readonly sizeLimit: Stated;
  readonly shared: readonly Anchor[];
}

/** One operation of a JSON patch (RFC 6902). */
export interface JsonOperation {
  readonly node: YamlMap;
  readonly op: YamlScalar;
  readonly path: YamlScalar;
  readonly value: YamlEntry | undefined;
}

/** One patch of a kustomization. */
export interface KustomizePatch {
  /** Path as written, for a patch in a file of its own. */
  readonly path: string | undefined;
  /** The patch's text, for one written in place. */
  readonly inline: YamlScalar | undefined;
  /** The operations of a JSON patch written in place. */
  readonly operations: readonly JsonOperation[];
  readonly targetKind: string | undefined;
  /** A regular expression that the whole name must match. */
  readonly targetName: string | undefined;
  readonly at: Span;
}

export interface Kustomization {
  readonly place: Place;
  readonly component: boolean;
  readonly namespace: string | undefined;
  /** Paths as written: files, directories, or addresses elsewhere. */
  readonly resources: readonly string[];
  readonly patches: readonly KustomizePatch[];
}

export type { Anchor, Found, YamlEntry, YamlMap, YamlScalar };
