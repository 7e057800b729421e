/** Fixes that put a limit before a spawn: a permit in Rust, a slot channel or `SetLimit` in Go. */
import type { Edit, Fix } from '../../../core/finding.ts';
import type { Fn } from '../../../program/program.ts';
import type { SpawnRate, SpawnSite } from '../../../program/spawns/spawn.ts';
import { spawnSites } from '../../../program/spawns/spawn-sites.ts';
import { Values } from '../../../program/types/values.ts';
import { Kind, type NodeId, Role } from '../../../syntax/node.ts';
import { belowImports, insertAfter, insertBefore, statementOf, textOf } from './statements.ts';

const CHOOSE = 'choose: how many fit the memory limit';

/** Go: a channel of slots around a `go` statement, `SetLimit` on a group. */
export function limitGoroutines(site: SpawnSite, rate: SpawnRate): readonly Fix[] {
  const isGroup = site.verb !== 'go' && !site.row.source.includes('WaitGroup');
  return isGroup ? groupLimit(site) : slotChannel(site, rate);
}

function slotChannel(site: SpawnSite, rate: SpawnRate): readonly Fix[] {
  const { fn } = site;
  const spawn = statementOf(fn, site.node);
  const loop = rate.loop < 0 ? -1 : statementOf(fn, rate.loop);
  if (spawn < 0 || (rate.loop >= 0 && loop < 0) || waitsForTheLoop(site, rate)) return [];
  if (loop < 0 && belowImports(fn) < 0) return [];
  const name = freeName(fn, loop < 0 ? `${lowerFirst(fn.fact.name)}Slots` : 'slots', placeAmongSpawns(site));
  const guarded = guardedWork(site, loop, name);
  if (!guarded) return [];
  const make = `make(chan struct{}, 100) // ${CHOOSE}`;
  return [
    {
      title: 'Limit how many run at once with a channel of slots (choose the number)',
      applicability: 'has-placeholders',
      edits: () => [
        ...(loop < 0
          ? [declareBelowImports(fn, `var ${name} = ${make}`)]
          : insertBefore(fn, loop, [`${name} := ${make}`])),
        ...insertBefore(fn, spawn, [...guarded.before, `${name} <- struct{}{}`]),
        ...guarded.edits(),
      ],
    },
  ];
}

/** The work with a first line that gives the slot back, whatever happens. */
function guardedWork(
  site: SpawnSite,
  loop: NodeId,
  slots: string,
): { readonly before: readonly string[]; readonly edits: () => readonly Edit[] } | undefined {
  const { fn, work } = site;
  const code = fn.code;
  if (work < 0) return undefined;
  const give = `defer func() { <-${slots} }()`;
  if (code.kind(work) === Kind.Closure) {
    const body = code.child(work, Role.Body);
    const first = body < 0 ? undefined : code.children(body)[0];
    return first === undefined ? undefined : { before: [], edits: () => insertBefore(fn, first, [give]) };
  }
  // `go f(x)` takes the value of x at once; a closure would see what the next round makes of it.
  const before = valuesToKeep(fn, site.node, work, loop);
  if (!before) return undefined;
  const indent =
    /[ \t]*$/.exec(fn.package.text(fn.file.facts.file).slice(0, code.start(site.node)))?.[0] ?? '';
  const { file } = fn.file.facts;
  return {
    before,
    edits: () => [
      {
        file,
        span: code.span(work),
        newText: `func() {\n${indent}\t${give}\n${indent}\t${textOf(fn, work)}\n${indent}}()`,
      },
    ],
  };
}

/** Copies of the loop's own variables that the call uses; undefined when another name changes between rounds. */
function valuesToKeep(fn: Fn, node: NodeId, work: NodeId, loop: NodeId): string[] | undefined {
  const code = fn.code;
  const scope = Values.of(fn.package.program).scope(fn);
  const copies = new Set<string>();
  for (let n = work; n < code.after(work); n++) {
    const kind = code.kind(n);
    if (kind === Kind.Closure || kind === Kind.Index || kind === Kind.Slice || code.is(n, Kind.Unary, '<-'))
      return undefined;
    if (n !== work && (kind === Kind.Call || kind === Kind.MethodCall)) return undefined;
    if (kind !== Kind.Name) continue;
    const b = scope.lookup(code.name(n), code.start(n));
    if (!b) continue;
    const inLoop = loop >= 0 && code.within(b.node, loop);
    const inHeader = inLoop && code.ancestor(b.node, (a) => code.kind(a) === Kind.Block) < loop;
    if (inHeader && !eachRoundItsOwn(fn)) copies.add(b.name);
    if (!inHeader && isAssigned(fn, b.name, inLoop ? node : Math.max(loop, fn.first), b.node))
      return undefined;
  }
  return [...copies].map((name) => `${name} := ${name}`);
}

