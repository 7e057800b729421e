/** `docker build` and its relatives in Makefiles, justfiles and the steps of a workflow. */

import { directoryOf } from '../manifest/paths.ts';
import type { BuildTool, ImageBuild } from './builds.ts';
import { agreement, type ImageName, imageName } from './image.ts';
import { expansionsIn } from './make-functions.ts';
import { assignedIn } from './recipes.ts';
import { shellCommands, substitute } from './shell.ts';

/** `docker build`, by its name or by a variable that holds it: `$(CONTAINER_TOOL) build`. */
const CALLS =
  /(?:\b(?:docker|podman|nerdctl)\b|\$[({]\w*(?:DOCKER|PODMAN|CONTAINER|OCI|ENGINE|BUILDER)\w*[)}])[^\n]*?\bbuild\b|\bbuildah\s+(?:bud|build)\b/g;
const PROGRAM =
  /(^|\/)(docker|podman|nerdctl|buildah)$|^\$[({](shell\b.*(docker|podman|nerdctl)|\w*(DOCKER|PODMAN|CONTAINER|OCI|ENGINE|BUILDER)\w*[)}]$)/;

/** Flags of `docker build` that take no value. */
const SWITCHES =
  /^(--(no-cache|pull|push|load|rm|force-rm|quiet|squash|compress|provenance|sbom|debug|check)(=.*)?|-q|-D)$/;

/**
 * The builds in a file of commands. Variables of the file are put in; `bases` are the folders that paths may be
 * relative to.
 */
export function shellBuilds(
  file: string,
  text: string,
  bases: readonly string[],
  tool: BuildTool = 'make',
): ImageBuild[] {
  if (!/docker|podman|buildah|nerdctl|container/i.test(text)) return [];
  const variables = assignedIn(text);
  const builds = koCalls(file, text, bases, tool, variables);
  const calls = [...text.matchAll(CALLS)].map((match) => ({
    script: logicalLine(text, match.index),
    span: { start: match.index, end: match.index + match[0].length },
  }));
  // What a function of a Makefile runs is said where it is called.
  for (const { text: body, span } of tool === 'make' ? expansionsIn(text) : [])
    for (const match of body.matchAll(CALLS)) calls.push({ script: logicalLine(body, match.index), span });
  const renamed = renamedImages(text, variables);
  for (const { script, span } of calls) {
    for (const { words } of shellCommands(substitute(script, (name) => variables.get(name)))) {
      const build = buildOf(words);
      if (!build) continue;
      for (const tag of build.tags) {
        const image = imageName(tag);
        if (!image) continue;
        builds.push({
          tool,
          at: { file, span },
          image,
          placeholders: renamed.filter((r) => agreement(r.image, image) === 'same').map((r) => r.name),
          bases:
            isBeside(build) && tool === 'make'
              ? [directoryOf(file)]
              : [...new Set([...bases, directoryOf(file)])],
          context: build.context,
          dockerfile: build.dockerfile,
          inContext: false,
          target: build.target,
          args: build.args,
          programs: [],
        });
      }
    }
  }
  return builds;
}

/** `kustomize edit set image controller=$(IMG)`: what the manifests say, and the image that takes its place. */
function renamedImages(
  text: string,
  variables: ReadonlyMap<string, string>,
): { readonly name: string; readonly image: ImageName }[] {
  return [...text.matchAll(/\bedit\s+set\s+image\b/g)].flatMap((match) => {
    const script = substitute(logicalLine(text, match.index + match[0].length), (name) =>
      variables.get(name),
    );
    const [command] = shellCommands(`set ${script}`);
    return (command?.words ?? []).flatMap((word) => {
      const [, name, to] = /^([\w./-]+)=(.+)$/s.exec(word) ?? [];
      const image = to === undefined ? undefined : imageName(to);
      return name !== undefined && image ? [{ name, image }] : [];
    });
  });
}

