/** A Dockerfile as far as it says which program an image runs. */

import { type Arg, type Copy, DockerfileParser, type Env, type From, type Instruction } from 'dockerfile-ast';
import type { Span } from '../core/span.ts';
import { LineIndex } from '../core/text-position.ts';

export interface Dockerfile {
  readonly file: string;
  readonly stages: readonly Stage[];
  /** `ARG`s before the first `FROM`, with their defaults. */
  readonly args: ReadonlyMap<string, string>;
}

export interface Stage {
  /** The name after `AS`, in lower case; empty without one. */
  readonly name: string;
  /** Image or stage it starts from, as written. */
  readonly base: string;
  /** Of the `FROM`. */
  readonly span: Span;
  readonly steps: readonly Step[];
}

export type Step =
  | {
      readonly kind: 'copy';
      /** Stage or image of `--from`; undefined for the build context. */
      readonly from: string | undefined;
      readonly sources: readonly string[];
      readonly target: string;
    }
  | { readonly kind: 'run'; readonly text: string }
  | { readonly kind: 'workdir'; readonly path: string }
  | { readonly kind: 'arg'; readonly name: string; readonly value: string | undefined }
  | { readonly kind: 'env'; readonly name: string; readonly value: string; readonly span: Span }
  /** `ENTRYPOINT` or `CMD`; `shell` when it is a text that a shell runs. */
  | {
      readonly kind: 'entrypoint' | 'cmd';
      readonly words: readonly string[];
      readonly shell: boolean;
      readonly span: Span;
    };

/** Reads a Dockerfile. What cannot be read is left out; never throws. */
export function readDockerfile(file: string, text: string): Dockerfile {
  const lines = new LineIndex(text);
  const args = new Map<string, string>();
  const stages: { name: string; base: string; span: Span; steps: Step[] }[] = [];
  let instructions: Instruction[] = [];
  try {
    instructions = DockerfileParser.parse(text).getInstructions();
  } catch {
    // A text that the parser cannot take says nothing.
  }
  for (const instruction of instructions) {
    const { start, end } = instruction.getRange();
    const span = {
      start: lines.start(start.line + 1) + start.character,
      end: lines.start(end.line + 1) + end.character,
    };
    if (instruction.getKeyword() === 'FROM') {
      const from = instruction as From;
      stages.push({
        name: (from.getBuildStage() ?? '').toLowerCase(),
        base: from.getImage() ?? '',
        span,
        steps: [],
      });
      continue;
    }
    const stage = stages.at(-1);
    if (stage) stage.steps.push(...stepsOf(instruction, span));
    else if (instruction.getKeyword() === 'ARG') {
      const property = (instruction as Arg).getProperty();
      if (property) args.set(property.getName(), property.getValue() ?? '');
    }
  }
  return { file, stages, args };
}

function stepsOf(instruction: Instruction, span: Span): Step[] {
  switch (instruction.getKeyword()) {
    case 'COPY':
    case 'ADD': {
      const words = instruction.getArguments().map((a) => a.getValue());
      const target = words.pop();
      if (target === undefined || words.length === 0) return [];
      // `getFromFlag` knows of none beside another flag, such as `--chown`.
      const flags = instruction.getKeyword() === 'COPY' ? (instruction as Copy).getFlags() : [];
      const from = flags.find((flag) => flag.getName() === 'from')?.getValue();
      const bare = (word: string) => word.replace(/^\[?\s*"?|"?,?\s*\]?$/g, '');
      return [{ kind: 'copy', from: from ?? undefined, sources: words.map(bare), target: bare(target) }];
    }
    case 'RUN':
      return [{ kind: 'run', text: joinedLines(instruction) }];
    case 'WORKDIR':
      return [{ kind: 'workdir', path: instruction.getArguments()[0]?.getValue() ?? '' }];
    case 'ARG': {
      const property = (instruction as Arg).getProperty();
      return property
        ? [{ kind: 'arg', name: property.getName(), value: property.getValue() ?? undefined }]
        : [];
    }
    case 'ENV':
      return (instruction as Env)
        .getProperties()
        .map((p) => ({ kind: 'env', name: p.getName(), value: p.getValue() ?? '', span }));
    case 'ENTRYPOINT':
    case 'CMD': {
      const kind = instruction.getKeyword() === 'CMD' ? 'cmd' : 'entrypoint';
      const raw = joinedLines(instruction).trim();
      const words = jsonWords(raw);
      return [{ kind, words: words ?? [raw], shell: !words, span }];
    }
    default:
      return [];
  }
}

/** The arguments on one line, without the comments between them. */
function joinedLines(instruction: Instruction): string {
  return (instruction.getRawArgumentsContent() ?? '')
    .replace(/^[ \t]*#.*\r?\n/gm, '')
    .replace(/[\\`][ \t]*\r?\n/g, ' ');
}

function jsonWords(text: string): string[] | undefined {
  if (!text.startsWith('[')) return undefined;
  try {
    const words: unknown = JSON.parse(text);
    return Array.isArray(words) && words.every((w) => typeof w === 'string') ? words : undefined;
  } catch {
    return undefined;
  }
}
