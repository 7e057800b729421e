/** Rust: reasons for which a spawn that runs again and again does not add up. */
import { timerCalls } from '../../knowledge/brief-work.ts';
import { receivesOrStreams } from '../../knowledge/channels.ts';
import { entryEnds, handleEnds, processSignals } from '../../knowledge/endings.ts';
import { failureNames, STREAMS, stateWords, streamAccepts, vacantNames } from '../../knowledge/rust-spawn.ts';
import type { Code } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName, nameOf } from '../calls/call-name.ts';
import { exits } from '../calls/exits.ts';
import { Phases } from '../phases/phases.ts';
import { Effects } from '../places/effects.ts';
import { Places } from '../places/places.ts';
import type { Fn } from '../program.ts';
import { Values } from '../types/values.ts';
import { lengthOf } from './concurrency.ts';
import { startsWhatItReceives } from './rust-executors.ts';
import type { SpawnBound, SpawnSite } from './spawn.ts';

/**
 * `Event::Failed(job) => { tokio::spawn(async move { sleep(PAUSE).await; requests.send(job).await }); }`: what is started waits
 * a while and asks once more for what has failed, so that there may be no more of them than jobs.
 */
export function triesAgainLater({ fn, work }: SpawnSite): boolean {
  const { code } = fn;
  let sleeps = false;
  let sends = false;
  for (let n = work; work >= 0 && n < code.after(work); n++) {
    if (code.kind(n) !== Kind.Await) continue;
    const name = callName(code, code.child(n, Role.Object));
    if (timerCalls.test(name)) sleeps = true;
    else if (/^(send|try_send)$/.test(name)) sends = true;
    else return false;
  }
  if (!sleeps || !sends) return false;
  const arm = code.ancestor(work, (a) => code.kind(a) === Kind.Arm && code.child(a, Role.Pattern) >= 0);
  const pattern = arm < fn.first ? -1 : code.child(arm, Role.Pattern);
  for (let n = pattern; pattern >= 0 && n < code.after(pattern); n++)
    if (failureNames.test(code.name(n))) return true;
  return failureNames.test(fn.fact.name);
}

/** The function's result is the handle of what it starts: whoever calls it decides. */
export function handsBack({ fn, node }: SpawnSite): boolean {
  const code = fn.code;
  if (fn.package.language !== 'rust') return false;
  let n = node;
  for (let up = code.parent(n); up >= fn.first; n = up, up = code.parent(up)) {
    const kind = code.kind(up);
    if (kind === Kind.Return) return true;
    if (kind === Kind.Block) return up === fn.first && code.role(n) === Role.Value;
    if (kind !== Kind.Call && kind !== Kind.MethodCall) return false;
  }
  return false;
}

/** `spawn_blocking(…).await??`, `AbortOnDropHandle::new(tokio::spawn(…)).await`: whoever starts it waits for it. */
export function awaitedAtOnce({ fn, node }: SpawnSite): SpawnBound | undefined {
  const code = fn.code;
  if (fn.package.language !== 'rust') return undefined;
  let n = node;
  for (let up = code.parent(n); up >= fn.first; n = up, up = code.parent(up)) {
    const kind = code.kind(up);
    if (kind === Kind.Await) return { reason: 'joined', by: 'waiting for it at once', where: fn.place(up) };
    const wraps =
      (kind === Kind.Call &&
        code.role(n) === Role.Arg &&
        /(^|::)(new|from|timeout)$/.test(callName(code, up))) ||
      (kind === Kind.MethodCall && code.role(n) === Role.Object);
    if (!wraps && kind !== Kind.Try) return undefined;
  }
  return undefined;
}

/** `self.timer = Some(tokio::spawn(…))`: the next one takes the place of the last. */
export function replacesItself({ fn, node }: SpawnSite): SpawnBound | undefined {
  const code = fn.code;
  if (fn.package.language !== 'rust') return undefined;
  let n = node;
  for (let up = code.parent(n); up >= fn.first; n = up, up = code.parent(up)) {
    const kind = code.kind(up);
    if (kind === Kind.Assign) {
      const target = code.child(up, Role.Target);
      return code.kind(target) === Kind.Field || endsTheLast(fn, up, target)
        ? { reason: 'joined', by: `\`${code.name(target)}\` holding one at a time`, where: fn.place(up) }
        : undefined;
    }
    const holds: readonly Kind[] = [
      Kind.Call,
      Kind.MethodCall,
      Kind.Composite,
      Kind.FieldInit,
      Kind.Sequence,
    ];
    if (!holds.includes(kind)) return undefined;
  }
  return undefined;
}

