/** `docker_build` and its relatives in a Tiltfile, which is Starlark: calls are read, nothing is run. */

import { directoryOf } from '../manifest/paths.ts';
import type { ImageBuild } from './builds.ts';
import { imageName } from './image.ts';

const CALL = /\b(docker_build|docker_build_with_restart|docker_build_sub)\s*\(/g;

export function tiltBuilds(file: string, text: string): ImageBuild[] {
  const builds: ImageBuild[] = [];
  const constants = new Map(
    [...text.matchAll(/^(\w+)\s*=\s*(['"])(.*?)\2\s*(?:#.*)?$/gm)].map((m) => [m[1]!, m[3]!]),
  );
  for (const call of text.matchAll(CALL)) {
    const open = call.index + call[0].length - 1;
    const args = argumentsOf(text, open);
    const value = (written: string | undefined) =>
      written === undefined ? undefined : stringOf(written, constants);
    const named = (name: string) => args.find((a) => a.name === name)?.value;
    const positional = args.filter((a) => a.name === undefined).map((a) => a.value);
    const image = imageName(value(positional[0] ?? named('ref')) ?? '');
    if (!image) continue;
    builds.push({
      tool: 'Tilt',
      at: { file, span: { start: call.index, end: open } },
      image,
      bases: [directoryOf(file)],
      context: value(positional[1] ?? named('context')),
      dockerfile: value(named('dockerfile')),
      inContext: false,
      target: value(named('target')),
      args: new Map(
        [...(named('build_args') ?? '').matchAll(/['"](\w+)['"]\s*:\s*['"]([^'"]*)['"]/g)].map((m) => [
          m[1]!,
          m[2]!,
        ]),
      ),
      programs: [],
    });
  }
  return builds;
}

interface Argument {
  readonly name: string | undefined;
  readonly value: string;
}

/** The arguments between the parenthesis at `open` and its end, as written. */
function argumentsOf(text: string, open: number): Argument[] {
  const parts: string[] = [];
  let depth = 0;
  let from = open + 1;
  let quote = '';
  for (let i = open; i < text.length; i++) {
    const c = text[i]!;
    if (quote) {
      if (c === '\\') i++;
      else if (c === quote) quote = '';
    } else if (c === '"' || c === "'") quote = c;
    else if (c === '#') {
      const end = text.indexOf('\n', i);
      i = end < 0 ? text.length : end;
    } else if ('([{'.includes(c)) depth++;
    else if (')]}'.includes(c)) {
      if (--depth === 0) {
        parts.push(text.slice(from, i));
        break;
      }
    } else if (c === ',' && depth === 1) {
      parts.push(text.slice(from, i));
      from = i + 1;
    }
  }
  return parts
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const named = /^(\w+)\s*=(?!=)\s*([\s\S]*)$/.exec(part);
      return named ? { name: named[1]!, value: named[2]! } : { name: undefined, value: part };
    });
}

function stringOf(written: string, constants: ReadonlyMap<string, string>): string | undefined {
  const literal = /^[fr]?(['"])(.*)\1$/s.exec(written.trim());
  if (literal) return literal[2];
  return constants.get(written.trim());
}
