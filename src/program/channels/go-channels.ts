import { runsAtOnce } from '../../knowledge/go-channels.ts';
import { onceNames } from '../../knowledge/guards.ts';
import { type Code, kinds } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName, nameOf } from '../calls/call-name.ts';
import { exits } from '../calls/exits.ts';
import { sameText } from '../places/effects.ts';
import type { Fn, Package, Program } from '../program.ts';
import type { Binding } from '../types/scope.ts';
import { Values } from '../types/values.ts';
import { pathExits } from './paths.ts';

const FUNCTION_CALLS = kinds(Kind.Call);

/** What a piece of Go code does with a channel. */
export type ChannelUseKind =
  | 'send'
  | 'receive'
  /** `for v := range c` */
  | 'range'
  | 'close'
  /** Handed to a function of the workspace: see `to`. */
  | 'pass'
  /** `len(c)`, `cap(c)`, `c == nil` */
  | 'measure'
  /** Stored, returned, compared, given to code nobody can read. */
  | 'escape';

export interface ChannelUse {
  readonly kind: ChannelUseKind;
  readonly fn: Fn;
  /** The send, receive, loop or call; for an escape the name itself. */
  readonly node: NodeId;
  /** Another arm of its `select` may run instead. */
  readonly optional: boolean;
  /** The `go` statement of this function in which it runs, or -1. */
  readonly started: NodeId;
  /** It stands in a closure that somebody may call any number of times. */
  readonly callback: boolean;
  /** The parameter it becomes. */
  readonly to?: { readonly fn: Fn; readonly binding: Binding };
}

/** A channel that a function makes and keeps to itself and to what it starts. */
export interface LocalChannel {
  readonly fn: Fn;
  /** The `make` call. */
  readonly make: NodeId;
  readonly binding: Binding;
  /** Size of its buffer; Infinity where it is no literal. */
  readonly room: number;
  /** The block its name lives in: whoever leaves it lets go of the channel. */
  readonly block: NodeId;
  readonly uses: readonly ChannelUse[];
}

const MAX_DEPTH = 4;

/** Channels of Go code and who does what with them. One per program. */
export class GoChannels {
  readonly #values: Values;
  /** By function and the node that declares the name: scopes are made anew, and with them their bindings. */
  readonly #uses = new Map<Fn, Map<NodeId, readonly ChannelUse[]>>();

  constructor(program: Program) {
    this.#values = Values.of(program);
  }

  static of(program: Program): GoChannels {
    return program.derive(makeGoChannels);
  }

  /** The channels that functions of a package make for a local name, outside tests, in source order. */
  localsOf(pkg: Package): LocalChannel[] {
    const out: LocalChannel[] = [];
    for (const fn of pkg.serviceFunctions) {
      const { first: body, after } = fn;
      for (
        let n = fn.code.next(FUNCTION_CALLS, body, after);
        n < after;
        n = fn.code.next(FUNCTION_CALLS, n + 1, after)
      ) {
        if (!isMakeChannel(fn, n)) continue;
        const found = this.#localAt(fn, n);
        if (found) out.push(found);
      }
    }
    return out;
  }

