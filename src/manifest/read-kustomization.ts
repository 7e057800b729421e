/** What a kustomization says about memory: which files it reads, and how it changes what they hold. */

import type { Place } from '../core/span.ts';
import type {
  FieldAddress,
  Generator,
  JsonOperation,
  Kustomization,
  KustomizePatch,
  Replacement,
} from './model.ts';
import {
  itemsAt,
  lookUp,
  nodeAt,
  scalarAt,
  textAt,
  type YamlList,
  type YamlMap,
  type YamlNode,
  type YamlScalar,
} from './yaml.ts';

/**
 * Reads a kustomization or a component.
 * @param inlinePatch reads a patch that is written in place and gives its JSON operations
 */
export function readKustomization(
  place: Place,
  root: YamlMap,
  inlinePatch: (scalar: YamlScalar) => JsonOperation[],
): Kustomization {
  const paths = (key: string) =>
    itemsAt(root, key).flatMap(({ node }) => (node.kind === 'scalar' ? [node.text] : []));
  const patches: KustomizePatch[] = [];
  for (const { node, span } of itemsAt(root, 'patchesStrategicMerge')) {
    if (node.kind !== 'scalar') continue;
    const inline = node.text.includes('\n');
    patches.push({
      path: inline ? undefined : node.text,
      inline: inline ? node : undefined,
      operations: inline ? inlinePatch(node) : [],
      targetKind: undefined,
      targetName: undefined,
      targetLabels: undefined,
      selects: false,
      at: span,
    });
  }
  for (const key of ['patches', 'patchesJson6902']) {
    for (const { node, span } of itemsAt(root, key)) {
      const inline = scalarAt(node, 'patch');
      patches.push({
        path: textAt(node, 'path'),
        inline,
        operations: inline ? inlinePatch(inline) : [],
        targetKind: textAt(node, 'target', 'kind'),
        targetName: textAt(node, 'target', 'name'),
        targetLabels: textAt(node, 'target', 'labelSelector'),
        selects: ['labelSelector', 'annotationSelector'].some((s) => nodeAt(node, 'target', s) !== undefined),
        at: span,
      });
    }
  }
  const replacements = itemsAt(root, 'replacements');
  return {
    place,
    component: textAt(root, 'kind') === 'Component',
    namespace: textAt(root, 'namespace'),
    resources: [...paths('resources'), ...paths('bases')],
    components: paths('components'),
    patches,
    replacements: replacements.flatMap(({ node }) => readReplacement(place.file, node) ?? []),
    replacementFiles: replacements.flatMap(({ node }) => textAt(node, 'path') ?? []),
    generators: [
      ...itemsAt(root, 'configMapGenerator').flatMap(({ node }) => readGenerator('ConfigMap', node) ?? []),
      ...itemsAt(root, 'secretGenerator').flatMap(({ node }) => readGenerator('Secret', node) ?? []),
    ],
    namePrefix: textAt(root, 'namePrefix') ?? '',
    nameSuffix: textAt(root, 'nameSuffix') ?? '',
  };
}

/** The operations of a list that is a JSON patch. */
export function operationsOf(root: YamlList): JsonOperation[] {
  return root.items.flatMap(({ node }) => {
    const op = scalarAt(node, 'op');
    const path = scalarAt(node, 'path');
    if (node.kind !== 'map' || !op || !path) return [];
    const value = lookUp(node, 'value');
    return [{ node, op, path, value: value && value !== 'unknown' ? value.entry : undefined }];
  });
}

/** The replacements of a file of their own: a list, or one alone. */
export function replacementsOf(file: string, root: YamlNode): Replacement[] {
  const nodes = root.kind === 'list' ? root.items.map((i) => i.node) : [root];
  return nodes.flatMap((node) => readReplacement(file, node) ?? []);
}

function readReplacement(file: string, node: YamlNode): Replacement | undefined {
  const source = nodeAt(node, 'source');
  const targets = nodeAt(node, 'targets');
  if (!source || targets?.kind !== 'list') return undefined;
  return {
    source:
      nodeAt(source, 'options') || nodeAt(node, 'sourceValue')
        ? undefined
        : address(source, textAt(source, 'fieldPath') ?? 'metadata.name'),
    targets: targets.items.flatMap(({ node: target }) => {
      const select = nodeAt(target, 'select');
      return itemsAt(target, 'fieldPaths').flatMap(({ node: path }) =>
        path.kind === 'scalar' ? [address(select, path.text)] : [],
      );
    }),
    place: { file, span: source.span },
  };
}

function address(node: YamlNode | undefined, path: string): FieldAddress {
  return { kind: textAt(node, 'kind'), name: textAt(node, 'name'), path: splitFieldPath(path) };
}

/** `spec.containers.[name=api].image` → its steps; a dot in brackets or behind a backslash does not part. */
export function splitFieldPath(path: string): string[] {
  return [...path.matchAll(/\[[^\]]*\]|(?:\\.|[^.[\]])+/g)].map(([step]) => step.replaceAll('\\.', '.'));
}

function readGenerator(kind: Generator['kind'], node: YamlNode): Generator | undefined {
  const name = textAt(node, 'name');
  if (name === undefined) return undefined;
  const values = new Map<string, YamlScalar>();
  for (const { node: literal, span } of itemsAt(node, 'literals')) {
    const match = literal.kind === 'scalar' ? /^([^=]+)=(.*)$/s.exec(literal.text) : null;
    if (!match || literal.kind !== 'scalar') continue;
    const text = match[2]!.replace(/^(["'])(.*)\1$/s, '$2');
    values.set(match[1]!, { ...literal, text, span });
  }
  const files = ['env', 'envs', 'files'].some((key) => nodeAt(node, key) !== undefined);
  return { kind, name, values, open: files, merges: textAt(node, 'behavior') === 'merge' };
}