/** `if let Some(last) = running { last.await }` before `running = Some(tokio::spawn(…))`: a local that lives around the loop. */
function endsTheLast(fn: Fn, assign: NodeId, target: NodeId): boolean {
  const code = fn.code;
  const loop = code.ancestor(assign, (a) => code.kind(a) === Kind.Loop);
  if (loop < fn.first || code.kind(target) !== Kind.Name) return false;
  for (let n = loop; n < assign; n++) {
    if (code.kind(n) !== Kind.If && code.kind(n) !== Kind.Match) continue;
    const test = code.child(n, code.kind(n) === Kind.If ? Role.Condition : Role.Subject);
    if (test < 0 || !mentionsName(code, test, code.name(target))) continue;
    for (let m = n; m < code.after(n); m++)
      if (code.kind(m) === Kind.Await || (code.kind(m) === Kind.MethodCall && handleEnds.test(code.name(m))))
        return true;
  }
  return false;
}

function mentionsName(code: Code, root: NodeId, name: string): boolean {
  for (let n = root; n < code.after(root); n++) if (code.is(n, Kind.Name, name)) return true;
  return false;
}

/**
 * Rust: `let (_alive, mut gone) = channel(1); spawn(async move { … gone.recv() … })`: the sender never leaves its block, so
 * that the task ends with the round it was started in.
 */
export function endsWithItsRound({ fn, node }: SpawnSite): SpawnBound | undefined {
  const code = fn.code;
  if (fn.package.language !== 'rust') return undefined;
  const block = code.ancestor(node, (a) => code.kind(a) === Kind.Block);
  for (let n = block; block >= 0 && n < node; n++) {
    const pattern = code.kind(n) === Kind.Let && code.parent(n) === block ? code.child(n, Role.Pattern) : -1;
    const [sender, receiver] = pattern < 0 ? [] : code.children(pattern);
    if (sender === undefined || receiver === undefined) continue;
    const value = code.child(n, Role.Value);
    if (value < 0 || !/^(channel|oneshot|bounded|new)$/.test(callName(code, value))) continue;
    if (!receivesIn(code, node, code.name(receiver)) || isHandedOn(code, code.name(sender), n, block))
      continue;
    return {
      reason: 'joined',
      by: `\`${code.name(sender)}\`, which goes with the round it is made in`,
      where: fn.place(n),
    };
  }
  return undefined;
}

/**
 * `let (send, recv) = channel(); spawn(move || send.send(work())); recv.await`: where the other end is waited for before
 * `end`, in the same round as the channel is made in; or -1.
 */
export function answered({ fn, node: own, work }: SpawnSite, node: NodeId, end: NodeId): NodeId {
  const code = fn.code;
  if (fn.package.language !== 'rust' || node !== own || work < 0) return -1;
  const loop = code.ancestor(node, (a) => code.kind(a) === Kind.Loop);
  for (let n = Math.max(fn.first, loop); n < node; n++) {
    const pattern = code.kind(n) === Kind.Let ? code.child(n, Role.Pattern) : -1;
    const [sender, receiver] = pattern < 0 ? [] : code.children(pattern);
    if (sender === undefined || receiver === undefined) continue;
    const value = code.child(n, Role.Value);
    if (value < 0 || !/(channel|oneshot|bounded|new)$/.test(callName(code, value))) continue;
    if (!mentionsName(code, work, code.name(sender)) || mentionsName(code, work, code.name(receiver)))
      continue;
    for (let m = code.after(node); m < end; m++)
      if (code.is(m, Kind.Name, code.name(receiver)) && waitsFor(code, m)) return m;
  }
  return -1;
}

