/** What Headroom knows of a manifest: plain data with spans, read from one text. */

import type { Notice } from '../core/finding.ts';
import type { Quantity } from '../core/quantity.ts';
import type { Place, Span } from '../core/span.ts';
import type { Blanked } from './template.ts';
import type { Anchor, Found, YamlEntry, YamlMap, YamlScalar } from './yaml.ts';

/** What a YAML file is to Headroom; `other` files hold nothing it reads. */
export type ManifestKind = 'kubernetes' | 'kustomization' | 'compose' | 'values' | 'variables' | 'other';

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
  /** The replacements of a file that holds nothing else. */
  readonly replacements: readonly Replacement[];
  /** Variables of a `.env` file. */
  readonly variables: ReadonlyMap<string, string> | undefined;
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
  /** Keys from `resources` down to each amount: charts have shapes of their own. */
  readonly paths: ResourcePaths;
}

export interface ResourcePaths {
  readonly limits: readonly string[];
  readonly requests: readonly string[];
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
  /** `valueFrom.configMapKeyRef` or `secretKeyRef`. */
  readonly keyRef: KeyRef | undefined;
  readonly shared: readonly Anchor[];
}

/** Where a ConfigMap or Secret is named; its name and key are undefined when a template writes them. */
export interface KeyRef {
  readonly kind: 'ConfigMap' | 'Secret';
  readonly name: string | undefined;
  readonly key: string | undefined;
}

/** One source of `envFrom`: every key of a ConfigMap or Secret becomes a variable. */
export interface EnvSource {
  readonly kind: 'ConfigMap' | 'Secret';
  readonly name: string | undefined;
  readonly prefix: string;
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
  /** Weakest first, as the kubelet reads them. */
  readonly envFrom: readonly EnvSource[];
  /** True when a template may add variables that are not written here. */
  readonly envOpen: boolean;
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
  readonly targetLabels: string | undefined;
  /** True when labels or annotations choose the targets. */
  readonly selects: boolean;
  readonly at: Span;
}

/** A field of one object: `kind` and `name` choose it, `path` leads to the field. */
export interface FieldAddress {
  readonly kind: string | undefined;
  readonly name: string | undefined;
  readonly path: readonly string[];
}

/** A value that a kustomization copies from one field to others. */
export interface Replacement {
  /** Undefined when the source is cut out of a longer text. */
  readonly source: FieldAddress | undefined;
  readonly targets: readonly FieldAddress[];
  readonly place: Place;
}

/** A ConfigMap or Secret that a kustomization makes of literals. */
export interface Generator {
  readonly kind: 'ConfigMap' | 'Secret';
  readonly name: string;
  readonly values: ReadonlyMap<string, YamlScalar>;
  /** True when files supply more. */
  readonly open: boolean;
  /** True when it adds to one of the same name below it. */
  readonly merges: boolean;
}

export interface Kustomization {
  readonly place: Place;
  readonly component: boolean;
  readonly namespace: string | undefined;
  /** Paths as written: files, directories, or addresses elsewhere. */
  readonly resources: readonly string[];
  /** Directories of components. */
  readonly components: readonly string[];
  readonly patches: readonly KustomizePatch[];
  readonly replacements: readonly Replacement[];
  /** Files that hold further replacements. */
  readonly replacementFiles: readonly string[];
  readonly generators: readonly Generator[];
  readonly namePrefix: string;
  readonly nameSuffix: string;
}

export type { Anchor, Found, YamlEntry, YamlMap, YamlScalar };
