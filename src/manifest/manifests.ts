/** The manifests of a workspace together: what a container really gets, after everything that bears on it. */

import type { Quantity } from '../core/quantity.ts';
import type { Place } from '../core/span.ts';
import { amountIn } from './amounts.ts';
import { type ComposeService, composeServices } from './compose.ts';
import { composeContainer } from './compose-container.ts';
import { type Environment, readEnvironment } from './environment.ts';
import { bindKustomizations, type Overlay, type PatchTarget } from './kustomize.ts';
import { isLeftOut } from './left-out.ts';
import type { MeasuredService } from './measured.ts';
import type { Amount, Container, KubeObject, ManifestFile, Stated, Volume, Workload } from './model.ts';
import { directoryOf } from './paths.ts';
import { itemsAt, lookUp, textAt } from './yaml.ts';

/** Where an effective value comes from. */
export type Source = 'own' | 'base' | 'limit' | 'limit-range' | 'pod-level' | 'values';

/** What a container gets for its memory limit or request. */
export type Effective =
  | {
      readonly state: 'known';
      readonly quantity: Quantity;
      readonly text: string;
      readonly source: Source;
      readonly where: Place;
      /** The quantity as written, when it is in a file of the workspace. */
      readonly amount: Amount;
    }
  /** Something beyond the files decides: `reason` is the key of an exemption. */
  | { readonly state: 'unknown'; readonly reason: UnknownReason; readonly where?: Place }
  | { readonly state: 'none' };

export type UnknownReason = 'template-hole' | 'patch' | 'broken' | 'invalid';

export type Language = 'rust' | 'go';

export interface ManifestsOptions {
  /** Folders that hold a `Cargo.toml` or `go.mod`, and what they are written in. */
  readonly codeFolders?: ReadonlyMap<string, Language>;
  /** The language of the workspace's program that runs in a container, once something links the two. */
  readonly linkedLanguage?: (container: Container) => Language | undefined;
  /** What a compose service runs, once something links the two: `other` is no program of the workspace. */
  readonly linkedService?: (service: ComposeService) => Language | 'other' | undefined;
  /** What was measured of a container. */
  readonly measured?: (container: Container) => MeasuredService | undefined;
  /** Per cent a limit in a file should leave above the peak; 25 when absent. */
  readonly headroom?: (file: string) => number;
  /** The folder that holds everything under review: only folders below it can be those of tests. */
  readonly root?: string;
  /** Files to report on; all when absent. The others still count for what is effective. */
  readonly scope?: ReadonlySet<string>;
}

/** What is the same for every part of a workspace that is asked about. */
interface Shared {
  readonly files: ReadonlyMap<string, ManifestFile>;
  readonly objects: readonly KubeObject[];
  readonly limitRanges: readonly KubeObject[];
  /** ConfigMaps and Secrets. */
  readonly settings: readonly KubeObject[];
  readonly kustomize: ReturnType<typeof bindKustomizations>;
}

function share(files: Iterable<ManifestFile>): Shared {
  const sorted = [...files].sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0));
  const byName = new Map(sorted.map((f) => [f.file, f]));
  const objects = sorted.flatMap((f) => f.objects);
  return {
    files: byName,
    objects,
    limitRanges: objects.filter((o) => o.kind === 'LimitRange'),
    settings: objects.filter((o) => o.kind === 'ConfigMap' || o.kind === 'Secret'),
    kustomize: bindKustomizations(byName),
  };
}

export class Manifests {
  readonly files: ReadonlyMap<string, ManifestFile>;
  /** Workloads of the files in scope, in the order of files and text. */
  readonly workloads: readonly Workload[];
  /** Objects of the files in scope. */
  readonly objects: readonly KubeObject[];
  /** Compose files in scope. */
  readonly composeFiles: readonly ManifestFile[];
  readonly #shared: Shared;
  readonly #values: readonly Container[];
  readonly #composed: readonly Container[];
  readonly #generates: boolean;
  readonly #fillsCharts: boolean;
  readonly #options: ManifestsOptions;
  readonly #leftOut = new Map<string, boolean>();
  readonly #kustomize: ReturnType<typeof bindKustomizations>;
  readonly #environments = new Map<Container, Environment>();