/** A receiving end is awaited, or asked for what comes next. */
function waitsFor(code: Code, receiver: NodeId): boolean {
  for (let up = code.parent(receiver), i = 0; up >= 0 && i < 4; up = code.parent(up), i++) {
    const kind = code.kind(up);
    if (kind === Kind.Await) return true;
    if (kind === Kind.MethodCall && receivesOrStreams.test(code.name(up))) return true;
    if (kind !== Kind.MethodCall && kind !== Kind.Unary && kind !== Kind.Call) return false;
  }
  return false;
}

function receivesIn(code: Code, root: NodeId, receiver: string): boolean {
  for (let n = root; n < code.after(root); n++)
    if (
      code.is(n, Kind.Name, receiver) &&
      (code.kind(code.parent(n)) === Kind.Await || /^(recv|changed|next)$/.test(code.name(code.parent(n))))
    )
      return true;
  return false;
}

/** A local is more than sent into or dropped in the rest of its block. */
function isHandedOn(code: Code, name: string, from: NodeId, block: NodeId): boolean {
  for (let n = code.after(from); n < code.after(block); n++) {
    if (!code.is(n, Kind.Name, name)) continue;
    const up = code.parent(n);
    const isSent =
      code.kind(up) === Kind.MethodCall && code.role(n) === Role.Object && code.name(up) === 'send';
    if (!isSent && !(code.kind(up) === Kind.Call && callName(code, up) === 'drop')) return true;
  }
  return false;
}

/** The name of the map that a test looks into: `senders.get_mut(&id)`, `!self.tasks.contains_key(&id)`; or ''. */
function lookedUp(code: Code, test: NodeId): string {
  for (let n = test; n < code.after(test); n++)
    if (
      code.kind(n) === Kind.MethodCall &&
      /^(get|get_mut|entry|remove|contains_key|contains)$/.test(code.name(n))
    )
      return nameOf(code, code.child(n, Role.Object));
  return '';
}

/** Who decides how many items a loop of Rust has. */
export function rustItems(fn: Fn, loop: NodeId): 'input' | 'kept' | 'unknown' {
  const iter = fn.code.child(loop, Role.Iter);
  // `while let Some(item) = items.pop()`; any other loop over nothing tries again.
  if (iter < 0)
    return fn.code.kind(fn.code.child(loop, Role.Condition)) === Kind.LetCondition ? 'input' : 'unknown';
  const length = lengthOf(fn, iter);
  return length.kind === 'chosen' ? 'kept' : length.kind === 'input' && length.known ? 'input' : 'unknown';
}

/** Started where a map has no entry for a key, and kept in it from then on: one for each entry. */
export function onePerEntry({ fn, node }: SpawnSite): SpawnBound | undefined {
  const code = fn.code;
  if (fn.package.language !== 'rust') return undefined;
  for (let n = node, up = code.parent(node); up >= fn.first; n = up, up = code.parent(up)) {
    const kind = code.kind(up);
    if (kind === Kind.Closure || kind === Kind.Loop) return undefined;
    const kept = kind === Kind.MethodCall && code.name(up) === 'insert' ? up : -1;
    if (kept >= 0 && endsFormer(fn, kept))
      return {
        reason: 'counted',
        by: `one for each entry of \`${nameOf(code, code.child(kept, Role.Object))}\``,
        where: fn.place(kept),
      };
    let test = -1;
    if (kind === Kind.Arm && code.role(n) === Role.Body) {
      const pattern = code.child(up, Role.Pattern);
      if (pattern >= 0 && /(^|::)(None|Vacant)$/.test(code.name(pattern)))
        test = code.child(code.parent(up), Role.Subject);
    } else if (kind === Kind.If && code.role(n) === Role.Then) {
      const condition = code.child(up, Role.Condition);
      const negated = condition >= 0 && code.is(condition, Kind.Unary, '!');
      if (negated || (condition >= 0 && code.name(condition) === 'is_none')) test = condition;
    } else if (kind === Kind.If && code.role(n) === Role.Else) test = code.child(up, Role.Condition);
    const map = test < 0 ? '' : lookedUp(code, test);
    if (map === '') continue;
    for (let m = n; m < code.after(n); m++)
      if (
        code.kind(m) === Kind.MethodCall &&
        (code.name(m) === 'insert' || code.name(m) === 'insert_entry') &&
        (nameOf(code, code.child(m, Role.Object)) === map ||
          vacantNames.test(nameOf(code, code.child(m, Role.Object))))
      )
        return { reason: 'counted', by: `one for each entry of \`${map}\``, where: fn.place(m) };
  }
  return undefined;
}

