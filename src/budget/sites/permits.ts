/** How many run at once where each has to take a permit, or a slot of a channel, before it begins. */
import { permitTakes, semaphoreMakers } from '../../knowledge/spawns.ts';
import { Calls } from '../../program/calls/calls.ts';
import { isMakeChannel } from '../../program/channels/go-channels.ts';
import { Phases } from '../../program/phases/phases.ts';
import { sameText } from '../../program/places/effects.ts';
import type { Fn, SourceFile } from '../../program/program.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { type Maker, makerOf } from './makers.ts';

/** The expression that says how many there are. */
export interface Permits {
  readonly file: SourceFile;
  readonly count: NodeId;
}

/** Calls between what takes the permit and what it is for. */
const MAX_CALLS = 3;

/** The permits of which one is held where a node runs, or undefined when none is, or nobody can tell how many there are. */
export function permitsAt(fn: Fn, node: NodeId, depth = 0): Permits | undefined {
  const taken = takenBefore(fn, node);
  if (taken >= 0) return countOf(makerOf(fn, taken));
  if (depth >= MAX_CALLS) return undefined;
  let found: Permits | undefined;
  for (const site of Calls.of(fn.package.program).sitesOf(fn)) {
    if (site.fn.isTest) continue;
    const there = site.kind === 'call' && !site.guess ? permitsAt(site.fn, site.node, depth + 1) : undefined;
    // Of two doors, each with its own permits, one number would be wrong.
    if (!there || (found && (found.file !== there.file || found.count !== there.count))) return undefined;
    found = there;
  }
  return found;
}

/** What is asked for the last permit before a node, in the same round where each round starts work of its own; or -1. */
function takenBefore(fn: Fn, node: NodeId): NodeId {
  const { code, first } = fn;
  const closure = code.ancestor(node, (a) => code.kind(a) === Kind.Closure);
  const loops = Phases.of(fn.package.program).context(fn, node).loops;
  const from = loops.find((loop) => closure >= 0 && loop < closure) ?? first;
  let taken = -1;
  for (let n = from; n < node; n++) {
    const kind = code.kind(n);
    const takes =
      (kind === Kind.MethodCall && permitTakes.test(code.name(n))) ||
      (kind === Kind.Send && isGivenBack(fn, code.child(n, Role.Object)));
    if (takes) taken = code.child(n, Role.Object);
  }
  return taken;
}

/** Go: `<-slots` somewhere in the function that puts something into it, or in what it starts. */
function isGivenBack({ code, first, after }: Fn, channel: NodeId): boolean {
  for (let n = first; n < after; n++)
    if (code.is(n, Kind.Unary, '<-') && sameText(code, code.child(n, Role.Object), channel)) return true;
  return false;
}

/** `Semaphore::new(8)`, `semaphore.NewWeighted(8)`, `make(chan struct{}, 8)` */
function countOf(maker: Maker | undefined): Permits | undefined {
  if (!maker) return undefined;
  const { file, fn, node } = maker;
  // Made anew for each, they let everybody in.
  if (fn && Phases.of(fn.package.program).at(fn, node).request) return undefined;
  const { code } = file;
  const callee = code.is(node, Kind.Call) ? code.child(node, Role.Callee) : -1;
  const isChannel = callee >= 0 && isMakeChannel(file, node);
  if (!isChannel && !semaphoreMakers.test(callee < 0 ? code.name(node) : code.name(callee))) return undefined;
  const count = code.all(node, Role.Arg)[isChannel ? 1 : 0];
  return count === undefined ? undefined : { file, count };
}
