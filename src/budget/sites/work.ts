/** Threads and goroutines. */
import {
  BLOCKING_THREADS,
  DEFAULT_STACK,
  type FormulaId,
  GOROUTINE,
  IDLE_THREAD,
} from '../../knowledge/budget.ts';
import type { Fn, SourceFile } from '../../program/program.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import type { Bytes, ItemClass } from '../ledger.ts';
import type { Site } from './site.ts';

/** Threads and goroutines that a program starts: what each takes when it only waits, and the stack it reserves. */
export function workOf(file: SourceFile, fn: Fn, n: NodeId): Site[] | undefined {
  const { code } = file;
  const site = (
    formula: FormulaId,
    which: ItemClass,
    bytes: readonly [number, number],
    name: string,
  ): Site => ({
    name,
    fn,
    node: n,
    at: file.place(code.span(n)),
    formula,
    class: which,
    amount: undefined,
    element: { bytes: { low: bytes[0], high: bytes[1] }, atLeast: false },
    bytes: (_, e) => e,
    onHeap: false,
  });
  if (code.kind(n) === Kind.Spawn) return [site('goroutines', 'committed', GOROUTINE, 'goroutines')];
  if (code.kind(n) !== Kind.Call) return undefined;
  const callee = code.child(n, Role.Callee);
  if (callee < 0 || file.fullPath(code.name(callee)) !== 'std::thread::spawn') return undefined;
  return [
    site('threads', 'committed', IDLE_THREAD, 'threads'),
    site('threads', 'reserved', [DEFAULT_STACK, DEFAULT_STACK], 'stacks of threads'),
  ];
}

/** The threads that tokio may start for blocking work. */
export function runtimeSites(file: SourceFile): Site[] {
  return file.functions
    .filter((fn) => !fn.isTest && fn.fact.attributes.some((a) => /^tokio::main\b/.test(a)))
    .map((fn) => ({
      name: 'stacks of blocking threads',
      fn: undefined,
      node: -1,
      at: file.place(fn.fact.nameSpan),
      formula: 'blocking-threads' as const,
      class: 'reserved' as const,
      amount: undefined,
      element: {
        bytes: { low: BLOCKING_THREADS * DEFAULT_STACK, high: BLOCKING_THREADS * DEFAULT_STACK },
        atLeast: false,
      },
      bytes: (_: number, e: Bytes) => e,
      onHeap: false,
    }));
}
