/** Variables that the command of a container sets for its program: `sh -c "GOGC=off ./app"`, `env GOGC=off ./app`. */

import type { Span } from '../core/span.ts';
import { nodeAt, type YamlMap, type YamlScalar } from '../manifest/yaml.ts';
import { baseOf } from './container-paths.ts';
import { shellCommands } from './shell.ts';

export interface CommandVariable {
  /** Undefined when something else supplies it. */
  readonly value: string | undefined;
  /** The word of the command that sets it. */
  readonly span: Span;
}

/** `command` and `args` of a container, `entrypoint` and `command` of a compose service, in the order they are run. */
const KEYS = ['entrypoint', 'command', 'args'] as const;
const SHELL = /^(ba|da|a|z)?sh$/;

/** What the command below a container or compose service sets; the last value of a name counts. */
export function commandVariables(node: YamlMap): ReadonlyMap<string, CommandVariable> {
  const found = new Map<string, CommandVariable>();
  const words = KEYS.flatMap((key): YamlScalar[] => {
    const value = nodeAt(node, key);
    if (value?.kind === 'scalar') return [value];
    if (value?.kind !== 'list') return [];
    return value.items.flatMap(({ node: item }) => (item.kind === 'scalar' ? [item] : []));
  });
  const add = (name: string, value: string, { span }: YamlScalar) =>
    found.set(name, { value: /[$`]/.test(value) ? undefined : value, span });
  const [first] = words;
  if (!first) return found;
  // One text is what a shell, or compose in its place, takes apart; a list is words as they are.
  const isText = words.length === 1 && /\s/.test(first.text);
  const shell = words.findIndex((w) => SHELL.test(baseOf(w.text)));
  const flag = shell < 0 ? -1 : words.findIndex((w, i) => i > shell && /^-\w*c\w*$/.test(w.text));
  const script = isText ? first : flag < 0 ? undefined : words[flag + 1];
  if (script) {
    for (const { assignments } of shellCommands(isText ? unwrapped(first.text) : script.text))
      for (const [name, value] of assignments) add(name, value, script);
    return found;
  }
  if (baseOf(first.text) === 'env')
    for (const word of words.slice(1)) {
      const assigned = /^([A-Za-z_]\w*)=(.*)$/s.exec(word.text);
      if (assigned) add(assigned[1]!, assigned[2]!, word);
      else if (!word.text.startsWith('-')) break;
    }
  return found;
}

/** The script of `sh -c "…"` that is written as one text. */
function unwrapped(text: string): string {
  const [command] = shellCommands(text);
  const words = command?.words ?? [];
  const flag = words.findIndex((w, i) => i > 0 && /^-\w*c\w*$/.test(w));
  return SHELL.test(baseOf(words[0] ?? '')) && flag > 0 ? (words[flag + 1] ?? text) : text;
}
