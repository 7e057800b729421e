/** Fixes that give a goroutine, a ticker or a timer an end. */
import type { Edit, Fix } from '../../../core/finding.ts';
import type { Fn } from '../../../program/program.ts';
import { peel } from '../../../program/types/types.ts';
import { Values } from '../../../program/types/values.ts';
import { Kind, type NodeId, Role } from '../../../syntax/node.ts';
import { usesOf } from '../go-locals.ts';
import type { AbandonedPipe } from '../goroutines/abandoned-pipes.ts';
import type { TimerSite } from '../goroutines/forgotten-timers.ts';
import type { OwnTransport } from '../goroutines/own-transports.ts';
import type { LateSend } from '../goroutines/stopped-receivers.ts';
import type { Stranded } from '../goroutines/stranded-goroutines.ts';
import type { UnpairedEnd } from '../goroutines/unpaired-ends.ts';
import type { OwnedSite } from '../goroutines/unstopped-owners.ts';
import { replace } from './limit-fix.ts';
import { insertAfter, insertBefore, statementOf, textOf } from './statements.ts';

function fix(title: string, edits: () => readonly Edit[]): Fix {
  return { title, applicability: 'maybe-incorrect', edits };
}

/** A sender gets room for its values, or a way on when its context ends. */
export function senderFixes(stranded: Stranded): readonly Fix[] {
  const { channel, sends, use } = stranded;
  const { fn, make, binding } = channel;
  const code = fn.code;
  const room = Number.isFinite(sends) ? String(sends) : lengthOfSpawns(stranded);
  const out: Fix[] = [];
  if (room !== undefined)
    out.push(
      fix(`Give \`${binding.name}\` room for what is sent (${room})`, () => {
        const [type, size] = code.all(make, Role.Arg);
        return size === undefined
          ? [replace(fn, make, `make(${textOf(fn, type as NodeId)}, ${room})`)]
          : [replace(fn, size, room)];
      }),
    );
  const context = contextAt(use.fn, use.node);
  if (context && hasOwnLine(use.fn, use.node) && returnsNothing(use.fn, use.node))
    out.push(
      fix(`Let the send give up when \`${context}\` ends`, () => [
        replace(use.fn, use.node, selectOr(use.fn, use.node, `<-${context}.Done()`, true)),
      ]),
    );
  return out;
}

/** One value of each goroutine of a loop over something with a length. */
function lengthOfSpawns({ channel, started, use }: Stranded): string | undefined {
  const { fn, block, make } = channel;
  const code = fn.code;
  const loop = code.ancestor(started, (a) => code.kind(a) === Kind.Loop);
  const iter = loop < block ? -1 : code.child(loop, Role.Iter);
  if (iter < 0 || code.kind(iter) !== Kind.Name || use.fn !== fn) return undefined;
  if (code.ancestor(use.node, (a) => code.kind(a) === Kind.Loop) !== loop) return undefined;
  const values = Values.of(fn.package.program);
  const type = values.typeOf(fn, iter);
  const b = values.scope(fn).lookup(code.name(iter), code.start(iter));
  if (!type || !/^(slice|map|array)$/.test(peel(type).type.name)) return undefined;
  return b && b.from <= code.start(make) ? `len(${code.name(iter)})` : undefined;
}

/** The reader ends when the function that fills the channel leaves. */
export function receiverFixes(stranded: Stranded): readonly Fix[] {
  const { fn, make, binding, uses } = stranded.channel;
  if (
    uses.some(
      (u) =>
        u.kind === 'close' || (u.kind === 'send' && u.started >= 0) || (u.kind === 'pass' && u.started < 0),
    )
  )
    return [];
  const statement = statementOf(fn, make);
  if (statement < 0) return [];
  return [
    fix(`Close \`${binding.name}\` on every way out`, () => [
      insertAfter(fn, statement, `defer close(${binding.name})`),
    ]),
  ];
}

/** A ticker is stopped when its function leaves. */
export function tickerFixes(site: TimerSite): readonly Fix[] {
  const { fn, node, name, verb } = site;
  const code = fn.code;
  const statement = statementOf(fn, node);
  if (verb !== 'NewTicker' || name === '' || statement < 0) return [];
  const closure = code.ancestor(node, (a) => code.kind(a) === Kind.Closure);
  const loop = code.ancestor(node, (a) => code.kind(a) === Kind.Loop);
  if (loop > closure) return [];
  const user = goroutineUsing(fn, node, name);
  const first = user < 0 ? undefined : code.children(user)[0];
  return [
    fix(`Stop \`${name}\` with \`defer\``, () =>
      first === undefined
        ? [insertAfter(fn, statement, `defer ${name}.Stop()`)]
        : insertBefore(fn, first, [`defer ${name}.Stop()`]),
    ),
  ];
}

