/** Writes what depends on the list of rules into `package.json`, `schemas/headroom.schema.json` and the README. */
import { rulePage } from '../../core/links.ts';
import type { RuleMeta } from '../../core/rule.ts';

const LEVELS = ['off', 'error', 'warning', 'information', 'hint'] as const;
const LEVEL_TEXT: Readonly<Record<string, string>> = {
  default: 'What the rule and `headroom.yaml` say.',
  off: 'Never shown.',
  error: 'Every finding is an error.',
  warning: 'Every finding is a warning.',
  information: 'Every finding is information.',
  hint: 'Every finding is a hint.',
};

/** Title of the settings group that belongs to the generator. */
const GROUP = 'Rules';

interface Manifest {
  contributes?: { configuration?: { title: string; order?: number; properties: Record<string, unknown> }[] };
  [key: string]: unknown;
}

/** `package.json` with one setting per rule, in a group of its own; every other group stays as it is. */
export function withRuleSettings(packageJson: string, rules: readonly RuleMeta[]): string {
  const manifest = JSON.parse(packageJson) as Manifest;
  const properties = Object.fromEntries(rules.map((r, i) => [`headroom.rules.${r.id}`, ruleSetting(r, i)]));
  const groups = manifest.contributes?.configuration ?? [];
  const others = groups.filter((g) => g.title !== GROUP);
  manifest.contributes = {
    ...manifest.contributes,
    configuration: [...others, { title: GROUP, order: others.length + 1, properties }],
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

function ruleSetting(rule: RuleMeta, order: number): object {
  const levels = ['default', ...LEVELS];
  return {
    type: 'string',
    scope: 'resource',
    order,
    default: 'default',
    enum: levels,
    enumDescriptions: levels.map((l) => LEVEL_TEXT[l]),
    markdownDescription: `${rule.summary}. Without a setting: \`${rule.severity}\`. [What it finds and why](${rulePage(rule.id)})`,
  };
}

/**
 * The JSON schema of `headroom.yaml`: the shape the program validates with, plus the rules' names for completion.
 * @param shape JSON schema of the settings with open `rules` maps.
 */
export function configSchema(shape: Readonly<Record<string, unknown>>, rules: readonly RuleMeta[]): string {
  const properties = Object.fromEntries(
    rules.map((r) => [
      r.id,
      {
        enum: [...LEVELS],
        description: `${r.summary}. Default: ${r.severity}.`,
        markdownDescription: `${r.summary}. Default: \`${r.severity}\`. [Page](${rulePage(r.id)})`,
      },
    ]),
  );
  const schema = JSON.parse(JSON.stringify(shape)) as {
    properties: {
      rules: { description?: string };
      overrides: { items: { properties: { rules: object } } };
    };
  };
  const { description } = schema.properties.rules;
  const named = { description, type: 'object', properties, additionalProperties: false };
  // Said once: the package carries this file.
  const reference = { $ref: '#/definitions/rules' };
  Object.assign(schema.properties, { rules: reference });
  Object.assign(schema.properties.overrides.items.properties, { rules: reference });
  return schemaText('headroom', 'Headroom settings', { ...schema, definitions: { rules: named } });
}

/** The JSON schema of `headroom-measured.yaml`. */
export function measuredSchema(shape: Readonly<Record<string, unknown>>): string {
  return schemaText('headroom-measured', 'What services were measured to use', shape);
}

function schemaText(name: string, title: string, shape: object): string {
  return `${JSON.stringify({ $id: `https://headroom.dev/schemas/${name}.schema.json`, title, ...shape }, null, 2)}\n`;
}

/** Ids begin with one of these; the README has a table for each. */
const FAMILIES: readonly (readonly [string, string])[] = [
  ['rust', 'Rust'],
  ['go', 'Go'],
  ['budget', 'Code against its container'],
  ['k8s', 'Kubernetes, Helm and kustomize'],
  ['compose', 'Compose files'],
  ['headroom', 'Headroom’s own comments'],
];

/**
 * The README's tables of rules, one a family, folded. `fixable` holds the ids of rules with at least one fix.
 * @throws for a rule of no family
 */
export function ruleTables(rules: readonly RuleMeta[], fixable: ReadonlySet<string>): string {
  const left = new Set(rules);
  const tables = FAMILIES.flatMap(([family, title]) => {
    const own = rules.filter((r) => r.id.startsWith(`${family}/`));
    for (const rule of own) left.delete(rule);
    const rows = own.map(
      (r) =>
        `| [\`${r.id}\`](docs/rules/${r.id}.md) | ${r.summary} | ${r.severity} | ${fixable.has(r.id) ? 'yes' : ''} |`,
    );
    const summary = `<summary><b>${title}</b>: ${own.length === 1 ? '1 rule' : `${own.length} rules`}</summary>`;
    return [
      '<details>',
      summary,
      '',
      '| Rule | What it finds | Default | Fix |',
      '|---|---|---|---|',
      ...rows,
      '',
      '</details>',
      '',
    ];
  });
  if (left.size > 0) throw new Error(`${[...left].map((r) => r.id).join(', ')}: no family has this rule`);
  return tables.join('\n');
}
