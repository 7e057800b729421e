/** Fixes that put a number where there was none: the person chooses it. */
import type { Edit, Fix } from '../../../core/finding.ts';
import type { Fn } from '../../../program/program.ts';
import type { NodeId } from '../../../syntax/node.ts';

/** One fix with a number to choose: each edit replaces the text of a node, or stands at one of its ends. */
export function chooseLimit(title: string, edits: () => readonly Edit[]): Fix {
  return { title: `${title} (choose the number)`, applicability: 'has-placeholders', edits };
}

/** Puts text before and after a node. */
export function wrap(fn: Fn, node: NodeId, before: string, after: string): readonly Edit[] {
  const { file } = fn.file.facts;
  const { start, end } = fn.code.span(node);
  return [
    { file, span: { start, end: start }, newText: before },
    { file, span: { start: end, end }, newText: after },
  ];
}

/** Replaces the text of a node. */
export function replace(fn: Fn, node: NodeId, newText: string): Edit {
  return { file: fn.file.facts.file, span: fn.code.span(node), newText };
}
