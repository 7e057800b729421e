/** Builds that YAML files state: Skaffold, GoReleaser, ko, and the steps of GitHub workflows. */

import type { Span } from '../core/span.ts';
import { parseSlice, type YamlText } from '../manifest/parse-yaml.ts';
import { directoryOf } from '../manifest/paths.ts';
import { itemsAt, nodeAt, textAt, type YamlMap, type YamlNode } from '../manifest/yaml.ts';
import type { ImageBuild } from './builds.ts';
import { imageName } from './image.ts';
import { shellBuilds } from './shell-builds.ts';

const NOTHING: ReadonlyMap<string, string> = new Map();

/** The documents as they stand: what is between `{{ }}` is read here, not by Helm. */
function roots(text: string): YamlMap[] {
  const source: YamlText = {
    text,
    blanked: { text, holes: [], template: false, regions: [] },
    slices: [{ start: 0, end: text.length }],
  };
  return parseSlice(source, source.slices[0]!).flatMap(({ root }) => (root?.kind === 'map' ? [root] : []));
}

function maps(node: YamlNode | undefined, ...path: string[]): YamlMap[] {
  return itemsAt(node, ...path).flatMap(({ node: item }) => (item.kind === 'map' ? [item] : []));
}

function texts(node: YamlNode | undefined): string[] {
  if (node?.kind === 'scalar')
    return node.text
      .split(/[\n,]/)
      .map((t) => t.trim())
      .filter((t) => t !== '');
  if (node?.kind !== 'list') return [];
  return node.items.flatMap(({ node: item }) => (item.kind === 'scalar' ? [item.text] : []));
}

function stringMap(node: YamlNode | undefined): Map<string, string> {
  if (node?.kind === 'map')
    return new Map(
      node.entries.flatMap(({ key, value }): [string, string][] =>
        value?.kind === 'scalar' ? [[key.text, value.text]] : [],
      ),
    );
  return new Map(
    texts(node).flatMap((line): [string, string][] => {
      const at = line.indexOf('=');
      return at > 0 ? [[line.slice(0, at), line.slice(at + 1)]] : [];
    }),
  );
}

export function skaffoldBuilds(file: string, text: string): ImageBuild[] {
  const folder = directoryOf(file);
  return roots(text).flatMap((root) => {
    const artifacts = [
      ...maps(root, 'build', 'artifacts'),
      ...maps(root, 'profiles').flatMap((p) => maps(p, 'build', 'artifacts')),
    ];
    return artifacts.flatMap((artifact) => {
      const image = imageName(textAt(artifact, 'image') ?? '');
      if (!image) return [];
      const docker = nodeAt(artifact, 'docker') ?? nodeAt(artifact, 'kaniko');
      const ko = nodeAt(artifact, 'ko');
      return [
        {
          tool: 'Skaffold' as const,
          at: { file, span: startOf(artifact) },
          image,
          bases: [folder],
          context: textAt(artifact, 'context'),
          dockerfile: textAt(docker, 'dockerfile'),
          inContext: true,
          target: textAt(docker, 'target'),
          args: stringMap(nodeAt(docker, 'buildArgs')),
          programs: ko ? [textAt(ko, 'main') ?? '.'] : [],
        },
      ];
    });
  });
}

export function goreleaserBuilds(file: string, text: string): ImageBuild[] {
  return roots(text).flatMap((root) => {
    const project = textAt(root, 'project_name');
    const binaries = new Map(
      maps(root, 'builds').map((b) => [
        textAt(b, 'id') ?? textAt(b, 'binary') ?? project ?? '',
        { main: textAt(b, 'main') ?? '.', binary: textAt(b, 'binary') ?? textAt(b, 'id') ?? project },
      ]),
    );
    const images = [...maps(root, 'dockers'), ...maps(root, 'dockers_v2')];
    const fromDocker = images.flatMap((docker) => {
      const ids = texts(nodeAt(docker, 'ids'));
      const names = texts(nodeAt(docker, 'image_templates') ?? nodeAt(docker, 'images'));
      return names.flatMap((name) => {
        const image = imageName(project ? name.replace(/\{\{\s*\.ProjectName\s*\}\}/g, project) : name);
        if (!image) return [];
        const chosen = [...binaries].filter(([id]) => ids.length === 0 || ids.includes(id));
        return [
          {
            tool: 'GoReleaser' as const,
            at: { file, span: startOf(docker) },
            image,
            bases: [directoryOf(file)],
            context: undefined,
            dockerfile: textAt(docker, 'dockerfile'),
            inContext: false,
            target: textAt(docker, 'target'),
            args: NOTHING,
            programs: chosen.length === 1 ? [chosen[0]![1].main] : [],
          },
        ];
      });
    });
    const fromKo = maps(root, 'kos').flatMap((ko) => {
      const image = imageName(
        textAt(ko, 'repository') ?? texts(nodeAt(ko, 'repositories'))[0] ?? project ?? '',
      );
      const build = binaries.get(textAt(ko, 'build') ?? '') ?? [...binaries.values()][0];
      if (!image) return [];
      return [
        {
          tool: 'GoReleaser' as const,
          at: { file, span: startOf(ko) },
          image,
          bases: [directoryOf(file)],
          context: undefined,
          dockerfile: undefined,
          inContext: false,
          target: undefined,
          args: NOTHING,
          programs: [textAt(ko, 'main') ?? build?.main ?? '.'],
        },
      ];
    });
    return [...fromDocker, ...fromKo];
  });
}