/** From Go 1.22 on each round of a loop has variables of its own. */
function eachRoundItsOwn(fn: Fn): boolean {
  const [major = 1, minor = 0] = (fn.package.project?.goVersion || '1.0').split('.').map(Number);
  return major > 1 || minor >= 22;
}

/** A name is assigned behind a node; its own declaration does not count. */
function isAssigned(fn: Fn, name: string, from: NodeId, declared: NodeId): boolean {
  const code = fn.code;
  for (let n = from; n < fn.after; n++) {
    if (code.kind(n) === Kind.Assign && code.all(n, Role.Target).some((t) => code.is(t, Kind.Name, name)))
      return true;
    if (code.kind(n) !== Kind.Let) continue;
    // `x, err := f()` where x is declared already assigns it.
    const again = code.all(n, Role.Pattern).find((p) => code.name(p) === name);
    if (again !== undefined && again !== declared && code.parent(n) === blockOf(fn, declared)) return true;
  }
  return false;
}

function blockOf(fn: Fn, node: NodeId): NodeId {
  return fn.code.ancestor(node, (a) => fn.code.kind(a) === Kind.Block);
}

/**
 * What is started hands its result to a channel that is only read behind the loop: held back by slots, the loop
 * would wait for the reader and the reader for the loop.
 */
function waitsForTheLoop(site: SpawnSite, rate: SpawnRate): boolean {
  if (rate.per !== 'item') return false;
  const { fn, node } = site;
  const code = fn.code;
  const scope = Values.of(fn.package.program).scope(fn);
  for (let n = node; n < code.after(node); n++) {
    if (code.kind(n) !== Kind.Name) continue;
    let b = scope.lookup(code.name(n), code.start(n));
    // `let results = results.clone();`
    for (let i = 0; b && b.value >= 0 && code.is(b.value, Kind.MethodCall, 'clone') && i < 4; i++) {
      const of = code.child(b.value, Role.Object);
      b = scope.lookup(code.name(of), code.start(of));
    }
    if (!b || b.value < 0 || code.kind(b.value) !== Kind.Call) continue;
    const callee = code.child(b.value, Role.Callee);
    const args = code.all(b.value, Role.Arg);
    if (callee < 0) continue;
    if (code.is(callee, Kind.Name, 'make') && args[0] !== undefined && code.is(args[0], Kind.Type, 'chan')) {
      const room = args[1];
      if (room === undefined || code.kind(room) === Kind.Number) return true;
    } else if (/(^|::)(sync_)?channel$/.test(code.name(callee)) && args.length > 0) return true;
  }
  return false;
}

function groupLimit(site: SpawnSite): readonly Fix[] {
  const { fn } = site;
  const code = fn.code;
  const object = code.child(site.node, Role.Object);
  if (object < 0 || code.kind(object) !== Kind.Name) return [];
  const name = code.name(object);
  const made = declarationOf(fn, name, site.node);
  if (made < 0 || !/errgroup|Group/.test(textOf(fn, made))) return [];
  return [
    {
      title: `Limit \`${name}\` with \`SetLimit\` (choose the number)`,
      applicability: 'has-placeholders',
      edits: () => [insertAfter(fn, made, `${name}.SetLimit(100) // ${CHOOSE}`)],
    },
  ];
}

/** The statement that declares a local before a node, or -1. */
function declarationOf(fn: Fn, name: string, before: NodeId): NodeId {
  const code = fn.code;
  const { first: body } = fn;
  let found = -1;
  for (let n = body; n < before; n++)
    if (code.kind(n) === Kind.Let && code.all(n, Role.Pattern).some((p) => code.name(p) === name)) found = n;
  return found;
}

