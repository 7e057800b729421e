/** Which values of a chart its templates read. */

import type { Manifests } from './manifests.ts';
import type { Amount, Container, ManifestFile, Stated } from './model.ts';
import { directoryOf } from './paths.ts';
import { pathOf } from './values-overrides.ts';

/** A memory value that no template reads, or one of which that cannot be told. */
export interface DeadValue {
  readonly file: ManifestFile;
  /** Keys joined by dots. */
  readonly path: string;
  readonly amount: Amount;
  readonly state: 'dead' | 'subchart' | 'unread';
}

/** Looks at the memory values of the charts in scope whose templates do not mention them. */
export function deadValues(manifests: Manifests): DeadValue[] {
  return [...manifests.files.values()].flatMap((file) => {
    if (!/(^|\/)values\.ya?ml$/.test(file.file) || !manifests.inScope(file.file)) return [];
    const uses = usesOf(manifests, directoryOf(file.file));
    if (!uses) return [];
    return file.values.flatMap((container) =>
      amountsOf(file, container).flatMap(({ path, amount }): DeadValue[] => {
        const [first = ''] = path;
        const name = path.join('.');
        if (first === 'global' || uses.subcharts.has(first))
          return [{ file, path: name, amount, state: 'subchart' }];
        if (uses.everything) return [{ file, path: name, amount, state: 'unread' }];
        return isRead(uses.paths, path) ? [] : [{ file, path: name, amount, state: 'dead' }];
      }),
    );
  });
}

function amountsOf(file: ManifestFile, container: Container): { path: string[]; amount: Amount }[] {
  const base = pathOf(file, container);
  const { found, memoryLimit, memoryRequest, paths } = container.resources;
  if (base === undefined || !found || found === 'unknown') return [];
  const before = [...(base === '.' ? [] : base.split('.')), found.entry.key.text];
  const add = (stated: Stated, rest: readonly string[]) =>
    stated && stated !== 'unknown' ? [{ path: [...before, ...rest], amount: stated }] : [];
  return [...add(memoryLimit, paths.limits), ...add(memoryRequest, paths.requests)];
}

interface Uses {
  /** Paths below `.Values` that the templates name. */
  readonly paths: ReadonlySet<string>;
  /** True when all values are handed on, or a template is too large to be kept. */
  readonly everything: boolean;
  /** Names under which values go to other charts. */
  readonly subcharts: ReadonlySet<string>;
}

const PATH = /\.Values((?:\.\w+)*)/g;
const INDEX = /\bindex\s+\$?\.Values((?:\s+(?:"[^"]*"|`[^`]*`))+)/g;

/** What the templates below a chart's folder read; undefined when it has none. */
function usesOf(manifests: Manifests, folder: string): Uses | undefined {
  const prefix = folder === '' ? '' : `${folder}/`;
  const chart = manifests.files.get(`${prefix}Chart.yaml`);
  const paths = new Set<string>();
  let everything = chart === undefined || /^type:\s*["']?library/m.test(chart.text);
  let any = false;
  const defined = new Set<string>();
  const called = new Set<string>();
  for (const file of manifests.files.values()) {
    if (!file.file.startsWith(`${prefix}templates/`)) continue;
    any = true;
    // Large texts that hold nothing else for Headroom are not kept.
    if (file.text === '') everything = true;
    // Files beside the templates may be templates themselves.
    if (/\.Files\b/.test(file.text)) everything = true;
    for (const [, name] of file.text.matchAll(/\bdefine\s+"([^"]+)"/g)) defined.add(name!);
    for (const [, name] of file.text.matchAll(/\b(?:include|template)\s+"([^"]+)"/g)) called.add(name!);
    const rest = file.text.replace(INDEX, (_, keys: string) => {
      paths.add([...keys.matchAll(/["`]([^"`]*)["`]/g)].map((m) => m[1]).join('.'));
      return '';
    });
    for (const [, path = ''] of rest.matchAll(PATH)) {
      if (path === '') everything = true;
      else paths.add(path.slice(1));
    }
  }
  if (!any) return undefined;
  // What a library of helpers reads of the values it is handed is not known here.
  if ([...called].some((name) => !defined.has(name))) everything = true;
  // A chart of the same name is made from this one, or this from it: its templates read the same values.
  const name = /^name:[ \t]*["']?([\w.-]+)/m.exec(chart?.text ?? '')?.[1];
  for (const file of manifests.files.values()) {
    if (file === chart || name === undefined || !file.file.endsWith('/Chart.yaml')) continue;
    if (/^name:[ \t]*["']?([\w.-]+)/m.exec(file.text)?.[1] !== name) continue;
    const templates = `${directoryOf(file.file)}/templates/`;
    for (const { file: path, text } of manifests.files.values())
      if (path.startsWith(templates))
        for (const [, read = ''] of text.matchAll(PATH)) {
          if (read === '') everything = true;
          else paths.add(read.slice(1));
        }
  }
  return { paths, everything, subcharts: new Set(subchartsOf(manifests, prefix, chart)) };
}

function* subchartsOf(
  manifests: Manifests,
  prefix: string,
  chart: ManifestFile | undefined,
): Generator<string> {
  for (const name of manifests.files.keys()) {
    const match = name.startsWith(`${prefix}charts/`) ? name.slice(prefix.length).split('/')[1] : undefined;
    if (match) yield match;
  }
  const dependencies = /^dependencies:[^\n]*\n((?:[ \t-][^\n]*\n?|\n)*)/m.exec(chart?.text ?? '')?.[1] ?? '';
  for (const match of dependencies.matchAll(/\b(?:name|alias):\s*["']?([\w.-]+)/g)) yield match[1]!;
}

/** True when a template names the value itself, or a map around it, which it may hand on. */
function isRead(paths: ReadonlySet<string>, path: readonly string[]): boolean {
  return path.some((_, i) => paths.has(path.slice(0, i + 1).join('.')));
}