/** The body of the closure that uses a ticker made outside of it, or -1. */
function goroutineUsing(fn: Fn, made: NodeId, name: string): NodeId {
  const code = fn.code;
  const values = Values.of(fn.package.program);
  const binding = values.scope(fn).lookup(name, code.end(code.parent(made)));
  for (const use of binding ? usesOf(values, fn, binding) : []) {
    const closure = code.ancestor(use, (a) => code.kind(a) === Kind.Closure);
    if (closure > made) return code.child(closure, Role.Body);
  }
  return -1;
}

/** One timer that each round sets again. */
export function timerFixes(site: TimerSite): readonly Fix[] {
  const { fn, node } = site;
  const code = fn.code;
  const loop = code.ancestor(node, (a) => code.kind(a) === Kind.Loop);
  const duration = code.child(node, Role.Arg);
  const before = statementOf(fn, loop);
  const first = code.children(code.child(loop, Role.Body))[0];
  const outer = code.ancestor(loop, (a) => code.kind(a) === Kind.Loop || code.kind(a) === Kind.Closure);
  const isNested = outer >= 0 && code.kind(outer) === Kind.Loop;
  // A label stands on its loop: nothing can come between them.
  const isLabelled = before >= 0 && code.name(code.parent(before)) !== '';
  if (before < 0 || first === undefined || isNested || isLabelled || !isKnownBefore(fn, duration, loop))
    return [];
  if (usesName(fn, 'timer')) return [];
  const written = textOf(fn, duration);
  return [
    fix('Set one timer again in each round', () => [
      ...insertBefore(fn, before, [`timer := time.NewTimer(${written})`, 'defer timer.Stop()']),
      ...insertBefore(fn, first, [
        'if !timer.Stop() {',
        '\tselect {',
        '\tcase <-timer.C:',
        '\tdefault:',
        '\t}',
        '}',
        `timer.Reset(${written})`,
      ]),
      replace(fn, node, 'timer.C'),
    ]),
  ];
}

/** What an expression names is declared before a node, and it calls nothing. */
function isKnownBefore(fn: Fn, expression: NodeId, node: NodeId): boolean {
  const code = fn.code;
  const scope = Values.of(fn.package.program).scope(fn);
  for (let n = expression; n < code.after(expression); n++) {
    const kind = code.kind(n);
    if (kind === Kind.Call || kind === Kind.MethodCall || kind === Kind.Closure) return false;
    const b = kind === Kind.Name ? scope.lookup(code.name(n), code.start(n)) : undefined;
    if (b && b.from > code.start(node)) return false;
  }
  return true;
}

function usesName(fn: Fn, name: string): boolean {
  const { first: body, after } = fn;
  for (let n = body; n < after; n++)
    if ((fn.code.kind(n) === Kind.Name || fn.code.kind(n) === Kind.Bind) && fn.code.name(n) === name)
      return true;
  return false;
}

/** An arm for the end of a context in the `select` of an endless loop. */
export function endlessFixes(fn: Fn, started: NodeId): readonly Fix[] {
  const code = fn.code;
  const callee = code.child(code.child(started, Role.Object), Role.Callee);
  if (callee < 0 || code.kind(callee) !== Kind.Closure || code.child(callee, Role.Result) >= 0) return [];
  for (let n = callee; n < code.after(callee); n++) {
    if (code.kind(n) !== Kind.Select) continue;
    const arm = code.child(n, Role.Arm);
    const context = arm < 0 ? undefined : contextAt(fn, n);
    if (!context) return [];
    return [
      fix(`End the goroutine with \`${context}\``, () =>
        insertBefore(fn, arm, [`case <-${context}.Done():`, '\treturn']),
      ),
    ];
  }
  return [];
}

/** Calls at a way out what all the others call. */
export function unpairedFixes({ fn, end, exit }: UnpairedEnd): readonly Fix[] {
  if (fn.code.kind(exit) !== Kind.Return) return [];
  const call = textOf(fn, end);
  return [fix(`Call \`${call}\` before this \`return\``, () => insertBefore(fn, exit, [call]))];
}

/** The arm for the end of a context returns, instead of a `break` that leaves only the `select`. */
export function deafFixes(fn: Fn, arm: NodeId): readonly Fix[] {
  const code = fn.code;
  if (!returnsNothing(fn, arm)) return [];
  const statements = code.children(code.child(arm, Role.Body));
  const last = statements.at(-1);
  const title = 'Return when the context ends';
  if (last !== undefined && code.is(last, Kind.Break, ''))
    return [fix(title, () => [replace(fn, last, 'return')])];
  if (last !== undefined) return [fix(title, () => [insertAfter(fn, last, 'return')])];
  return [fix(title, () => [returnInEmptyArm(fn, arm)])];
}