  #localAt(fn: Fn, make: NodeId): LocalChannel | undefined {
    const code = fn.code;
    const declared = code.parent(make);
    if (declared < 0 || code.kind(declared) !== Kind.Let) return undefined;
    const position = code.all(declared, Role.Value).indexOf(make);
    const pattern = code.all(declared, Role.Pattern)[position];
    const block = code.parent(declared);
    if (pattern === undefined || block < 0 || code.kind(block) !== Kind.Block) return undefined;
    const binding = this.#values.scope(fn).lookup(code.name(pattern), code.end(declared));
    if (!binding || binding.node !== pattern) return undefined;
    const size = code.all(make, Role.Arg)[1];
    return {
      fn,
      make,
      binding,
      room: size === undefined ? 0 : literal(fn, size),
      block,
      uses: this.usesOf(fn, binding),
    };
  }

  /** Every place of a function where a local name of a channel stands. */
  usesOf(fn: Fn, binding: Binding): readonly ChannelUse[] {
    let known = this.#uses.get(fn);
    if (!known) {
      known = new Map();
      this.#uses.set(fn, known);
    }
    let uses = known.get(binding.node);
    if (!uses) {
      uses = this.#readUses(fn, binding);
      known.set(binding.node, uses);
    }
    return uses;
  }

  #readUses(fn: Fn, binding: Binding): ChannelUse[] {
    const code = fn.code;
    const scope = this.#values.scope(fn);
    const out: ChannelUse[] = [];
    const { first: body, after } = fn;
    for (let n = body; n < after; n++) {
      if (code.kind(n) !== Kind.Name || code.name(n) !== binding.name) continue;
      if (n === binding.node || scope.lookup(binding.name, code.start(n))?.node !== binding.node) continue;
      out.push(this.#useAt(fn, n, binding));
    }
    return out;
  }

  #useAt(fn: Fn, n: NodeId, binding: Binding): ChannelUse {
    const code = fn.code;
    const up = code.parent(n);
    const role = code.role(n);
    const around = runnerOf(fn, n, binding);
    const use = (kind: ChannelUseKind, node: NodeId, to?: ChannelUse['to']): ChannelUse => ({
      kind,
      fn,
      node,
      optional: isOptional(fn, node),
      ...around,
      ...(to ? { to } : {}),
    });
    const upKind = up < 0 ? undefined : code.kind(up);
    if (upKind === Kind.Send && role === Role.Object) return use('send', up);
    if (upKind === Kind.Unary && code.name(up) === '<-') return use('receive', up);
    if (upKind === Kind.Loop && role === Role.Iter) return use('range', up);
    if (upKind === Kind.Binary && code.is(code.child(up, Role.Right), Kind.Literal, 'nil'))
      return use('measure', up);
    if ((upKind === Kind.Call || upKind === Kind.MethodCall) && role === Role.Arg) {
      if (upKind === Kind.Call) {
        const callee = code.child(up, Role.Callee);
        if (code.is(callee, Kind.Name, 'close')) return use('close', up);
        if (code.is(callee, Kind.Name, 'len') || code.is(callee, Kind.Name, 'cap')) return use('measure', up);
      }
      const to = this.#parameter(fn, up, code.all(up, Role.Arg).indexOf(n));
      if (to) return use('pass', up, to);
    }
    return use('escape', n);
  }

  /** The parameter that an argument becomes, when only one function can be meant. */
  #parameter(fn: Fn, call: NodeId, position: number): ChannelUse['to'] {
    const code = fn.code;
    const callee = code.child(call, Role.Callee);
    if (callee >= 0 && code.kind(callee) === Kind.Closure) {
      const param = code.all(callee, Role.Param)[position];
      const pattern = param === undefined ? -1 : code.child(param, Role.Pattern);
      const binding =
        pattern < 0
          ? undefined
          : this.#values.scope(fn).lookup(code.name(pattern), code.start(code.child(callee, Role.Body)));
      return binding && { fn, binding };
    }
    const targets = this.#values.callees(fn, call);
    const [target] = targets;
    if (!target || targets.length > 1 || target.fact.body < 0) return undefined;
    const param = target.fact.params[position];
    const pattern = param === undefined ? -1 : target.code.child(param, Role.Pattern);
    if (pattern < 0 || target.code.is(param as NodeId, Kind.Param, 'variadic')) return undefined;
    const name = target.code.name(pattern);
    const binding = this.#values.scope(target).lookup(name, target.code.start(target.fact.body));
    return binding && { fn: target, binding };
  }

  /** The uses of a channel in a function and in everything it is handed to; undefined where one of them escapes. */
  reach(fn: Fn, binding: Binding, depth = 0): readonly ChannelUse[] | undefined {
    const out: ChannelUse[] = [];
    for (const use of this.usesOf(fn, binding)) {
      if (use.kind === 'escape' || depth > MAX_DEPTH) return undefined;
      out.push(use);
      if (!use.to) continue;
      const further = this.reach(use.to.fn, use.to.binding, depth + 1);
      if (!further) return undefined;
      out.push(...further);
    }
    return out;
  }

  /**
   * The most values that a piece of code sends where nothing else can happen instead: what it starts counts,
   * Infinity stands for a loop. Undefined where the paths are hidden.
   */
  mostSends(fn: Fn, root: NodeId, binding: Binding, depth = 0): number | undefined {
    return this.#most(fn, root, binding, (u) => (u.kind === 'send' && !u.optional ? 1 : 0), depth);
  }

  /** The most values that a piece of code waits for where nothing else can happen instead. */
  mostReceives(fn: Fn, root: NodeId, binding: Binding, depth = 0): number | undefined {
    const weigh = (u: ChannelUse) =>
      u.kind === 'range' ? Infinity : u.kind === 'receive' && !u.optional ? 1 : 0;
    return this.#most(fn, root, binding, weigh, depth);
  }

  #most(
    fn: Fn,
    root: NodeId,
    binding: Binding,
    weighUse: (use: ChannelUse) => number,
    depth: number,
  ): number | undefined {
    const weights = new Map<NodeId, number>();
    /** Branches that run once, in whatever loop they stand, with what happens in them. */
    const once = new Map<NodeId, Map<NodeId, number>>();
    /** What is done after a panic is done instead of the rest. */
    let rescued = 0;
    let isHidden = depth > MAX_DEPTH;
    for (const use of isHidden ? [] : this.usesOf(fn, binding)) {
      if (!fn.code.within(use.node, root)) continue;
      const inner = use.to;
      const weight = inner
        ? this.#most(inner.fn, bodyFor(fn, use.node, inner), inner.binding, weighUse, depth + 1)
        : weighUse(use);
      if (weight === undefined) isHidden = true;
      else if (weight > 0 && isAfterPanic(fn, use.node, root)) rescued = Math.max(rescued, weight);
      // What a goroutine inside does counts where it is started.
      else if (weight > 0) {
        const at = startedIn(fn, use.node, root);
        const branch = onceAround(fn, at, root);
        let into = branch < 0 ? weights : once.get(branch);
        if (!into) {
          into = new Map();
          once.set(branch, into);
        }
        into.set(at, (into.get(at) ?? 0) + weight);
      }
    }
    if (isHidden) return undefined;
    let single = 0;
    for (const [branch, inside] of once) {
      const exits = pathExits(fn.code, branch, (n) => inside.get(n) ?? 0, 'most');
      if (!exits) return undefined;
      single += Math.max(0, ...exits.map((e) => e.total));
    }
    if (weights.size === 0) return Math.max(rescued, single);
    const found = pathExits(fn.code, root, (n) => weights.get(n) ?? 0, 'most');
    // Without an exit there is a loop that goes on for ever.
    if (found?.length === 0) return Infinity;
    return found && Math.max(rescued, single + Math.max(0, ...found.map((e) => e.total)));
  }
}

