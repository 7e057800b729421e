import type { Steps } from '../../core/steps.ts';
import { runtimeMakers, rustSpawnFunctions, rustSpawnMethods } from '../../knowledge/rust-spawn.ts';
import { goGroupTypes, goStatement, rustUnits } from '../../knowledge/spawns.ts';
import { type Code, kinds } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import { Calls } from '../calls/calls.ts';
import { isMadeOf } from '../phases/serving-loops.ts';
import type { Fn, Package, Program } from '../program.ts';
import { lastSegment, peel } from '../types/types.ts';
import { Values } from '../types/values.ts';
import { mayBeHelper, type SpawnHelper, spawnHelpers } from './go-spawns.ts';
import { type Executors, findExecutors } from './rust-executors.ts';
import type { SpawnBound, SpawnSite } from './spawn.ts';
import { SpawnLimits } from './spawn-limits.ts';

const WANTED = kinds(Kind.Spawn, Kind.Call, Kind.MethodCall);

/** All spawn sites of a package outside tests, in source order. */
export function spawnSites(pkg: Package): SpawnSite[] {
  const values = Values.of(pkg.program);
  const out: SpawnSite[] = [];
  for (const fn of pkg.serviceFunctions) {
    const code = fn.code;
    const { first: body, after } = fn;
    for (let n = code.next(WANTED, body, after); n < after; n = code.next(WANTED, n + 1, after)) {
      const site = pkg.language === 'rust' ? directSite(values, fn, code, n) : siteAt(values, fn, code, n);
      if (site) out.push(site);
    }
  }
  return out;
}

/** Rust: the calls that hand work to the function of a spawn, as spawns of their own: what is said of them is said of it. */
export function handedTo(site: SpawnSite): readonly SpawnSite[] {
  const { program } = site.fn.package;
  const values = Values.of(program);
  const { byFn } = program.deriveAll(executorsOf);
  if (byFn.get(site.fn)?.site.node !== site.node) return [];
  return Calls.of(program)
    .sitesOf(site.fn)
    .filter((s) => s.kind === 'call' && !s.guess && !s.fn.isTest)
    .flatMap((s) => siteAt(values, s.fn, s.fn.code, s.node) ?? [])
    .map((s) => (site.fn.fact.isAsync ? startedByAwait(s) : s));
}

/** `executor.start(work).await`: an asynchronous function is awaited to start, which is not to wait for what it starts. */
function startedByAwait(site: SpawnSite): SpawnSite {
  const up = site.fn.code.parent(site.node);
  return site.fn.code.kind(up) === Kind.Await ? { ...site, node: up } : site;
}

/** The spawn that a node is: of a library, a `go` statement, or a call of a function that starts what it is given. */
export function siteAt(values: Values, fn: Fn, code: Code, n: NodeId): SpawnSite | undefined {
  const kind = code.kind(n);
  if (kind !== Kind.Spawn && kind !== Kind.Call && kind !== Kind.MethodCall) return undefined;
  return directSite(values, fn, code, n) ?? helperSite(values, fn, code, n);
}

const spawnNames = new Set(Object.keys(rustSpawnFunctions).map(lastSegment));

function directSite(values: Values, fn: Fn, code: Code, n: NodeId): SpawnSite | undefined {
  const kind = code.kind(n);
  if (kind === Kind.Spawn) {
    const call = code.child(n, Role.Object);
    const callee = call < 0 ? -1 : code.child(call, Role.Callee);
    const work = callee >= 0 && code.kind(callee) === Kind.Closure ? callee : call;
    return { fn, node: n, row: goStatement, verb: 'go', work };
  }
  if (fn.package.language === 'go') {
    if (kind === Kind.MethodCall && code.name(n) === 'Go') {
      const type = values.typeOf(fn, code.child(n, Role.Object));
      const row = type && goGroupTypes[peel(type).type.name];
      const name = code.name(code.child(n, Role.Object));
      if (row) return { fn, node: n, row, verb: `${name}.Go`, work: code.child(n, Role.Arg) };
    }
    return undefined;
  }
  if (kind === Kind.Call) {
    const callee = code.child(n, Role.Callee);
    if (callee < 0 || (code.kind(callee) !== Kind.Path && code.kind(callee) !== Kind.Name)) return undefined;
    const written = code.name(callee);
    // An import gives the beginning of a path, and all of it only where one name is written.
    if (written.includes('::') && !spawnNames.has(lastSegment(written))) return undefined;
    const path = fn.file.fullPath(written);
    const known = Object.hasOwn(rustSpawnFunctions, path) ? rustSpawnFunctions[path] : undefined;
    const row = known && rustUnits[known.runs];
    return row ? { fn, node: n, row, verb: written, work: code.child(n, Role.Arg) } : undefined;
  }
  if (kind === Kind.MethodCall && /^(spawn\w*|execute)$/.test(code.name(n))) {
    const object = code.child(n, Role.Object);
    const type = values.typeOf(fn, object);
    const inner = type && peel(type).type;
    const known = inner && !inner.decl ? methodRow(inner.name, code.name(n)) : undefined;
    const ofRuntime = !type && code.name(n) === 'spawn' && isMadeOf(fn, object, runtimeMakers);
    const row = known
      ? rustUnits[known.runs]
      : ofRuntime
        ? rustUnits.task
        : inScope(fn, object)
          ? rustUnits.thread
          : undefined;
    const of = known ? lastSegment(inner?.name ?? '') : ofRuntime ? 'Runtime' : 'Scope';
    return row ? { fn, node: n, row, verb: `${of}::spawn`, work: code.child(n, Role.Arg) } : undefined;
  }
  return undefined;
}