/**
 * `let link = self.links.remove(&id)?; spawn(async move { run(link) })`: what is started works with an entry that is taken out
 * of a map which no load fills, so that there are as many as entries.
 */
export function takesEntry({ fn, node }: SpawnSite): SpawnBound | undefined {
  const code = fn.code;
  if (fn.package.language !== 'rust') return undefined;
  const { program } = fn.package;
  const scope = Values.of(program).scope(fn);
  for (let n = node; n < code.after(node); n++) {
    const b = code.kind(n) === Kind.Name ? scope.lookup(code.name(n), code.start(n)) : undefined;
    if (!b || b.value < 0 || code.within(b.node, node)) continue;
    for (let m = b.value; m < code.after(b.value); m++) {
      if (!code.is(m, Kind.MethodCall, 'remove') || code.child(m, Role.Arg) < 0) continue;
      const map = code.child(m, Role.Object);
      if (isFilledUnderLoad(fn, map)) continue;
      return { reason: 'counted', by: `one for each entry of \`${nameOf(code, map)}\``, where: fn.place(m) };
    }
  }
  return undefined;
}

/** `if !self.tasks.contains_key(&id) { self.start(id) }`, where `start` keeps an entry for what it starts. */
export function onePerEntryOfCaller(
  started: Fn,
  { fn, node }: { readonly fn: Fn; readonly node: NodeId },
): SpawnBound | undefined {
  const code = fn.code;
  if (fn.package.language !== 'rust') return undefined;
  for (let n = node, up = code.parent(node); up >= fn.first; n = up, up = code.parent(up)) {
    if (code.kind(up) !== Kind.If || (code.role(n) !== Role.Then && code.role(n) !== Role.Else)) continue;
    const condition = code.child(up, Role.Condition);
    const isAbsent = condition >= 0 && code.is(condition, Kind.Unary, '!') === (code.role(n) === Role.Then);
    const map = isAbsent ? lookedUp(code, condition) : '';
    for (let m = started.first; map !== '' && m < started.after; m++)
      if (
        started.code.is(m, Kind.MethodCall, 'insert') &&
        nameOf(started.code, started.code.child(m, Role.Object)) === map
      )
        return { reason: 'counted', by: `one for each entry of \`${map}\``, where: started.place(m) };
  }
  return undefined;
}

/** `match self.status { Connected => return, … }` before the spawn: what is started is likely the only one. */
export function isGuardedByState({ fn, node }: SpawnSite): boolean {
  const code = fn.code;
  for (let n = fn.first; n < node; n++) {
    if (code.kind(n) !== Kind.Match || code.within(node, n)) continue;
    const subject = code.child(n, Role.Subject);
    let isState = false;
    for (let m = subject; m < code.after(subject); m++) if (stateWords.test(code.name(m))) isState = true;
    if (isState && code.all(n, Role.Arm).some((arm) => exits(code, code.child(arm, Role.Body)))) return true;
  }
  return false;
}

/** Something that load brings adds to a container, or nobody can tell. */
function isFilledUnderLoad(fn: Fn, map: NodeId): boolean {
  const { program } = fn.package;
  const place = Places.of(program).of(fn, map);
  const growths = place
    ? Effects.of(program)
        .on(place)
        .filter((e) => e.kind === 'grow')
    : [];
  if (growths.length === 0) return true;
  return growths.some((e) => {
    const reach = Phases.of(program).at(e.fn, e.node);
    return reach.request !== undefined || reach.likely !== undefined;
  });
}

/**
 * `if let Some(last) = tasks.get(&id) { last.abort(); } tasks.insert(id, spawn(…))`: what ran for the key is ended, or is let
 * run alone.
 */