/** `defer func() { if r := recover(); r != nil { errs <- r } }()` inside a piece of code. */
function isAfterPanic({ code }: Fn, node: NodeId, root: NodeId): boolean {
  const deferred = code.ancestor(node, (a) => a <= root || code.kind(a) === Kind.Defer);
  for (let n = deferred; n > root && n < node; n++)
    if (code.is(n, Kind.Call) && code.is(code.child(n, Role.Callee), Kind.Name, 'recover')) return true;
  return false;
}

function makeGoChannels(program: Program): GoChannels {
  return new GoChannels(program);
}

/** The code that runs when a channel is handed on: the closure's body or the function's. */
export function bodyFor(fn: Fn, call: NodeId, to: NonNullable<ChannelUse['to']>): NodeId {
  const callee = fn.code.child(call, Role.Callee);
  return to.fn === fn && callee >= 0 && fn.code.kind(callee) === Kind.Closure
    ? fn.code.child(callee, Role.Body)
    : to.fn.fact.body;
}

/** `make(chan T)` or `make(chan T, n)`. */
export function isMakeChannel({ code }: { readonly code: Code }, n: NodeId): boolean {
  if (code.kind(n) !== Kind.Call || !code.is(code.child(n, Role.Callee), Kind.Name, 'make')) return false;
  return code.is(code.child(n, Role.Arg), Kind.Type, 'chan');
}

function literal(fn: Fn, n: NodeId): number {
  const text = fn.code.kind(n) === Kind.Number ? fn.code.name(n) : '';
  return /^\d+$/.test(text) ? Number(text) : Infinity;
}

