/** Fixes that put a limit before a spawn: a permit in Rust, a slot channel or `SetLimit` in Go. */
import type { Fix } from '../../core/finding.ts';
import type { Fn } from '../../program/program.ts';
import type { SpawnRate, SpawnSite } from '../../program/spawns.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { insertAfter, insertBefore, statementOf, textOf } from './statements.ts';

const CHOOSE = 'choose: how many fit the memory limit';

/** Go: a channel of slots around a `go` statement, `SetLimit` on a group. */
export function limitGoroutines(site: SpawnSite, rate: SpawnRate): readonly Fix[] {
  return site.verb === 'go' ? slotChannel(site, rate) : groupLimit(site);
}

function slotChannel(site: SpawnSite, rate: SpawnRate): readonly Fix[] {
  const { fn, work } = site;
  const code = fn.code;
  if (rate.loop < 0 || work < 0 || code.kind(work) !== Kind.Closure) return [];
  const loop = statementOf(fn, rate.loop);
  const spawn = statementOf(fn, site.node);
  const body = code.child(work, Role.Body);
  const first = body < 0 ? undefined : code.children(body)[0];
  if (loop < 0 || spawn < 0 || first === undefined) return [];
  return [
    {
      title: 'Limit how many run at once with a channel of slots (choose the number)',
      applicability: 'has-placeholders',
      edits: () => [
        insertBefore(fn, loop, [`slots := make(chan struct{}, 100) // ${CHOOSE}`]),
        insertBefore(fn, spawn, ['slots <- struct{}{}']),
        insertBefore(fn, first, ['defer func() { <-slots }()']),
      ],
    },
  ];
}

function groupLimit(site: SpawnSite): readonly Fix[] {
  const { fn } = site;
  const code = fn.code;
  const object = code.child(site.node, Role.Object);
  if (object < 0 || code.kind(object) !== Kind.Name) return [];
  const name = code.name(object);
  const made = declarationOf(fn, name, site.node);
  if (made < 0 || site.row.source.includes('WaitGroup') || !/errgroup|Group/.test(textOf(fn, made)))
    return [];
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
  const [body] = fn.range;
  let found = -1;
  for (let n = body; n < before; n++)
    if (code.kind(n) === Kind.Let && code.all(n, Role.Pattern).some((p) => code.name(p) === name)) found = n;
  return found;
}

/** Rust: a permit of a static semaphore, taken before the spawn and moved into the task. */
export function limitTasks(site: SpawnSite): readonly Fix[] {
  const { fn, work } = site;
  const code = fn.code;
  if (
    site.row.unit !== 'task' ||
    work < 0 ||
    code.kind(work) !== Kind.AsyncBlock ||
    !runsAsync(fn, site.node)
  )
    return [];
  if (!/^(tokio::|task::|spawn$|JoinSet)/.test(site.verb)) return [];
  const body = code.child(work, Role.Body);
  const first = body < 0 ? undefined : code.children(body)[0];
  const spawn = statementOf(fn, site.node);
  if (first === undefined || spawn < 0) return [];
  return [
    {
      title: 'Take a semaphore permit before the spawn (choose the number)',
      applicability: 'has-placeholders',
      edits: () => [
        insertBefore(fn, spawn, [
          `static PERMITS: tokio::sync::Semaphore = tokio::sync::Semaphore::const_new(100); // ${CHOOSE}`,
          'let permit = PERMITS.acquire().await.expect("the semaphore is never closed");',
        ]),
        insertBefore(fn, first, ['let _permit = permit;']),
      ],
    },
  ];
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
