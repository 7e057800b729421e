/** Tickers nobody stops and timers made again in each round: before Go 1.23 the runtime keeps them until they end. */
import { pathExits } from '../../../program/channels/paths.ts';
import type { Fn, Package } from '../../../program/program.ts';
import { Values } from '../../../program/types/values.ts';
import { type Code, kinds } from '../../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../../syntax/node.ts';

const METHOD_CALLS = kinds(Kind.MethodCall);

/** A ticker without an end, or a timer in each round of a loop. */
export interface TimerSite {
  readonly fn: Fn;
  /** The call of `time.NewTicker`, `time.Tick` or `time.After`. */
  readonly node: NodeId;
  readonly verb: 'NewTicker' | 'Tick' | 'After';
  /** The local name of a ticker; empty where it has none. */
  readonly name: string;
}

export type TimerVerdict =
  /** `exit`: the way out without a `Stop`; for `After` the arm that starts the next round too early. */
  | { readonly leaks: NodeId }
  | { readonly exempt: 'stopped' | 'endless' | 'brief' | 'awaited' | 'handed-on'; readonly by: string };

/** Timers that the runtime keeps for less than this cost little, however many there are. */
const BRIEF_SECONDS = 10;

/** All tickers, and timers of loops, that functions of a package make outside tests. */
export function timerSites(pkg: Package): TimerSite[] {
  const out: TimerSite[] = [];
  const values = Values.of(pkg.program);
  for (const fn of pkg.serviceFunctions) {
    const code = fn.code;
    const { first: body, after } = fn;
    for (let n = code.next(METHOD_CALLS, body, after); n < after; n = code.next(METHOD_CALLS, n + 1, after)) {
      const verb = code.name(n);
      if (verb !== 'NewTicker' && verb !== 'Tick' && verb !== 'After') continue;
      if (values.goPackage(fn, code.child(n, Role.Object)) !== 'time') continue;
      out.push({ fn, node: n, verb, name: nameOf(fn, n) });
    }
  }
  return out;
}

/** Says whether a timer outlives what it was made for; nothing where it cannot be told or is no candidate. */
export function judgeTimer(site: TimerSite): TimerVerdict | undefined {
  if (site.verb === 'After') return judgeAfter(site);
  return site.name === '' ? judgeNameless(site) : judgeTicker(site);
}

/** The name a call's result is bound to. */
function nameOf(fn: Fn, call: NodeId): string {
  const code = fn.code;
  const up = code.parent(call);
  if (up < 0 || code.kind(up) !== Kind.Let) return '';
  return code.name(code.child(up, Role.Pattern));
}

// --- tickers

function judgeTicker(site: TimerSite): TimerVerdict | undefined {
  const { fn, node, name, verb } = site;
  const code = fn.code;
  const declared = code.parent(node);
  const scope = Values.of(fn.package.program).scope(fn);
  const binding = scope.lookup(name, code.end(declared));
  const block = code.parent(declared);
  if (!binding || code.kind(block) !== Kind.Block) return undefined;
  const stops = new Set<NodeId>();
  let user = -1;
  for (let n = block; n < code.after(block); n++) {
    if (!code.is(n, Kind.Name, name) || n === binding.node) continue;
    if (scope.lookup(name, code.start(n))?.node !== binding.node) continue;
    const up = code.parent(n);
    const isMethod = code.kind(up) === Kind.MethodCall && code.role(n) === Role.Object;
    if (isMethod && code.name(up) === 'Stop') {
      stops.add(up);
      if (isElsewhere(fn, up, block)) return { exempt: 'stopped', by: 'the goroutine that uses it' };
    }
    if (!isMethod && !isTicked(fn, n, verb)) return { exempt: 'handed-on', by: 'other code' };
    const closure = code.ancestor(n, (a) => a > block && code.kind(a) === Kind.Closure);
    if (closure > block && stops.size === 0 && user < 0) user = closure;
  }
  // A goroutine that was given the ticker has to stop it.
  const region = user >= 0 && stops.size === 0 ? code.child(user, Role.Body) : block;
  const weigh = (n: NodeId) => (n === node ? -1 : stops.has(n) ? Infinity : 0);
  const isInside = region !== block;
  // Nobody closes the channel of a ticker: a function that ranges over it comes to no end by itself.
  const isEndless = (loop: NodeId) => region === fn.first && isTicks(code, code.child(loop, Role.Iter), name);
  const ways = pathExits(code, region, weigh, 'least', isEndless);
  if (!ways) return undefined;
  const open = ways.find((e) => e.total < 0 || isInside);
  if (open) return { leaks: open.node };
  if (ways.length === 0) return { exempt: 'endless', by: `\`${fn.label}\`, which never leaves its loop` };
  return stops.size > 0 ? { exempt: 'stopped', by: '`Stop`' } : undefined;
}

/** The node stands in a closure that is not deferred on the spot. */
function isElsewhere(fn: Fn, node: NodeId, block: NodeId): boolean {
  const code = fn.code;
  const closure = code.ancestor(node, (a) => a > block && code.kind(a) === Kind.Closure);
  return closure > block && code.ancestor(closure, (a) => a > block && code.kind(a) === Kind.Defer) < block;
}

/** `t.C` of the ticker of a name. */
function isTicks(code: Code, n: NodeId, name: string): boolean {
  return n >= 0 && code.is(n, Kind.Field, 'C') && code.is(code.child(n, Role.Object), Kind.Name, name);
}