function endsFormer(fn: Fn, insert: NodeId): boolean {
  const code = fn.code;
  const map = nameOf(code, code.child(insert, Role.Object));
  const block = code.ancestor(insert, (a) => code.kind(a) === Kind.Block);
  for (let n = block; block >= 0 && n < insert; n++) {
    if (code.kind(n) !== Kind.If) continue;
    const condition = code.child(n, Role.Condition);
    const then = code.child(n, Role.Then);
    if (condition < 0 || then < 0 || lookedUp(code, condition) !== map) continue;
    if (exits(code, then)) return true;
    for (let m = then; m < code.after(then); m++)
      if (code.kind(m) === Kind.MethodCall && entryEnds.test(code.name(m))) return true;
  }
  return false;
}

/** `fn spawn(&self, task: F) -> JoinHandle<T> { self.handle.spawn(task) }`: whoever calls it starts the task. */
export function onlyPassesOn(site: SpawnSite): boolean {
  const { fn, work } = site;
  const code = fn.code;
  if (fn.package.language !== 'rust' || work < 0) return false;
  // `fn execute(&self, future: F) { self.handle.spawn(future); }` does nothing else.
  if (!handsBack(site) && code.children(fn.first).length > 1) return false;
  let n = work;
  while (code.kind(n) === Kind.MethodCall) n = code.child(n, Role.Object);
  if (code.kind(n) !== Kind.Name) return false;
  return Values.of(fn.package.program).scope(fn).lookup(code.name(n), code.start(n))?.source === 'parameter';
}

/** Who gets the handle of what is started, in a result or in a future, waits for it or drops it. */
export function forTheCaller(site: SpawnSite): SpawnBound | undefined {
  const { fn } = site;
  return handsBack(site)
    ? {
        reason: 'joined',
        by: `whoever calls \`${fn.label}\`, which hands the handle back`,
        where: fn.file.place(fn.fact.nameSpan),
      }
    : undefined;
}

/** What a round of a serving loop takes says that there are few: streams of one connection, signals, tasks to be run. */
export function ofItsLoop(site: SpawnSite, loop: NodeId): SpawnBound | undefined {
  const { fn, node } = site;
  if (fn.package.language !== 'rust') return undefined;
  return startsWhatItReceives(site, loop) ?? ofOneConnection(fn, loop) ?? ofSignals(fn, loop, node);
}

/** `connection.accept_bi()`: a QUIC connection has a number of streams open at once, and the next one waits. */
export function ofOneConnection(fn: Fn, loop: NodeId): SpawnBound | undefined {
  const code = fn.code;
  if (fn.package.language !== 'rust') return undefined;
  for (let n = loop; n < code.after(loop); n++) {
    if (code.kind(n) !== Kind.MethodCall || !streamAccepts.test(code.name(n))) continue;
    // In a loop of its own inside it is of each connection that this one takes.
    if (code.ancestor(n, (a) => code.kind(a) === Kind.Loop && a !== loop) > loop) continue;
    return {
      reason: 'admission',
      by: `the streams that a connection may have open, ${STREAMS} where its transport says nothing else`,
      where: fn.place(n),
    };
  }
  return undefined;
}

/** What an operator sends to the process: `interrupt.recv()`, `ctrl_c()`, in the arm of a select or before the spawn. */
export function ofSignals(fn: Fn, loop: NodeId, node: NodeId): SpawnBound | undefined {
  const code = fn.code;
  const arm = code.ancestor(node, (a) => code.kind(a) === Kind.Arm && code.child(a, Role.Comm) >= 0);
  const comm = arm > loop ? code.child(arm, Role.Comm) : -1;
  const source = comm >= 0 || loop < 0 ? comm : code.child(loop, Role.Condition);
  for (let n = source; source >= 0 && n < code.after(source); n++)
    if (processSignals.test(code.name(n)) || isMadeOfSignals(fn, n))
      return { reason: 'fixed-number', by: 'signals, which an operator sends', where: fn.place(n) };
  return undefined;
}

/** `let mut hup = signal(SignalKind::hangup())?` */
function isMadeOfSignals(fn: Fn, n: NodeId): boolean {
  const code = fn.code;
  if (!code.is(n, Kind.Name)) return false;
  const made = Values.of(fn.package.program).scope(fn).lookup(code.name(n), code.start(n))?.value ?? -1;
  for (let m = made; m >= 0 && m < code.after(made); m++)
    if (code.is(m, Kind.Call)) return processSignals.test(callName(code, m));
  return false;
}