  constructor(files: Iterable<ManifestFile>, options: ManifestsOptions = {}, shared = share(files)) {
    this.#shared = shared;
    this.files = shared.files;
    this.#options = options;
    this.#kustomize = shared.kustomize;
    const asked = options.scope
      ? [...options.scope].sort().flatMap((f) => shared.files.get(f) ?? [])
      : [...shared.files.values()];
    const inScope = asked.filter((f) => f.kind !== 'other' && this.inScope(f.file));
    this.workloads = inScope.flatMap((f) => f.workloads);
    this.objects = inScope.flatMap((f) => f.objects);
    this.#values = inScope.flatMap((f) => f.values);
    this.composeFiles = inScope.filter((f) => f.kind === 'compose');
    this.#composed = this.composeServices.map(composeContainer);
    this.#generates = inScope.some((f) => (f.kustomization?.generators.length ?? 0) > 0);
    this.#fillsCharts = asked.some((f) => /(^|\/)values\.ya?ml$/.test(f.file) && this.inScope(f.file));
  }

  /** The same workspace, of which only some files are to be reported on. */
  within(scope: ReadonlySet<string>): Manifests {
    return new Manifests([], { ...this.#options, scope }, this.#shared);
  }

  /** Folder of the workspace; names above it say nothing of what lies in it. */
  get root(): string {
    return this.#options.root ?? '';
  }

  /** Services of the compose files in scope. */
  get composeServices(): readonly ComposeService[] {
    return this.composeFiles.flatMap((f) => composeServices(f, this.files));
  }

  /** Services of the other compose files in the folder of a service. */
  composeBeside(service: ComposeService): readonly ComposeService[] {
    const folder = directoryOf(service.file.file);
    return [...this.files.values()].flatMap((f) =>
      f.kind === 'compose' && f !== service.file && directoryOf(f.file) === folder
        ? composeServices(f, this.files)
        : [],
    );
  }

  /** Containers of the whole workspace, in scope or not; not those of tests and examples. */
  get everyContainer(): readonly Container[] {
    return [...this.files.values()].flatMap((f) =>
      f.workloads.length > 0 && !this.#isLeftOut(f.file) ? f.workloads.flatMap((w) => w.containers) : [],
    );
  }

  /** True when a file in scope supplies environment variables to containers elsewhere. */
  get suppliesVariables(): boolean {
    const isSource = this.objects.some((o) => o.kind === 'ConfigMap' || o.kind === 'Secret');
    return isSource || this.#generates || this.#fillsCharts;
  }

  /** The language of the program in a folder of the workspace: of its own project file, or of the one above it. */
  languageOfFolder(folder: string): Language | undefined {
    const folders = this.#options.codeFolders;
    for (let at = folder; folders; at = directoryOf(at)) {
      const language = folders.get(at);
      if (language || at === '') return language;
    }
    return undefined;
  }

  /** Containers of the workloads in scope. */
  get containers(): readonly Container[] {
    return this.workloads.flatMap((w) => w.containers);
  }

  /**
   * Containers, and what charts' values and compose services state for one: a stated value can be judged, but not a
   * missing one.
   */
  get statedContainers(): readonly Container[] {
    return [...this.containers, ...this.#values, ...this.#composed];
  }

  /** Every object of a kind in the workspace, in scope or not. */
  objectsOf(kind: string): readonly KubeObject[] {
    return this.#shared.objects.filter((o) => o.kind === kind);
  }

  /** What a compose service runs, where that is known: `other` is nothing of the workspace. */
  linkedService(service: ComposeService): Language | 'other' | undefined {
    return this.#options.linkedService?.(service);
  }

  linkedLanguage(container: Container): Language | undefined {
    return this.#options.linkedLanguage?.(container);
  }

  /** What was measured of a container; of a patch, what was measured of the containers it changes. */
  measured(container: Container): MeasuredService | undefined {
    const { measured } = this.#options;
    if (!measured) return undefined;
    if (!this.isPatch(container)) return measured(container);
    for (const base of this.basesOf(container)) {
      const found = measured(base);
      if (found) return found;
    }
    return undefined;
  }

  /** True for an object that only changes another one, and so need not be complete. */
  isPatch(container: Container): boolean {
    const { inline, file: within } = container.workload.object;
    const { file, template } = within;
    // What Helm renders by itself patches nothing: a job of a chart may be called so for what it does.
    const isRendered = template && /(^|\/)templates\//.test(file);
    const isNamed = !isRendered && isNamedPatch(file);
    return inline || this.#kustomize.patchFiles.has(file) || isNamed || !container.complete;
  }

  /** What a patch is applied to: the containers of the same name in the objects it changes. */
  basesOf(container: Container): readonly Container[] {
    const targets = this.#kustomize.basesOf(container.workload.object);
    return targets.flatMap((w) =>
      w.containers.filter((c) => c.name !== undefined && c.name === container.name),
    );
  }

  /** Patches of the workspace that change a workload. */
  patchesOf(object: KubeObject): readonly PatchTarget[] {
    return this.#kustomize.patchesOf(object);
  }

  /** Kustomizations that build an object and that no other one builds upon; not those of tests and examples. */
  builtInto(object: KubeObject): readonly ManifestFile[] {
    return this.#kustomize.builtInto(object).filter((f) => !this.#isLeftOut(f.file));
  }

  /** What the kustomizations of the workspace that patch a workload make of it. */
  overlaysOf(workload: Workload): readonly Overlay[] {
    return this.#kustomize.overlaysOf(workload);
  }

  /** The environment variables a container gets, as far as the workspace tells. */
  environment(container: Container): Environment {
    let environment = this.#environments.get(container);
    if (!environment) {
      const { object } = container.workload;
      environment = readEnvironment(container, {
        objects: this.#shared.settings.filter((o) => this.sameNamespace(o, object)),
        generators: this.#kustomize.generatorsFor(object),
      });
      this.#environments.set(container, environment);
    }
    return environment;
  }

  /** Workloads as the kustomizations of the workspace patch them. */
  get overlays(): readonly Overlay[] {
    return this.#kustomize.overlays;
  }

  /** True when a finding may stand in a file: not in those of tests and examples, nor in generated ones. */
  inScope(file: string): boolean {
    const { scope } = this.#options;
    return (!scope || scope.has(file)) && !this.#isLeftOut(file);
  }

  #isLeftOut(file: string): boolean {
    let leftOut = this.#leftOut.get(file);
    if (leftOut === undefined) {
      const manifest = this.files.get(file);
      leftOut = manifest !== undefined && isLeftOut(manifest, this.#options.root ?? '');
      this.#leftOut.set(file, leftOut);
    }
    return leftOut;
  }

  /** Whole per cent that a limit in a file should leave above the peak. */
  headroom(file: string): number {
    return Math.round(this.#options.headroom?.(file) ?? 25);
  }

  /** The memory limit a container gets. */
  memoryLimit(container: Container): Effective {
    return this.#effective(container, 'limits');
  }

  /** The memory request a container gets. */
  memoryRequest(container: Container): Effective {
    return this.#effective(container, 'requests');
  }

  #effective(container: Container, side: 'limits' | 'requests'): Effective {
    const { object } = container.workload;
    const own = side === 'limits' ? container.resources.memoryLimit : container.resources.memoryRequest;
    const stated = this.#fromStated(container, own, 'own');
    if (stated) return stated;
    if (this.isPatch(container)) return this.#fromBase(container, side);
    if (side === 'requests') {
      // The API server copies the limit before any LimitRange is looked at.
      const limit = this.#fromStated(container, container.resources.memoryLimit, 'limit');
      if (limit) return limit;
    }
    if (object.broken) return { state: 'unknown', reason: object.file.template ? 'template-hole' : 'broken' };
    const pod = this.#podLevel(container, side);
    if (pod) return pod;
    // Values are rendered elsewhere, and compose knows no policies.
    if (object.kind === 'Values' || object.kind === 'Compose') return { state: 'none' };
    return this.#limitRange(container, side) ?? { state: 'none' };
  }

  #fromStated(container: Container, stated: Stated, source: Source): Effective | undefined {
    if (stated === undefined) return undefined;
    if (stated === 'unknown') return { state: 'unknown', reason: 'template-hole' };
    return this.#fromAmount(container.workload.object, stated, source);
  }

  #fromAmount(object: KubeObject, amount: Amount, source: Source): Effective {
    const where = { file: object.file.file, span: amount.span };
    if (amount.unknown) return { state: 'unknown', reason: 'template-hole', where };
    if (!amount.quantity) return { state: 'unknown', reason: 'invalid', where };
    return { state: 'known', quantity: amount.quantity, text: amount.text, source, where, amount };
  }

  #fromBase(container: Container, side: 'limits' | 'requests'): Effective {
    const results = this.basesOf(container).map((base) => {
      if (
        side === 'requests' &&
        base.resources.memoryRequest === undefined &&
        container.resources.memoryLimit
      )
        return this.#fromStated(container, container.resources.memoryLimit, 'limit')!;
      return this.#effective(base, side);
    });
    const [first] = results;
    if (!first || results.length > 1) {
      // Several bases with one value are as good as one.
      const same =
        first?.state === 'known' &&
        results.every((r) => r.state === 'known' && r.quantity.nano === first.quantity.nano);
      if (!first || !same) return { state: 'unknown', reason: 'patch' };
    }
    return first.state === 'known' && first.source === 'own' ? { ...first, source: 'base' } : first;
  }

