import { rustSpawnFunctions, rustSpawnMethods } from '../knowledge/rust-spawn.ts';
import { goGroupTypes, goStatement, rustUnits } from '../knowledge/spawns.ts';
import type { Code } from '../syntax/code.ts';
import { Kind, type NodeId, Role } from '../syntax/node.ts';
import { callName } from './call-name.ts';
import { mayBeHelper, type SpawnHelper, spawnHelpers } from './go-spawns.ts';
import type { Fn, Package } from './program.ts';
import type { SpawnBound, SpawnSite } from './spawn.ts';
import { SpawnLimits } from './spawn-limits.ts';
import { lastSegment, peel } from './types.ts';
import { Values } from './values.ts';

/** All spawn sites of a package outside tests, in source order. */
export function spawnSites(pkg: Package): SpawnSite[] {
  const values = Values.of(pkg.program);
  const out: SpawnSite[] = [];
  for (const fn of pkg.serviceFunctions) {
    const code = fn.code;
    const [body, after] = fn.range;
    for (let n = body; n < after; n++) {
      const site = siteAt(values, fn, code, n);
      if (site) out.push(site);
    }
  }
  return out;
}

export function siteAt(values: Values, fn: Fn, code: Code, n: NodeId): SpawnSite | undefined {
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
    return kind === Kind.MethodCall || kind === Kind.Call ? helperSite(values, fn, code, n) : undefined;
  }
  if (kind === Kind.Call) {
    const callee = code.child(n, Role.Callee);
    if (callee < 0 || (code.kind(callee) !== Kind.Path && code.kind(callee) !== Kind.Name)) return undefined;
    const written = code.name(callee);
    const first = written.split('::')[0] as string;
    const imported = fn.file.importPath(first);
    const path = imported === undefined ? written : imported + written.slice(first.length);
    const known = Object.hasOwn(rustSpawnFunctions, path) ? rustSpawnFunctions[path] : undefined;
    const row = known && rustUnits[known.runs];
    return row ? { fn, node: n, row, verb: written, work: code.child(n, Role.Arg) } : undefined;
  }
  if (kind === Kind.MethodCall && /^(spawn\w*|execute)$/.test(code.name(n))) {
    const object = code.child(n, Role.Object);
    const type = values.typeOf(fn, object);
    const inner = type && peel(type).type;
    const key = inner && !inner.decl ? `${lastSegment(inner.name)}.${code.name(n)}` : '';
    const known = Object.hasOwn(rustSpawnMethods, key) ? rustSpawnMethods[key] : undefined;
    const row = known ? rustUnits[known.runs] : inScope(fn, object) ? rustUnits.thread : undefined;
    const of = known ? lastSegment(inner?.name ?? '') : 'Scope';
    return row ? { fn, node: n, row, verb: `${of}::spawn`, work: code.child(n, Role.Arg) } : undefined;
  }
  return undefined;
}

/** Go: a call of a function that runs its argument in a goroutine, and does not limit how many there are. */
function helperSite(values: Values, fn: Fn, code: Code, n: NodeId): SpawnSite | undefined {
  const { program } = fn.package;
  const name = callName(code, n);
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

function limitIn({ fn, node }: SpawnHelper): SpawnBound | undefined {
  return new SpawnLimits({ fn, node, row: goStatement, verb: 'go', work: -1 }).at(fn, node);
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