/** By the last two segments of a type's path before the last one alone: `task::Builder` starts no thread. */
function methodRow(type: string, method: string): (typeof rustSpawnMethods)[string] | undefined {
  const [module, name] = type.split('::').slice(-2);
  for (const key of name === undefined ? [module] : [`${module}::${name}`, name]) {
    const at = `${key}.${method}`;
    if (Object.hasOwn(rustSpawnMethods, at)) return rustSpawnMethods[at];
  }
  return undefined;
}

/** A call of a function that starts its argument, and does not limit how many there are. */
function helperSite(values: Values, fn: Fn, code: Code, n: NodeId): SpawnSite | undefined {
  const { program } = fn.package;
  const name = callName(code, n);
  if (fn.package.language === 'rust') return executorSite(values, fn, code, n, name);
  if (!mayBeHelper(program, name)) return undefined;
  const [target, ...others] = values.callees(fn, n);
  const helper = target && others.length === 0 ? spawnHelpers(program).get(target) : undefined;
  // What is handed on once more is counted where that is called.
  if (!helper || spawnHelpers(program).get(fn)?.node === n) return undefined;
  const given = code.all(n, Role.Arg)[helper.index] ?? -1;
  if (given < 0 || code.is(given, Kind.Literal, 'nil') || limitIn(helper)) return undefined;
  const object = code.kind(n) === Kind.MethodCall ? `${code.name(code.child(n, Role.Object))}.` : '';
  const work = code.kind(given) === Kind.Closure ? given : -1;
  return { fn, node: n, row: goStatement, verb: `${object}${name}`, work };
}

/** Rust: `runtime.spawn(async move { … })`, where `spawn` is a function of the workspace. */
function executorSite(values: Values, fn: Fn, code: Code, n: NodeId, name: string): SpawnSite | undefined {
  const { byFn, names } = fn.package.program.deriveAll(executorsOf);
  if (!names.has(name)) return undefined;
  // What one does that stands behind a trait the others do as well, each in its way.
  const targets = values.callees(fn, n);
  const [executor] = targets.flatMap((t) => byFn.get(t) ?? []);
  if (targets.length > 1 && targets.every((t) => t.fact.body >= 0)) return undefined;
  const work = executor ? (code.all(n, Role.Arg)[executor.index] ?? -1) : -1;
  if (!executor || work < 0 || new SpawnLimits(executor.site).at(executor.fn, executor.site.node))
    return undefined;
  const callee = code.child(n, Role.Callee);
  return { fn, node: n, row: executor.site.row, verb: callee < 0 ? name : code.name(callee), work };
}

/** Reads all code, a function a step. */
export function executorsOf(program: Program): Steps<Executors> {
  const values = Values.of(program);
  return findExecutors(program, (fn) => {
    const out: SpawnSite[] = [];
    for (
      let n = fn.code.next(WANTED, fn.first, fn.after);
      n < fn.after;
      n = fn.code.next(WANTED, n + 1, fn.after)
    ) {
      const site = directSite(values, fn, fn.code, n);
      if (site) out.push(site);
    }
    return out;
  });
}

function limitIn({ fn, node }: SpawnHelper): SpawnBound | undefined {
  const work = fn.code.is(node, Kind.Spawn) ? fn.code.child(node, Role.Object) : -1;
  return new SpawnLimits({ fn, node, row: goStatement, verb: 'go', work }).at(fn, node);
}

/** The scope that `thread::scope` lends to its closure: https://doc.rust-lang.org/std/thread/fn.scope.html */
function inScope(fn: Fn, object: NodeId): boolean {
  const code = fn.code;
  if (object < 0 || code.kind(object) !== Kind.Name) return false;
  const name = code.name(object);
  const closure = code.ancestor(
    object,
    (a) =>
      code.kind(a) === Kind.Closure &&
      code.all(a, Role.Param).some((p) => code.is(code.child(p, Role.Pattern), Kind.Bind, name)),
  );
  const call = closure < 0 ? -1 : code.parent(closure);
  const callee = call >= 0 && code.kind(call) === Kind.Call ? code.child(call, Role.Callee) : -1;
  return (
    callee >= 0 &&
    /(^|::)(thread|crossbeam|crossbeam_utils::thread)::scope$/.test(fn.file.fullPath(code.name(callee)))
  );
}
