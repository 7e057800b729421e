import picomatch from 'picomatch';
import type { Notice } from '../core/finding.ts';
import { nearest } from '../core/nearest.ts';
import { folderOf } from '../program/project.ts';
import type { DeclaredService } from '../workload/link.ts';
import { ConfigSchema, type ConfigValues, type RuleLevel } from './config-schema.ts';
import { within } from './file-kind.ts';
import { readSettings, type SettingIssue } from './settings-file.ts';

/** Per cent a limit should leave above the peak when no `headroom.yaml` says otherwise. */
export const DEFAULT_HEADROOM = 25;

/** A `headroom.yaml` that could be read. */
export interface Config {
  readonly file: string;
  readonly values: ConfigValues;
  /** What it says about programs and where they run. */
  readonly services: readonly DeclaredService[];
}

/**
 * Reads a `headroom.yaml`. A text that is broken or does not fit the schema gives no config, so the defaults
 * apply; every notice names file and line and says what to change. A rule that does not exist is left out.
 */
export function readConfig(
  file: string,
  text: string,
  knownRules: readonly string[],
): { readonly config?: Config; readonly notices: readonly Notice[] } {
  const read = readSettings(
    file,
    text,
    ConfigSchema,
    problemOf,
    'the file is not used and the defaults apply',
  );
  if (!read.values) return { notices: read.notices };
  const { values: parsed, offsetOf, lineOf } = read;
  const at = (path: readonly (string | number)[]) => `line ${lineOf(offsetOf(path))}`;

  const known = new Set(knownRules);
  const notices: Notice[] = [];
  const filter = (rules: Readonly<Record<string, RuleLevel>> | undefined, path: (string | number)[]) => {
    const kept: Record<string, RuleLevel> = {};
    for (const [rule, level] of Object.entries(rules ?? {})) {
      if (known.has(rule)) {
        kept[rule] = level;
        continue;
      }
      const like = nearest(rule, knownRules);
      notices.push({
        file,
        message: `${at([...path, rule])}: there is no rule "${rule}"${
          like ? `; did you mean "${like}"?` : '; remove the line'
        }`,
      });
    }
    return kept;
  };
  const values: ConfigValues = {
    ...parsed,
    rules: filter(parsed.rules, ['rules']),
    overrides: (parsed.overrides ?? []).map((o, i) => ({
      files: o.files,
      rules: filter(o.rules, ['overrides', i, 'rules']),
    })),
  };
  const services = Object.entries(parsed.services ?? {}).map(([name, service]): DeclaredService => {
    const start = offsetOf(['services', name]);
    const { source, container, workload, image } = service;
    return {
      name,
      source,
      ...(container === undefined ? {} : { container }),
      ...(workload === undefined ? {} : { workload }),
      ...(image === undefined ? {} : { image }),
      at: { file, span: { start, end: start + name.length } },
    };
  });
  return { config: { file, values, services }, notices };
}

function problemOf(issue: SettingIssue, path: readonly (string | number)[]): string {
  const name = path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    const key = String(path.at(-1));
    const like = nearest(key, Object.keys(ConfigSchema.shape));
    return `"${name}" is not a setting${like ? `, did you mean "${like}"?` : `; known are ${Object.keys(ConfigSchema.shape).join(', ')}`}`;
  }
  if (issue.code === 'invalid_value' && issue.values)
    return `"${name}" must be one of ${issue.values.map(String).join(', ')}`;
  if (issue.code === 'too_small' || issue.code === 'too_big')
    return name === 'headroom' ? '"headroom" must be a number from 20 to 30' : `"${name}" must not be empty`;
  return `${name === '' ? 'the document' : `"${name}"`}: ${EXPECTED[path[0] ?? ''] ?? issue.message}`;
}

/** What the schema wants, in words, by setting; the empty key is the document. */
const EXPECTED: Readonly<Record<string, string>> = {
  '': 'must be a mapping of settings',
  root: 'must be true or false',
  include: 'must be a list of file patterns',
  exclude: 'must be a list of file patterns',
  rules: 'must map rule names to off, error, warning, information or hint',
  overrides: 'must be a list of entries with `files` and `rules`',
  headroom: 'must be a number from 20 to 30',
  services: 'must map names of services to entries with `source`',
};