const KO = /(?<=[\s({/])(?:ko|\$[({]KO[)}])\s+(?:build|publish)\b/g;

/** `KO_DOCKER_REPO=repository ko build --bare ./cmd/api`: the image has no Dockerfile. */
function koCalls(
  file: string,
  text: string,
  bases: readonly string[],
  tool: BuildTool,
  variables: ReadonlyMap<string, string>,
): ImageBuild[] {
  const builds: ImageBuild[] = [];
  for (const match of text.matchAll(KO)) {
    let start = text.lastIndexOf('\n', match.index) + 1;
    while (start > 1 && text[start - 2] === '\\') start = text.lastIndexOf('\n', start - 2) + 1;
    // A value may hold blanks: it is put into the words, not into the line.
    const put = (word: string) => substitute(word, (name) => variables.get(name));
    for (const { words, assignments } of shellCommands(logicalLine(text, start).replace(/^\s*[@+-]+/, ''))) {
      const verb = words.findIndex((w, i) => i > 0 && /^(build|publish)$/.test(w));
      if (verb < 0 || !/(^|\/)ko$|^\$[({]KO[)}]$/.test(words[verb - 1]!)) continue;
      const given = assignments.get('KO_DOCKER_REPO') ?? variables.get('KO_DOCKER_REPO');
      const program = words
        .slice(verb + 1)
        .map(put)
        .find((w) => /^\.{0,2}\/|^[\w-]+\.\w[\w.-]*\//.test(w));
      if (program === undefined || given === undefined) continue;
      const repository = put(given);
      const last = program.replace(/\/+$/, '').split('/').at(-1)!;
      const image = imageName(words.includes('--bare') ? repository : `${repository}/${last}`);
      if (!image) continue;
      builds.push({
        tool: tool === 'make' ? 'ko' : tool,
        at: { file, span: { start: match.index, end: match.index + match[0].length } },
        image,
        bases: [...new Set([...bases, directoryOf(file)])],
        context: undefined,
        dockerfile: undefined,
        inContext: false,
        target: undefined,
        args: new Map(),
        programs: [program],
      });
    }
  }
  return builds;
}

/** From an offset to the end of the line, with what a backslash continues. */
function logicalLine(text: string, from: number): string {
  let end = from;
  for (;;) {
    const newline = text.indexOf('\n', end);
    if (newline < 0) return text.slice(from);
    if (text[newline - 1] !== '\\' && text.slice(newline - 2, newline) !== '\\\r')
      return text.slice(from, newline);
    end = newline + 1;
  }
}

interface Build {
  readonly tags: readonly string[];
  readonly context: string | undefined;
  readonly dockerfile: string | undefined;
  readonly target: string | undefined;
  readonly args: ReadonlyMap<string, string>;
}

/** True for what a Makefile builds from its own folder: no path says that it is called from another one. */
function isBeside({ context = '.', dockerfile = '' }: Build): boolean {
  return /^\.?\/?$/.test(context) && !dockerfile.includes('/');
}

function buildOf(words: readonly string[]): Build | undefined {
  const program = words.findIndex((w) => PROGRAM.test(w));
  const verb = words.findIndex((w, i) => i > program && /^(build|bud)$/.test(w));
  if (program < 0 || verb < 0) return undefined;
  const tags: string[] = [];
  const args = new Map<string, string>();
  let context: string | undefined;
  let dockerfile: string | undefined;
  let target: string | undefined;
  for (let i = verb + 1; i < words.length; i++) {
    const word = words[i]!;
    if (SWITCHES.test(word)) continue;
    const flag = /^(--?[\w-]+)(?:=(.*))?$/s.exec(word);
    if (!flag) {
      // A variable that stands alone holds more flags; the context is what stands last.
      if (!/^\$/.test(word) || i === words.length - 1) context = word;
      continue;
    }
    const value = flag[2] ?? words[++i] ?? '';
    if (flag[1] === '-t' || flag[1] === '--tag') tags.push(value);
    else if (flag[1] === '-f' || flag[1] === '--file') dockerfile = value;
    else if (flag[1] === '--target') target = value;
    else if (flag[1] === '--build-arg') {
      const [name, ...rest] = value.split('=');
      args.set(name!, rest.join('='));
    }
  }
  return { tags, context, dockerfile, target, args };
}
