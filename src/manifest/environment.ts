/** The environment variables a container gets, with what ConfigMaps and Secrets of the workspace supply. */

import type { Place } from '../core/span.ts';
import { isSupplied } from './amounts.ts';
import type { Container, EnvVar, Generator, KeyRef, KubeObject, ManifestFile } from './model.ts';
import { nodeAt, type YamlScalar } from './yaml.ts';

/** One variable as the container sees it. */
export interface Variable {
  readonly name: string;
  /** Undefined when it is set, but not to a text that can be known here. */
  readonly text: string | undefined;
  readonly where: Place;
  /** The literal in an object of the workspace, when another object supplies it. */
  readonly literal: { readonly file: ManifestFile; readonly scalar: YamlScalar } | undefined;
  /** The entry of `env`, when the container itself names the variable. */
  readonly own: EnvVar | undefined;
}

export interface Environment {
  readonly variables: ReadonlyMap<string, Variable>;
  /** True when something beyond the workspace may set more variables. */
  readonly open: boolean;
}

/** Where ConfigMaps and Secrets are looked up for a container. */
export interface SettingsSource {
  readonly objects: readonly KubeObject[];
  readonly generators: readonly { readonly generator: Generator; readonly file: ManifestFile }[];
}

/** Resolves `envFrom` and `env` as the kubelet does: later sources win, `env` wins over all of them. */
export function readEnvironment(container: Container, source: SettingsSource): Environment {
  const variables = new Map<string, Variable>();
  let open = container.envOpen;
  for (const { kind, name, prefix } of container.envFrom) {
    const values = name === undefined ? undefined : valuesOf(source, kind, name);
    if (!values || values.open) open = true;
    for (const [key, value] of values?.values ?? [])
      variables.set(prefix + key, { name: prefix + key, ...value, own: undefined });
  }
  for (const variable of container.env) {
    const { name, value, keyRef } = variable;
    const here = { file: container.workload.object.file.file, span: variable.nameScalar.span };
    const referred = keyRef && byKey(source, keyRef);
    variables.set(name, {
      name,
      text: value && !variable.unknown ? value.text : referred?.text,
      where: referred?.where ?? (value ? { ...here, span: value.span } : here),
      literal: value ? undefined : referred?.literal,
      own: variable,
    });
  }
  return { variables, open };
}

type Value = Pick<Variable, 'text' | 'where' | 'literal'>;

function byKey(source: SettingsSource, { kind, name, key }: KeyRef): Value | undefined {
  if (name === undefined || key === undefined) return undefined;
  return valuesOf(source, kind, name)?.values.get(key);
}

/** The values under a name; what two objects of that name say differently is not known. */
function valuesOf(
  source: SettingsSource,
  kind: KeyRef['kind'],
  name: string,
): { readonly values: ReadonlyMap<string, Value>; readonly open: boolean } | undefined {
  const values = new Map<string, Value>();
  let found = false;
  let open = false;
  const add = (key: string, text: string | undefined, file: ManifestFile, scalar: YamlScalar) => {
    const known = values.get(key);
    const differs = known !== undefined && known.text !== text;
    values.set(key, {
      text: differs ? undefined : text,
      where: known?.where ?? { file: file.file, span: scalar.span },
      literal: known || text === undefined ? undefined : { file, scalar },
    });
  };
  for (const object of source.objects) {
    if (object.kind !== kind || object.name !== name) continue;
    found = true;
    for (const field of ['data', 'stringData']) {
      const node = nodeAt(object.root, field);
      if (node?.kind !== 'map') {
        open ||= node?.open === true;
        continue;
      }
      open ||= node.open;
      for (const { key, value } of node.entries) {
        if (value?.kind !== 'scalar') continue;
        const text = kind === 'Secret' && field === 'data' ? decoded(value) : textOf(value);
        add(key.text, text, object.file, value);
      }
    }
  }
  for (const { generator, file } of source.generators) {
    if (generator.kind !== kind || generator.name !== name) continue;
    found = true;
    open ||= generator.open;
    for (const [key, scalar] of generator.values) add(key, textOf(scalar), file, scalar);
  }
  return found ? { values, open } : undefined;
}

function textOf(scalar: YamlScalar): string | undefined {
  return isSupplied(scalar) ? undefined : scalar.text;
}

function decoded(scalar: YamlScalar): string | undefined {
  if (isSupplied(scalar)) return undefined;
  try {
    return atob(scalar.text.trim());
  } catch {
    return undefined;
  }
}