/** `t.C` of a ticker; `time.Tick`'s channel itself, received from or ranged over. */
function isTicked(fn: Fn, n: NodeId, verb: TimerSite['verb']): boolean {
  const code = fn.code;
  const up = code.parent(n);
  if (verb === 'NewTicker') return code.kind(up) === Kind.Field && code.name(up) === 'C';
  return code.is(up, Kind.Unary, '<-') || (code.kind(up) === Kind.Loop && code.role(n) === Role.Iter);
}

/** `for range time.Tick(d)`, `<-time.NewTicker(d).C`: nobody has a name to stop it by. */
function judgeNameless(site: TimerSite): TimerVerdict | undefined {
  const { fn, node } = site;
  const code = fn.code;
  const up = code.parent(node);
  const isUsedHere =
    code.is(up, Kind.Unary, '<-') ||
    (code.kind(up) === Kind.Loop && code.role(node) === Role.Iter) ||
    (code.kind(up) === Kind.Field && code.name(up) === 'C');
  if (!isUsedHere) return undefined;
  const region = bodyAround(fn, node);
  const loop = code.ancestor(node, (a) => a > region && code.kind(a) === Kind.Loop);
  if (code.kind(up) === Kind.Loop || loop < region) {
    const exits = pathExits(code, region, () => 0, 'least');
    if (!exits) return undefined;
    // The end of `for range ticks` itself is never reached.
    const left = exits.filter((e) => e.node !== region || code.kind(up) !== Kind.Loop);
    const [first] = left;
    return first
      ? { leaks: first.node }
      : { exempt: 'endless', by: `\`${fn.label}\`, which never leaves its loop` };
  }
  return { leaks: loop };
}

/** The body of the closure or function a node stands in. */
function bodyAround(fn: Fn, node: NodeId): NodeId {
  const code = fn.code;
  const closure = code.ancestor(node, (a) => code.kind(a) === Kind.Closure);
  return closure >= 0 ? code.child(closure, Role.Body) : fn.first;
}

// --- timers of a loop

function judgeAfter(site: TimerSite): TimerVerdict | undefined {
  const { fn, node } = site;
  const code = fn.code;
  const arm = code.ancestor(node, (a) => code.kind(a) === Kind.Arm);
  const comm = arm < 0 ? -1 : code.child(arm, Role.Comm);
  if (comm < 0 || !code.within(node, comm)) return undefined;
  const select = code.parent(arm);
  const closure = code.ancestor(select, (a) => code.kind(a) === Kind.Closure);
  const loop = code.ancestor(select, (a) => code.kind(a) === Kind.Loop);
  if (loop < 0 || loop < closure) return undefined;
  const again = code.all(select, Role.Arm).find((a) => a !== arm && goesRound(fn, a, loop));
  if (again === undefined)
    return { exempt: 'awaited', by: 'each round, which waits for it or ends the loop' };
  const seconds = secondsOf(fn.package, code, code.child(node, Role.Arg));
  if (seconds !== undefined && seconds < BRIEF_SECONDS) return { exempt: 'brief', by: `${seconds} s` };
  return { leaks: again };
}

/** The arm of a select can lead to another round of the loop. */
function goesRound(fn: Fn, arm: NodeId, loop: NodeId): boolean {
  const code = fn.code;
  const body = code.child(arm, Role.Body);
  if (body < 0) return false;
  // A default arm, or one that pauses, is a loop that polls.
  const exits = pathExits(code, body, () => 0, 'least') ?? [];
  return exits.some((e) => {
    if (e.node === body) return !leavesBehind(fn, arm, loop);
    return (
      code.kind(e.node) === Kind.Continue || (code.kind(e.node) === Kind.Break && code.name(e.node) === '')
    );
  });
}

/** What follows the select in the loop's body leaves the loop in any case. */
function leavesBehind(fn: Fn, arm: NodeId, loop: NodeId): boolean {
  const code = fn.code;
  const body = code.child(loop, Role.Body);
  const last = code.children(body).at(-1);
  return last !== undefined && !code.within(arm, last) && code.kind(last) === Kind.Return;
}

const UNITS: Readonly<Record<string, number>> = {
  Nanosecond: 1e-9,
  Microsecond: 1e-6,
  Millisecond: 1e-3,
  Second: 1,
  Minute: 60,
  Hour: 3600,
};

/** A duration in seconds where the code says it: `5 * time.Second`, a constant of the package. */
function secondsOf(pkg: Package, code: Code, n: NodeId, depth = 0): number | undefined {
  if (n < 0 || depth > 3) return undefined;
  switch (code.kind(n)) {
    case Kind.Number:
      return Number(code.name(n)) * 1e-9;
    case Kind.Field:
      return Object.hasOwn(UNITS, code.name(n)) ? UNITS[code.name(n)] : undefined;
    case Kind.Binary: {
      if (code.name(n) !== '*') return undefined;
      const sides = [code.child(n, Role.Left), code.child(n, Role.Right)];
      const number = sides.find((x) => code.kind(x) === Kind.Number);
      const unit = sides.find((x) => code.kind(x) === Kind.Field);
      const seconds = unit === undefined ? undefined : secondsOf(pkg, code, unit, depth + 1);
      return number === undefined || seconds === undefined ? undefined : Number(code.name(number)) * seconds;
    }
    case Kind.Name: {
      const global = pkg.globalsNamed(code.name(n)).find((g) => g.fact.kind === 'const');
      return global && secondsOf(pkg, global.file.code, global.fact.value, depth + 1);
    }
    default:
      return undefined;
  }
}