export function koBuilds(file: string, text: string): ImageBuild[] {
  return roots(text).flatMap((root) =>
    maps(root, 'builds').flatMap((build) => {
      const main = [textAt(build, 'dir'), textAt(build, 'main') ?? '.'].filter(Boolean).join('/');
      const image = imageName(textAt(build, 'id') ?? main.slice(main.lastIndexOf('/') + 1));
      if (!image || main === '.') return [];
      return [
        {
          tool: 'ko' as const,
          at: { file, span: startOf(build) },
          image,
          bases: [directoryOf(file)],
          context: undefined,
          dockerfile: undefined,
          inContext: false,
          target: undefined,
          args: NOTHING,
          programs: [main],
        },
      ];
    }),
  );
}

/** Steps that build images, with the values of their matrix put in. */
export function workflowBuilds(file: string, text: string): ImageBuild[] {
  if (!/docker|depot|podman|buildah/.test(text)) return [];
  const root = directoryOf(directoryOf(directoryOf(file)));
  return roots(text).flatMap((workflow) => {
    const jobs = nodeAt(workflow, 'jobs');
    if (jobs?.kind !== 'map') return [];
    return jobs.entries.flatMap(({ value: job }) =>
      matrixOf(job).flatMap((matrix) => jobBuilds(file, root, job, matrix)),
    );
  });
}

function jobBuilds(file: string, root: string, job: YamlNode | undefined, matrix: Matrix): ImageBuild[] {
  const builds: ImageBuild[] = [];
  const put = (written: string | undefined) =>
    written?.replace(/\$\{\{\s*matrix\.([\w.-]+)\s*\}\}/g, (all, name: string) => matrix.get(name) ?? all);
  const steps = maps(job, 'steps');
  const named = new Map(
    steps.flatMap((step): [string, string[]][] => {
      if (!/^docker\/metadata-action@/.test(textAt(step, 'uses') ?? '')) return [];
      return [[textAt(step, 'id') ?? '', texts(nodeAt(step, 'with', 'images')).map((t) => put(t)!)]];
    }),
  );
  for (const step of steps) {
    const uses = textAt(step, 'uses') ?? '';
    const inputs = nodeAt(step, 'with');
    if (/^(docker|depot|redhat-actions)\/(build-push-action|buildah-build)@|\/kaniko-action@/.test(uses)) {
      const tags = texts(nodeAt(inputs, 'tags')).flatMap((tag) => {
        const meta = /\$\{\{\s*steps\.([\w-]+)\.outputs\.tags\s*\}\}/.exec(tag);
        return meta ? (named.get(meta[1]!) ?? []) : [put(tag)!];
      });
      const images = [
        put(textAt(inputs, 'image')),
        ...tags,
        ...(tags.length === 0 ? [...named.values()].flat() : []),
      ];
      for (const name of new Set(images.map((t) => t?.replace(/^(type|name)=/, '')))) {
        const image = imageName(name ?? '');
        if (!image) continue;
        const args = stringMap(nodeAt(inputs, 'build-args'));
        builds.push({
          tool: 'GitHub workflow',
          at: { file, span: startOf(step) },
          image,
          bases: [root],
          context: put(textAt(inputs, 'context')),
          dockerfile: put(textAt(inputs, 'file') ?? textAt(inputs, 'containerfiles')),
          inContext: false,
          target: put(textAt(inputs, 'target')),
          args: new Map([...args].map(([k, v]) => [k, put(v)!])),
          programs: [],
        });
      }
    }
    const run = nodeAt(step, 'run');
    if (run?.kind === 'scalar')
      builds.push(
        ...shellBuilds(file, put(run.text)!, [root], 'GitHub workflow').map((build) => ({
          ...build,
          at: { file, span: startOf(step) },
        })),
      );
  }
  return builds;
}

type Matrix = ReadonlyMap<string, string>;

/** The combinations of a job's matrix; one without values where there is none or something else makes it. */
function matrixOf(job: YamlNode | undefined): Matrix[] {
  const matrix = nodeAt(job, 'strategy', 'matrix');
  if (matrix?.kind !== 'map') return [NOTHING];
  let combinations: Map<string, string>[] = [new Map()];
  for (const { key, value } of matrix.entries) {
    if (key.text === 'include' || key.text === 'exclude' || value?.kind !== 'list') continue;
    const choices = value.items.map(({ node }) => flattened(key.text, node));
    // A large matrix differs in systems and versions, which do not matter here.
    if (choices.length === 0 || combinations.length * choices.length > 64) continue;
    combinations = combinations.flatMap((c) => choices.map((choice) => new Map([...c, ...choice])));
  }
  const includes = itemsAt(matrix, 'include').map(({ node }) => flattened('', node));
  if (includes.length === 0) return combinations;
  return combinations.length === 1 && combinations[0]!.size === 0
    ? includes
    : [...combinations, ...includes.map((i) => new Map([...combinations[0]!, ...i]))];
}

function flattened(prefix: string, node: YamlNode): Map<string, string> {
  if (node.kind === 'scalar') return new Map([[prefix, node.text]]);
  if (node.kind !== 'map') return new Map();
  return new Map(
    node.entries.flatMap(({ key, value }) =>
      value ? [...flattened(prefix ? `${prefix}.${key.text}` : key.text, value)] : [],
    ),
  );
}

function startOf(map: YamlMap): Span {
  const first = map.entries[0];
  return first ? { start: first.key.span.start, end: first.span.end } : map.span;
}