/** Rust: a permit of a static semaphore, taken before the spawn and moved into the task. */
export function limitTasks(site: SpawnSite, rate: SpawnRate): readonly Fix[] {
  const { fn, work } = site;
  const code = fn.code;
  const isTokio = fn.file.fullPath(site.verb).startsWith('tokio::') || site.verb === 'JoinSet::spawn';
  if (!isTokio || work < 0 || !runsAsync(fn, site.node) || waitsForTheLoop(site, rate)) return [];
  const spawn = statementOf(fn, site.node);
  if (spawn < 0 || code.kind(spawn) === Kind.Return) return [];
  const moved = movePermit(fn, work);
  if (!moved) return [];
  const name = freeName(fn, `${fn.fact.name.toUpperCase()}_PERMITS`, placeAmongSpawns(site));
  const declare = `static ${name}: tokio::sync::Semaphore = tokio::sync::Semaphore::const_new(100); // ${CHOOSE}`;
  const home = fn.fact.module.length > 0 ? -1 : belowImports(fn);
  return [
    {
      title: 'Take a semaphore permit before the spawn (choose the number)',
      applicability: 'has-placeholders',
      edits: () => [
        ...(home < 0 ? [] : [declareBelowImports(fn, declare)]),
        ...insertBefore(fn, spawn, [
          ...(home < 0 ? [declare] : []),
          `let permit = ${name}.acquire().await.expect("the semaphore is never closed");`,
          ...moved.before,
        ]),
        ...moved.edits(),
      ],
    },
  ];
}

/** The permit lives as long as what is started. */
function movePermit(
  fn: Fn,
  work: NodeId,
): { readonly before: readonly string[]; readonly edits: () => readonly Edit[] } | undefined {
  const code = fn.code;
  const { file } = fn.file.facts;
  const indent = () => {
    const text = fn.package.text(file);
    const line = text.lastIndexOf('\n', code.start(work) - 1) + 1;
    return /^[ \t]*/.exec(text.slice(line))?.[0] ?? '';
  };
  const keep = 'let _permit = permit;';
  const kind = code.kind(work);
  if (kind === Kind.AsyncBlock || kind === Kind.Closure) {
    const body = code.child(work, Role.Body);
    if (body < 0) return undefined;
    const inner = code.kind(body) === Kind.AsyncBlock ? code.child(body, Role.Body) : body;
    if (code.kind(inner) !== Kind.Block)
      return {
        before: [],
        edits: () => {
          const span = code.span(body);
          const pad = indent();
          return [{ file, span, newText: `{\n${pad}    ${keep}\n${pad}    ${textOf(fn, body)}\n${pad}}` }];
        },
      };
    const first = code.children(inner)[0];
    return first === undefined ? undefined : { before: [], edits: () => insertBefore(fn, first, [keep]) };
  }
  if (kind !== Kind.Call && kind !== Kind.MethodCall && kind !== Kind.Name) return undefined;
  // The future is made where it was made, so that what it borrows or moves stays the same.
  return {
    before: [`let task = ${textOf(fn, work)};`],
    edits: () => {
      const pad = indent();
      const newText = `async move {\n${pad}    ${keep}\n${pad}    task.await\n${pad}}`;
      return [{ file, span: code.span(work), newText }];
    },
  };
}

/** The node stands in an async function or block, so that it may await. */
function runsAsync(fn: Fn, node: NodeId): boolean {
  const code = fn.code;
  const around = code.ancestor(
    node,
    (a) => code.kind(a) === Kind.AsyncBlock || code.kind(a) === Kind.Closure,
  );
  return around >= 0 ? code.kind(around) === Kind.AsyncBlock : fn.fact.isAsync;
}

function declareBelowImports(fn: Fn, line: string): Edit {
  const at = belowImports(fn);
  return { file: fn.file.facts.file, span: { start: at, end: at }, newText: `\n\n${line}` };
}

/** The name, with a number where the file has it already or a spawn before this one takes it. */
function freeName(fn: Fn, name: string, number: number): string {
  const text = fn.package.text(fn.file.facts.file);
  for (let i = number; ; i++) {
    const candidate = i === 1 ? name : `${name}${i}`;
    if (!new RegExp(`\\b${candidate}\\b`).test(text)) return candidate;
  }
}

/** 1 for the first spawn of a function, 2 for the second. */
function placeAmongSpawns({ fn, node }: SpawnSite): number {
  return spawnSites(fn.package).filter((s) => s.fn === fn && s.node <= node).length;
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