  #podLevel(container: Container, side: 'limits' | 'requests'): Effective | undefined {
    const { podResources, object } = container.workload;
    const stated = side === 'limits' ? podResources.memoryLimit : podResources.memoryRequest;
    if (stated === 'unknown') {
      return podResources.found === 'unknown' && !container.workload.podSpec.open
        ? { state: 'unknown', reason: 'template-hole' }
        : undefined;
    }
    return stated ? this.#fromAmount(object, stated, 'pod-level') : undefined;
  }

  #limitRange(container: Container, side: 'limits' | 'requests'): Effective | undefined {
    for (const range of this.limitRangesFor(container.workload.object)) {
      for (const item of itemsAt(range.root, 'spec', 'limits')) {
        if (textAt(item.node, 'type') !== 'Container') continue;
        // As the API server defaults a LimitRange: `default` from `max`; `defaultRequest` from `default`, then `min`.
        const keys = side === 'limits' ? ['default', 'max'] : ['defaultRequest', 'default', 'max', 'min'];
        for (const key of keys) {
          const amount = amountIn(lookUp(item.node, key), 'memory');
          if (amount === 'unknown') return { state: 'unknown', reason: 'template-hole' };
          if (amount) return this.#fromAmount(range, amount, 'limit-range');
        }
      }
    }
    return undefined;
  }

  /** LimitRanges of the namespace an object is created in. */
  limitRangesFor(object: KubeObject): readonly KubeObject[] {
    return this.#shared.limitRanges.filter((range) => this.sameNamespace(range, object));
  }

  /**
   * True when two objects are created in the same namespace. Without a written one they are taken to share it when
   * they lie in one directory, one chart or one kustomization.
   */
  sameNamespace(a: KubeObject, b: KubeObject): boolean {
    const left = this.#kustomize.namespacesOf(a);
    const right = this.#kustomize.namespacesOf(b);
    if (left.size > 0 && right.size > 0) return [...left].some((n) => right.has(n));
    if (left.size > 0 || right.size > 0) return false;
    const [x, y] = [a.file.file, b.file.file];
    return directoryOf(x) === directoryOf(y) || this.#kustomize.together(x, y);
  }

  /** The Memory-backed volumes a container mounts; undefined when its mounts cannot be read. */
  memoryVolumes(container: Container): readonly Volume[] | undefined {
    const { mounts } = container;
    if (!mounts) return undefined;
    return container.workload.volumes.filter(
      (v) => v.medium?.text === 'Memory' && v.name && mounts.includes(v.name),
    );
  }

  /** Bytes of the Memory-backed volumes a container mounts, as far as they have a limit. */
  memoryVolumeBytes(container: Container): bigint {
    let nano = 0n;
    for (const { sizeLimit } of this.memoryVolumes(container) ?? [])
      if (sizeLimit && sizeLimit !== 'unknown' && sizeLimit.quantity) nano += sizeLimit.quantity.nano;
    return nano / 1_000_000_000n;
  }
}

/** Patches are often prepared and named so before a kustomization lists them. */
function isNamedPatch(file: string): boolean {
  return /(^|[-_./])patch(es)?([-_./]|$)/.test(file);
}