function returnInEmptyArm(fn: Fn, arm: NodeId): Edit {
  const text = fn.package.text(fn.file.facts.file);
  const start = fn.code.start(arm);
  const pad = /[ \t]*$/.exec(text.slice(0, start))?.[0] ?? '';
  const at = text.indexOf(':', fn.code.end(fn.code.child(arm, Role.Comm))) + 1;
  return { file: fn.file.facts.file, span: { start: at, end: at }, newText: `\n${pad}\treturn` };
}

/** A send that gives up when the loop that receives has been stopped. */
export function lateSendFixes({ send, stop }: LateSend): readonly Fix[] {
  const { fn, node } = send;
  const { receiver } = fn.fact;
  const code = fn.code;
  const object = code.child(node, Role.Object);
  const isOwn = code.is(object, Kind.Field) && code.is(code.child(object, Role.Object), Kind.Name, receiver);
  if (!isOwn || receiver === '') return [];
  return [
    fix(`Give up when \`${stop.field}\` is closed`, () => [
      replace(fn, node, selectOr(fn, node, `<-${receiver}.${stop.field}`, false)),
    ]),
  ];
}

/** The end of a pipe that is let go is closed when its maker leaves, which ends who waits at the other. */
export function pipeFixes({ fn, made, name, closable }: AbandonedPipe): readonly Fix[] {
  const call = `${name}.Close()`;
  return closable
    ? [fix(`Call \`${call}\` with \`defer\``, () => [insertAfter(fn, made, `defer ${call}`)])]
    : [];
}

/** What is idle is closed when the function leaves. */
export function transportFixes({ fn, declared, name }: OwnTransport): readonly Fix[] {
  if (name === undefined) return [];
  const call = `${name}.CloseIdleConnections()`;
  return [fix(`Call \`${call}\` with \`defer\``, () => [insertAfter(fn, declared, `defer ${call}`)])];
}

/** What a function has started is stopped when it leaves. */
export function ownedFixes({ fn, made, name, stoppable }: OwnedSite): readonly Fix[] {
  const code = fn.code;
  const block = code.parent(made);
  const loop = code.ancestor(made, (a) => code.kind(a) === Kind.Loop || code.kind(a) === Kind.Closure);
  if (loop >= 0 && code.kind(loop) === Kind.Loop) return [];
  // Behind the test of the error that came with it.
  const next = code.all(made, Role.Pattern).length > 1 ? code.after(made) : -1;
  const at = next >= 0 && next < code.after(block) && code.is(next, Kind.If) ? next : made;
  if (at === made && code.all(made, Role.Pattern).length > 1) return [];
  const call = `${name}.${stoppable.stop.fact.name}()`;
  return [fix(`Call \`${call}\` with \`defer\``, () => [insertAfter(fn, at, `defer ${call}`)])];
}

/** A `select` between a send and something that ends it, laid out like the statement it replaces. */
function selectOr(fn: Fn, send: NodeId, end: string, leaves: boolean): string {
  const text = fn.package.text(fn.file.facts.file);
  const start = fn.code.start(send);
  const line = text.lastIndexOf('\n', start - 1) + 1;
  const pad = /^[ \t]*/.exec(text.slice(line, start))?.[0] ?? '';
  const body = leaves ? `\n${pad}\treturn` : '';
  return `select {\n${pad}case ${textOf(fn, send)}:\n${pad}case ${end}:${body}\n${pad}}`;
}

/** Nothing but white space stands before a statement on its line. */
function hasOwnLine(fn: Fn, statement: NodeId): boolean {
  const text = fn.package.text(fn.file.facts.file);
  const start = fn.code.start(statement);
  return /^\s*$/.test(text.slice(text.lastIndexOf('\n', start - 1) + 1, start));
}

/** The closure or function around a node has no results: it can simply return. */
function returnsNothing(fn: Fn, node: NodeId): boolean {
  const code = fn.code;
  const closure = code.ancestor(node, (a) => code.kind(a) === Kind.Closure);
  return closure >= 0 ? code.child(closure, Role.Result) < 0 : fn.fact.result < 0;
}

/** How a context that ends with the caller can be named at a node: `ctx`, or `r.Context()` of an HTTP request. */
function contextAt(fn: Fn, node: NodeId): string | undefined {
  const values = Values.of(fn.package.program);
  const at = fn.code.start(node);
  let request: string | undefined;
  for (const b of values.scope(fn).all()) {
    if (values.scope(fn).lookup(b.name, at)?.node !== b.node) continue;
    const type = values.bindingType(fn, b);
    const name = type && peel(type).type.name;
    if (name === 'context.Context') return b.name;
    if (name === 'net/http.Request' && b.source === 'parameter') request = `${b.name}.Context()`;
  }
  return request;
}
