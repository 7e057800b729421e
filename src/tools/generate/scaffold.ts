/** What a new rule begins with. */

/** Why no rule can be made with this id, or undefined when one can. */
export function scaffoldProblem(id: string): string | undefined {
  if (!/^(rust|go|k8s|compose|budget)\/[a-z0-9]+(-[a-z0-9]+)*$/.test(id)) {
    return `"${id}" is no rule id: it needs rust/, go/, k8s/, compose/ or budget/ and a name in kebab-case that states the bad thing`;
  }
  if (/\/(no|avoid|use|prefer)-/.test(id)) return `"${id}": the name states the bad thing, not the advice`;
  return undefined;
}

/** Stands for the reason until somebody writes it. */
export const NOTE_TO_WRITE =
  'What happens in a container with a limit when nothing is done, in one or two sentences.';

/** The rule's file: complete but for its detection. */
export function ruleText(id: string): string {
  const [language, name] = id.split('/') as [string, string];
  const code = language === 'rust' || language === 'go';
  const [input, from] = code
    ? ['Package', '../../program/program.ts']
    : language === 'budget'
      ? ['Services', '../../budget/services.ts']
      : ['Manifests', '../../manifest/manifests.ts'];
  const words = name.replaceAll('-', ' ');
  return `import { defineRule } from '../../core/rule.ts';
import type { ${input} } from '${from}';

export default defineRule({
  id: '${id}',
  tier: '${code ? 'A' : 'M'}',
  severity: 'warning',
  summary: '${words.charAt(0).toUpperCase()}${words.slice(1)}',
  note: {
    why: '${NOTE_TO_WRITE}',
  },
  messages: {
    found: '{name} …',
  },
  exemptions: {},
  check(_input: ${input}, _report) {
    // Look at the neighbours in this folder; shared helpers live in src/rules/shared, by what they serve.
  },
});
`;
}

/** A first fixture that holds nothing yet. */
export function fixtureText(id: string): { readonly name: string; readonly text: string } {
  const silent = 'silent: there is no detection yet';
  if (id.startsWith('rust/')) return { name: 'found.rs', text: `//@ ${silent}\npub fn serve() {}\n` };
  if (id.startsWith('go/'))
    return { name: 'found.go', text: `//@ ${silent}\npackage main\n\nfunc main() {}\n` };
  return {
    name: id.startsWith('compose/') ? 'compose.yaml' : 'found.yaml',
    text: `#@ ${silent}\napiVersion: v1\nkind: Pod\nmetadata:\n  name: api\nspec:\n  containers: []\n`,
  };
}
