/** Targets of a `docker-bake` file, in HCL or JSON. */

import { directoryOf } from '../manifest/paths.ts';
import type { ImageBuild } from './builds.ts';
import { type ImageName, imageName } from './image.ts';

export function bakeTargets(file: string, text: string): ImageBuild[] {
  if (!/\btarget\b/.test(text)) return [];
  const blocks = file.endsWith('.json') ? jsonBlocks(text) : hclBlocks(text);
  const byName = new Map(blocks.map((b) => [b.name, b]));
  return blocks.flatMap((block) => {
    const chain = inherited(block, byName);
    const first = (key: keyof Block['fields']) => chain.find((b) => b.fields[key] !== undefined)?.fields[key];
    const tags = chain.find((b) => b.tags.length > 0)?.tags ?? [];
    const images = tags.map((t) => imageName(t)).filter((n): n is ImageName => n !== undefined);
    return distinctImages(images).map((image) => ({
      tool: 'bake' as const,
      at: { file, span: { start: block.start, end: block.start + block.head } },
      image,
      bases: [directoryOf(file), ''],
      context: first('context'),
      dockerfile: first('dockerfile'),
      inContext: true,
      target: first('target'),
      args: new Map([...chain].reverse().flatMap((b) => [...b.args])),
      programs: [],
    }));
  });
}

interface Block {
  readonly name: string;
  readonly start: number;
  /** Length of the words in front of the brace. */
  readonly head: number;
  readonly fields: { context?: string; dockerfile?: string; target?: string };
  readonly inherits: readonly string[];
  readonly tags: readonly string[];
  readonly args: ReadonlyMap<string, string>;
}

function inherited(block: Block, byName: ReadonlyMap<string, Block>): Block[] {
  const chain = [block];
  for (let i = 0; i < chain.length && i < 20; i++)
    for (const name of chain[i]!.inherits) {
      const other = byName.get(name);
      if (other && !chain.includes(other)) chain.push(other);
    }
  return chain;
}

/** The same repository under several tags or registries is one image here. */
function distinctImages(images: readonly ImageName[]): ImageName[] {
  return images.filter(
    (image, i) => images.findIndex((o) => o.segments.join('/') === image.segments.join('/')) === i,
  );
}

function hclBlocks(text: string): Block[] {
  return [...text.matchAll(/^[ \t]*target\s+"([^"]+)"\s*\{/gm)].map((m) => {
    const open = m.index + m[0].length - 1;
    const body = text.slice(open + 1, closing(text, open));
    // Attributes of the block itself, not of blocks in it.
    const own = body.replace(/\{[^{}]*\}/g, '');
    const string = (key: string) => new RegExp(`^\\s*${key}\\s*=\\s*"([^"]*)"`, 'm').exec(own)?.[1];
    const args = /\bargs\s*=?\s*\{([^{}]*(?:\$\{[^{}]*\}[^{}]*)*)\}/.exec(body)?.[1] ?? '';
    return block(m[1]!, m.index, m[0].length - 1, {
      context: string('context'),
      dockerfile: string('dockerfile'),
      target: string('target'),
      inherits: strings(/^\s*inherits\s*=\s*\[([^\]]*)\]/m.exec(body)?.[1] ?? ''),
      tags: strings(/^\s*tags\s*=([\s\S]*?\])\s*$/m.exec(body)?.[1] ?? '').filter((t) => t !== 'true'),
      args: new Map([...args.matchAll(/"?([A-Za-z_]\w*)"?\s*=\s*"([^"]*)"/g)].map((a) => [a[1]!, a[2]!])),
    });
  });
}

function block(
  name: string,
  start: number,
  head: number,
  part: {
    context: string | undefined;
    dockerfile: string | undefined;
    target: string | undefined;
    inherits: string[];
    tags: string[];
    args: Map<string, string>;
  },
): Block {
  const { context, dockerfile, target, inherits, tags, args } = part;
  return {
    name,
    start,
    head,
    fields: {
      ...(context === undefined ? {} : { context }),
      ...(dockerfile === undefined ? {} : { dockerfile }),
      ...(target === undefined ? {} : { target }),
    },
    inherits,
    tags,
    args,
  };
}

function closing(text: string, open: number): number {
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    if (text[i] === '{') depth++;
    else if (text[i] === '}' && --depth === 0) return i;
  }
  return text.length;
}

function strings(text: string): string[] {
  return [...text.matchAll(/"([^"]*)"/g)].map((m) => m[1]!);
}

function jsonBlocks(text: string): Block[] {
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch {
    return [];
  }
  const targets = record(record(root)?.target);
  return Object.entries(targets ?? {}).map(([name, value]) => {
    const target = record(value) ?? {};
    const string = (key: string) => (typeof target[key] === 'string' ? (target[key] as string) : undefined);
    const list = (key: string) =>
      Array.isArray(target[key]) ? (target[key] as unknown[]).filter((t) => typeof t === 'string') : [];
    const start = Math.max(0, text.indexOf(`"${name}"`));
    return block(name, start, name.length + 2, {
      context: string('context'),
      dockerfile: string('dockerfile'),
      target: string('target'),
      inherits: list('inherits'),
      tags: list('tags'),
      args: new Map(
        Object.entries(record(target.args) ?? {}).flatMap(([k, v]): [string, string][] =>
          typeof v === 'string' ? [[k, v]] : [],
        ),
      ),
    });
  });
}

function record(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
