/** Goroutines at one end of an `io.Pipe` whose other end their maker lets go: https://pkg.go.dev/io#Pipe */

import { pipeWriters } from '../../../knowledge/go-channels.ts';
import { type Exit, pathExits } from '../../../program/channels/paths.ts';
import type { Fn, Package } from '../../../program/program.ts';
import { Values } from '../../../program/types/values.ts';
import { kinds } from '../../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../../syntax/node.ts';

const METHOD_CALLS = kinds(Kind.MethodCall);

/** A goroutine that waits at a pipe for ever once its maker takes one way out. */
export interface AbandonedPipe {
  readonly fn: Fn;
  /** The declaration of both ends. */
  readonly made: NodeId;
  /** The end that is let go. */
  readonly name: string;
  readonly waits: 'write' | 'read';
  /** The `go` statement, and its use of the other end. */
  readonly started: NodeId;
  readonly use: NodeId;
  readonly exit: Exit;
  /** The end that is let go is used for nothing but calls: it may be closed when the maker leaves. */
  readonly closable: boolean;
}

/** The pipes of a package whose maker may leave without a word to the goroutine at the other end, outside tests. */
export function abandonedPipes(pkg: Package): AbandonedPipe[] {
  const out: AbandonedPipe[] = [];
  const values = Values.of(pkg.program);
  for (const fn of pkg.serviceFunctions) {
    const code = fn.code;
    for (
      let n = code.next(METHOD_CALLS, fn.first, fn.after);
      n < fn.after;
      n = code.next(METHOD_CALLS, n + 1, fn.after)
    ) {
      if (!code.is(n, Kind.MethodCall, 'Pipe') || code.kind(code.parent(n)) !== Kind.Let) continue;
      if (values.goPackage(fn, code.child(n, Role.Object)) !== 'io') continue;
      const found = judge(fn, code.parent(n));
      if (found) out.push(found);
    }
  }
  return out;
}

function judge(fn: Fn, made: NodeId): AbandonedPipe | undefined {
  const code = fn.code;
  const block = code.parent(made);
  const [reader, writer] = code.all(made, Role.Pattern);
  if (reader === undefined || writer === undefined || code.kind(block) !== Kind.Block) return undefined;
  const reads = usesOf(fn, reader, block);
  const writes = usesOf(fn, writer, block);
  return (
    atEnd(fn, made, block, { name: code.name(reader), left: reads, held: writes, waits: 'write' }) ??
    atEnd(fn, made, block, { name: code.name(writer), left: writes, held: reads, waits: 'read' })
  );
}

interface Ends {
  readonly name: string;
  /** Uses of the end that the maker has, and of the one that is held by a goroutine. */
  readonly left: readonly NodeId[];
  readonly held: readonly NodeId[];
  readonly waits: 'write' | 'read';
}

function atEnd(
  fn: Fn,
  made: NodeId,
  block: NodeId,
  { name, left, held, waits }: Ends,
): AbandonedPipe | undefined {
  const code = fn.code;
  const spawnOf = (n: NodeId) => code.ancestor(n, (a) => a > block && code.kind(a) === Kind.Spawn);
  const started = new Set(held.map(spawnOf).filter((go) => go > block));
  const [go] = started;
  if (go === undefined || started.size > 1) return undefined;
  // Whoever has an end already, or keeps it, may close it at any time.
  if (left.some((n) => n < go || isKept(fn, n, block))) return undefined;
  // `go process(reader)`: another goroutine has this end from then on.
  const ends = new Set([
    ...left.filter((n) => settles(fn, n, waits)).map((n) => (spawnOf(n) > block ? spawnOf(n) : n)),
    ...held.filter((n) => spawnOf(n) < 0),
  ]);
  const weigh = (n: NodeId) => (n === go ? -1 : ends.has(n) ? Infinity : 0);
  const exit = pathExits(code, block, weigh, 'least')?.find((e) => e.total < 0);
  const use = held.find((n) => spawnOf(n) === go);
  if (!exit || use === undefined) return undefined;
  const closable = left.every((n) => code.role(n) === Role.Arg || code.role(n) === Role.Object);
  return { fn, made, name, waits, started: go, use, exit, closable };
}

/** Every place in a block where a local name stands, without its declaration. */
function usesOf(fn: Fn, declared: NodeId, block: NodeId): NodeId[] {
  const code = fn.code;
  const scope = Values.of(fn.package.program).scope(fn);
  const out: NodeId[] = [];
  for (let n = block; n < code.after(block); n++)
    if (
      code.is(n, Kind.Name, code.name(declared)) &&
      scope.lookup(code.name(n), code.start(n))?.node === declared
    )
      out.push(n);
  return out;
}

/** It stands in a function value that somebody calls at another time, or in another goroutine. */
function isKept(fn: Fn, n: NodeId, block: NodeId): boolean {
  const code = fn.code;
  const closure = code.ancestor(n, (a) => a > block && code.kind(a) === Kind.Closure);
  return closure > block && code.ancestor(closure, (a) => a > block && code.kind(a) === Kind.Defer) < block;
}

/**
 * `a.put(ctx, name, reader)`, and `put` has a way out in front of the first time that it mentions what it is given: the
 * quota is used up, the token cannot be had.
 */
function mayIgnore(fn: Fn, call: NodeId, arg: NodeId): boolean {
  const values = Values.of(fn.package.program);
  const [target, ...others] = values.callees(fn, call);
  if (
    !target ||
    others.length > 0 ||
    target.fact.body < 0 ||
    fn.code.kind(fn.code.parent(call)) === Kind.Spawn
  )
    return false;
  const { code } = target;
  const parameter = target.fact.params[fn.code.all(call, Role.Arg).indexOf(arg)];
  const name = parameter === undefined ? -1 : code.child(parameter, Role.Pattern);
  if (name < 0) return false;
  const uses = new Set(usesOf(target, name, target.fact.body));
  const exits = pathExits(code, target.fact.body, (n) => (uses.has(n) ? Infinity : 0), 'least');
  return exits?.some((e) => e.total === 0) ?? false;
}

/**
 * Who writes goes on once the reading end is read, closed or handed to anybody who looks at it. Who reads goes on only when the writing
 * end is closed, which nothing does that only writes into it.
 */
function settles(fn: Fn, n: NodeId, waits: 'write' | 'read'): boolean {
  const { code } = fn;
  const up = code.parent(n);
  if (waits === 'write') return code.role(n) !== Role.Arg || !mayIgnore(fn, up, n);
  if (code.kind(up) === Kind.MethodCall && code.role(n) === Role.Object) return code.name(up) !== 'Write';
  if (code.kind(up) !== Kind.MethodCall || code.role(n) !== Role.Arg) return true;
  const from = Values.of(fn.package.program).goPackage(fn, code.child(up, Role.Object));
  return from === undefined || !pipeWriters.has(from);
}