/**
 * The branch around a node that runs once: `once.Do(func() { errC <- err })`, `if !sent { sent = true; c <- v }`, or what
 * stands behind `if sent { continue }; sent = true`; or -1.
 */
function onceAround(fn: Fn, node: NodeId, root: NodeId): NodeId {
  const code = fn.code;
  for (let n = node, up = code.parent(n); up > root; n = up, up = code.parent(up)) {
    const kind = code.kind(up);
    if (kind === Kind.Closure) {
      const call = code.parent(up);
      const isOnce =
        code.is(call, Kind.MethodCall, 'Do') && onceNames.test(nameOf(code, code.child(call, Role.Object)));
      return isOnce ? code.child(up, Role.Body) : -1;
    }
    if (kind === Kind.Block) {
      for (const test of code.children(up))
        if (test < n && code.kind(test) === Kind.If && exits(code, code.child(test, Role.Then))) {
          const condition = code.child(test, Role.Condition);
          const negated = code.is(condition, Kind.Unary, '!');
          const flag = negated ? code.child(condition, Role.Object) : condition;
          const isFlag = code.kind(flag) === Kind.Name || code.kind(flag) === Kind.Field;
          if (
            isFlag &&
            code
              .children(up)
              .some((s) => s > test && code.kind(s) === Kind.Assign && setsFlag(code, s, flag, !negated))
          )
            return n;
        }
    }
    if (kind !== Kind.If || code.role(n) !== Role.Then) continue;
    for (let m = code.child(up, Role.Condition), end = code.after(m); m >= 0 && m < end; m++) {
      const negated = code.is(m, Kind.Unary, '!');
      const flag = negated ? code.child(m, Role.Object) : m;
      if ((negated || code.role(m) === Role.Condition) && setsFlag(code, n, flag, negated)) return n;
    }
  }
  return -1;
}

/** `sent = true`, `first = false` inside a branch. */
function setsFlag(code: Code, branch: NodeId, flag: NodeId, to: boolean): boolean {
  for (let n = branch; n < code.after(branch); n++)
    if (
      code.kind(n) === Kind.Assign &&
      code.is(code.child(n, Role.Value), Kind.Literal, String(to)) &&
      sameText(code, code.child(n, Role.Target), flag)
    )
      return true;
  return false;
}

/** The outermost `go` statement around a node inside `root`, or the node itself. */
function startedIn(fn: Fn, node: NodeId, root: NodeId): NodeId {
  const code = fn.code;
  let at = node;
  for (let up = code.parent(node); up > root; up = code.parent(up)) if (code.kind(up) === Kind.Spawn) at = up;
  return at;
}

/** The communication of an arm of a `select` that has another arm. */
export function isOptional(fn: Fn, node: NodeId): boolean {
  const code = fn.code;
  let n = node;
  // `case v, ok := <-c:`
  const up = code.parent(n);
  if (up >= 0 && (code.kind(up) === Kind.Let || code.kind(up) === Kind.Assign)) n = up;
  const arm = code.parent(n);
  if (arm < 0 || code.role(n) !== Role.Comm) return false;
  return code.all(code.parent(arm), Role.Arm).length > 1;
}

/** Who runs the code around a node: the outermost goroutine inside the name's own region, or an unknown caller. */
function runnerOf(fn: Fn, node: NodeId, binding: Binding): { started: NodeId; callback: boolean } {
  const code = fn.code;
  let started = -1;
  let callback = false;
  for (let n = node, up = code.parent(n); up >= 0; n = up, up = code.parent(up)) {
    if (code.kind(up) === Kind.Spawn) started = up;
    if (code.kind(up) !== Kind.Closure) continue;
    // The closure that declares the name is where it lives.
    if (code.within(binding.node, up)) break;
    const call = code.parent(up);
    if (code.role(up) === Role.Callee) continue;
    const isCall = code.kind(call) === Kind.Call || code.kind(call) === Kind.MethodCall;
    const name = isCall ? callName(code, call) : '';
    if (isCall && name === 'Go') started = call;
    else if (!isCall || !runsAtOnce.test(name)) callback = true;
  }
  return { started, callback };
}
