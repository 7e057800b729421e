import { CONFIG_FILE } from '../analysis/file-kind.ts';
import { type FileSystem, readProblem } from '../host/file-system.ts';
import { absolute } from '../host/node-file-system.ts';
import type { Terminal } from './terminal.ts';

const SCHEMA = 'https://headroom.dev/headroom.schema.json';

/** What everybody may want to set, switched off: the defaults are meant to be good. */
const START = `# yaml-language-server: $schema=${SCHEMA}
# Settings of Headroom for this folder and all below it; a headroom.yaml deeper down adds to them.
# Everything here is optional. \`headroom explain RULE\` says what a rule looks for and when it is silent.

# Stop here: settings in the folders above do not count.
root: true

# Room above the measured or documented peak that a memory limit should leave, in per cent (20 to 30).
headroom: 25

# Not read at all, besides what .gitignore leaves out.
# exclude:
#   - third_party/**

# off, error, warning, information or hint for a rule; what is not named keeps its default.
# rules:
#   go/hot-copy: off

# Other severities for some files; later entries win.
# overrides:
#   - files: [deploy/dev/**]
#     rules:
#       k8s/limit-missing: hint
`;

/** `headroom init`: writes a headroom.yaml with comments; never over one that exists. Answers the exit code. */
export function initCommand(terminal: Terminal, fs: FileSystem, folder: string): number {
  const dir = absolute(folder, terminal.cwd);
  const file = `${dir}/${CONFIG_FILE}`;
  if (fs.kind(dir) !== 'folder') {
    terminal.error(`headroom: ${folder}: no such folder. Check the path; it is taken from ${terminal.cwd}\n`);
    return 2;
  }
  if (fs.kind(file) !== undefined) {
    terminal.error(`headroom: ${file} is already there and was left as it is\n`);
    return 2;
  }
  try {
    fs.create(file, new TextEncoder().encode(START));
  } catch (error) {
    terminal.error(`headroom: ${file} ${readProblem(error).replace('read', 'written')}\n`);
    return 2;
  }
  terminal.out(`Wrote ${file}\nNext: \`headroom scan\` reviews this folder\n`);
  return 0;
}