/** The settings of one file after merging every `headroom.yaml` around it. */
export interface FileSettings {
  /** What the rule is set to, or undefined where nobody says. */
  level(rule: string): RuleLevel | undefined;
  /** False when a pattern leaves the file out. */
  readonly included: boolean;
  /** Per cent, 20–30. */
  readonly headroom: number;
}

interface Compiled {
  readonly config: Config;
  readonly dir: string;
  readonly include?: (relative: string) => boolean;
  readonly exclude?: (relative: string) => boolean;
  readonly overrides: readonly {
    readonly matches: (relative: string) => boolean;
    readonly rules: Readonly<Record<string, RuleLevel>>;
  }[];
}

/**
 * All configs of a workspace. A file is governed by the configs of its folder and the folders above, the nearest
 * first, up to one that says `root: true`.
 */
export class ConfigTree {
  /** What all files say about programs and where they run. */
  readonly services: readonly DeclaredService[];
  readonly #byDir = new Map<string, Compiled>();
  readonly #chains = new Map<string, readonly Compiled[]>();

  constructor(configs: Iterable<Config>) {
    const all = [...configs];
    this.services = all.flatMap((c) => c.services);
    for (const config of all) {
      const dir = folderOf(config.file);
      const { include, exclude, overrides } = config.values;
      this.#byDir.set(dir, {
        config,
        dir,
        ...(include ? { include: matcher(include) } : {}),
        ...(exclude ? { exclude: matcher(exclude) } : {}),
        overrides: (overrides ?? []).map((o) => ({ matches: matcher(o.files), rules: o.rules })),
      });
    }
  }

  for(file: string): FileSettings {
    const chain = this.#chain(folderOf(file));
    return {
      included: included(chain, file),
      headroom:
        chain.find((c) => c.config.values.headroom !== undefined)?.config.values.headroom ?? DEFAULT_HEADROOM,
      level(rule) {
        for (const c of chain) {
          const relative = within(c.dir, file) as string;
          for (let i = c.overrides.length - 1; i >= 0; i--) {
            const override = c.overrides[i]!;
            const level = override.rules[rule];
            if (level !== undefined && override.matches(relative)) return level;
          }
          const level = c.config.values.rules?.[rule];
          if (level !== undefined) return level;
        }
        return undefined;
      },
    };
  }

  /** True when everything below the folder is left out, so that a walk need not enter it. */
  excludesFolder(dir: string): boolean {
    return this.#chain(dir).some((c) => {
      const relative = within(c.dir, dir);
      return relative !== undefined && relative !== '' && c.dir !== dir && c.exclude?.(relative) === true;
    });
  }

  #chain(dir: string): readonly Compiled[] {
    let chain = this.#chains.get(dir);
    if (!chain) {
      const own = this.#byDir.get(dir);
      const above = dir === '' || own?.config.values.root === true ? [] : this.#chain(folderOf(dir));
      chain = own ? [own, ...above] : above;
      this.#chains.set(dir, chain);
    }
    return chain;
  }
}

function included(chain: readonly Compiled[], file: string): boolean {
  for (const c of chain) if (c.exclude?.(within(c.dir, file) as string)) return false;
  const limiting = chain.find((c) => c.include);
  return limiting?.include?.(within(limiting.dir, file) as string) ?? true;
}

/** A pattern without `/` matches a name at any depth; one that names a folder holds all that lies below. */
function matcher(patterns: readonly string[]): (relative: string) => boolean {
  const all = patterns.flatMap((raw) => {
    const trimmed = raw.replace(/^\.?\//, '').replace(/\/+$/, '');
    const pattern = trimmed.includes('/') ? trimmed : `**/${trimmed}`;
    return [pattern, `${pattern}/**`];
  });
  return picomatch(all, { dot: true });
}
