/** Where a thing is made that a program hands on and shares: a semaphore, a channel, an end of one. */
import { Calls } from '../../program/calls/calls.ts';
import { returnsOf } from '../../program/calls/exits.ts';
import { Writes } from '../../program/places/writes.ts';
import type { Fn, SourceFile } from '../../program/program.ts';
import { Values } from '../../program/types/values.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';

/** The call that makes it. */
export interface Maker {
  readonly file: SourceFile;
  /** The function it stands in; undefined in the value of a global. */
  readonly fn: Fn | undefined;
  readonly node: NodeId;
}

/** Names, fields, parameters and functions between a use and where it is made. */
const MAX_STEPS = 8;
/** Methods that give the same thing again. */
const SAME = /^(clone|as_ref|to_owned|into|unwrap|expect|get|get_or_init)$/;
/** What wraps it, or gives it again, by the last two names of a path. */
const WRAPPERS = /^((Arc|Rc|Box|LazyLock|Lazy|OnceLock|OnceCell|Some|Ok)(::(new|clone|from))?)$/;

/** Follows an expression back to the one call that makes what it stands for, or undefined where there are several or none. */
export function makerOf(fn: Fn, from: NodeId, steps = 0): Maker | undefined {
  const { code, file } = fn;
  if (from < 0 || steps > MAX_STEPS) return undefined;
  const next = (role: Role) => makerOf(fn, code.child(from, role), steps + 1);
  switch (code.kind(from)) {
    case Kind.Unary:
    case Kind.Try:
      return next(Role.Object);
    case Kind.MethodCall:
      return SAME.test(code.name(from)) ? next(Role.Object) : madeBy(fn, from, steps);
    case Kind.Call: {
      const callee = code.child(from, Role.Callee);
      const isWrapped = callee >= 0 && WRAPPERS.test(code.name(callee).split('::').slice(-2).join('::'));
      return isWrapped ? next(Role.Arg) : madeBy(fn, from, steps);
    }
    case Kind.Closure:
      return next(Role.Body);
    case Kind.Name:
      return ofName(fn, from, steps);
    case Kind.Path:
      return ofGlobal(fn, from, steps);
    case Kind.Field: {
      const { program } = fn.package;
      const decl = Values.of(program).declOf(fn, code.child(from, Role.Object));
      const [write, ...others] = decl ? Writes.of(program).toField(decl, code.name(from)) : [];
      if (!write || others.length > 0) return undefined;
      return write.fn ? makerOf(write.fn, write.value, steps + 1) : { ...write, node: write.value };
    }
    default:
      return code.kind(from) === Kind.Block
        ? makerOf(fn, code.children(from).at(-1) ?? -1, steps + 1)
        : { file, fn, node: from };
  }
}

/** A function of the workspace makes it for its caller, `ingest::queue()`; any other call makes it itself. */
function madeBy(fn: Fn, call: NodeId, steps: number): Maker | undefined {
  const values = Values.of(fn.package.program);
  const [target, ...others] = values.isGuess(fn, call) ? [] : values.callees(fn, call);
  if (!target || others.length > 0) return { file: fn.file, fn, node: call };
  const [value, ...more] = returnsOf(target, 0);
  return value !== undefined && more.length === 0 ? makerOf(target, value, steps + 1) : undefined;
}

function ofName(fn: Fn, name: NodeId, steps: number): Maker | undefined {
  const { code } = fn;
  const { program } = fn.package;
  const binding = Values.of(program).scope(fn).lookup(code.name(name), code.start(name));
  if (!binding) return ofGlobal(fn, name, steps);
  // The ends of a channel are parts of what makes both.
  if (binding.source === 'value' || binding.source === 'part') return makerOf(fn, binding.value, steps + 1);
  if (binding.source !== 'parameter') return undefined;
  const sites = Calls.of(program).sitesOf(fn);
  const [site, ...others] = sites.filter((s) => !s.fn.isTest);
  if (site?.kind !== 'call' || others.length > 0) return undefined;
  return makerOf(site.fn, site.fn.code.all(site.node, Role.Arg)[binding.index] ?? -1, steps + 1);
}

/** A package variable or a static: the call in its value that is wrapped in nothing more. */
function ofGlobal(fn: Fn, name: NodeId, steps: number): Maker | undefined {
  const global = fn.package.globalMeant(fn.file, fn.code.name(name));
  if (!global || global.fact.value < 0) return undefined;
  const { code } = global.file;
  let value = global.fact.value;
  for (; steps <= MAX_STEPS; steps++) {
    const callee = code.is(value, Kind.Call) ? code.child(value, Role.Callee) : -1;
    if (code.kind(value) === Kind.Closure) value = code.child(value, Role.Body);
    else if (callee >= 0 && WRAPPERS.test(code.name(callee).split('::').slice(-2).join('::')))
      value = code.child(value, Role.Arg);
    else break;
  }
  return { file: global.file, fn: undefined, node: value };
}
