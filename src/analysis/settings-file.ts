/** Reads a YAML file of Headroom's own against its schema, and says in words and lines what does not fit. */

import { isMap, isScalar, LineCounter, type Node, parseDocument } from 'yaml';
import type * as z from 'zod/mini';
import type { Notice } from '../core/finding.ts';

/** What a schema complains about. */
export interface SettingIssue {
  readonly code?: string;
  readonly message: string;
  readonly values?: readonly unknown[];
}

type Path = readonly (string | number)[];

/** A file that could be read, with where its parts stand; or why it could not. */
export type ReadSettings<T> =
  | {
      readonly values: T;
      /** Where the deepest part of a path stands that exists. */
      readonly offsetOf: (path: Path) => number;
      readonly lineOf: (offset: number) => number;
    }
  | { readonly values?: undefined; readonly notices: readonly Notice[] };

/**
 * Reads a file against a schema; an empty one is an empty map. Every notice names file and line and says what to change.
 * @param problemOf words for an issue at a path
 * @param otherwise what happens until it is corrected
 */
export function readSettings<T>(
  file: string,
  text: string,
  schema: z.ZodMiniType<T>,
  problemOf: (issue: SettingIssue, path: Path) => string,
  otherwise: string,
): ReadSettings<T> {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, uniqueKeys: false, prettyErrors: false });
  const lineOf = (offset: number) => counter.linePos(offset).line;
  const broken = (offset: number, problem: string): Notice => ({
    file,
    message: `line ${lineOf(offset)}: ${problem}; until this is corrected ${otherwise}`,
  });

  const error = document.errors[0];
  if (error) return { notices: [broken(error.pos[0], `not valid YAML (${firstSentence(error.message)})`)] };

  let raw: unknown;
  try {
    raw = document.toJS({ maxAliasCount: 0 }) ?? {};
  } catch (error) {
    const problem =
      error instanceof RangeError
        ? 'nested too deeply'
        : 'aliases are not supported here, write the values out';
    return { notices: [broken(0, problem)] };
  }
  const parsed = schema.safeParse(raw);
  if (!parsed.success)
    return {
      notices: parsed.error.issues.map((issue) => {
        const keys = issue.code === 'unrecognized_keys' ? issue.keys : [];
        const path = [...issue.path, ...keys.slice(0, 1)] as (string | number)[];
        return broken(offsetIn(document.contents, path), problemOf(issue, path));
      }),
    };
  return { values: parsed.data, offsetOf: (path) => offsetIn(document.contents, path), lineOf };
}

/** Where the deepest part of a path stands that exists in the document. */
function offsetIn(root: unknown, path: Path): number {
  let node = root as Node | null;
  let offset = node?.range?.[0] ?? 0;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find((p) => isScalar(p.key) && String(p.key.value) === String(step));
      if (!pair) break;
      offset = (pair.key as Node).range?.[0] ?? offset;
      node = pair.value as Node | null;
    } else {
      const items = (node as { items?: unknown[] } | null)?.items;
      const item = items?.[Number(step)] as Node | undefined;
      if (!item) break;
      offset = item.range?.[0] ?? offset;
      node = item;
    }
  }
  return offset;
}

function firstSentence(message: string): string {
  return message.split('\n', 1)[0]!.replace(/[.:]$/, '');
}
