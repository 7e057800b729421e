/** What refuses a number that is too large before it is used: comparisons, clamps, checks by helpers and by whoever made it. */
import { errorNames } from '../../knowledge/errors.ts';
import { allowingCalls, checkingMacros, highestNumbers } from '../../knowledge/sizes.ts';
import type { Code } from '../../syntax/code.ts';
import { baseName } from '../../syntax/expressions.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import { answersOf, exits, returnsOf } from '../calls/exits.ts';
import { sameText } from '../places/effects.ts';
import type { Fn, Program } from '../program.ts';
import { Constants } from '../sizes/constants.ts';
import { peel, type TypeRef } from '../types/types.ts';
import { Values } from '../types/values.ts';
import type { Origin } from './origin.ts';

/** Finds what keeps a number small. One per program. */
export class SizeGuards {
  readonly #values: Values;

  constructor(program: Program) {
    this.#values = Values.of(program);
  }

  static of(program: Program): SizeGuards {
    return program.derive(makeSizeGuards);
  }

  /** A comparison with a limit between where a number appears and where it is used. */
  before(fn: Fn, expression: NodeId, declared: NodeId, sink: NodeId): Origin | undefined {
    const code = fn.code;
    const { first: body } = fn;
    const arm = matchedArm(code, expression);
    if (arm >= 0) return { kind: 'bounded', by: `a \`match\` in \`${fn.label}\``, where: fn.place(arm) };
    // `n if n <= MAX => …`
    const guarded = code.ancestor(expression, (a) => {
      const guard = code.kind(a) === Kind.Arm ? code.child(a, Role.Guard) : -1;
      return guard >= 0 && comparesAbove(fn, guard, expression, true);
    });
    if (guarded >= 0) return { kind: 'bounded', by: `a guard in \`${fn.label}\``, where: fn.place(guarded) };
    for (let n = Math.max(body, declared); n < sink; n++) {
      const kind = code.kind(n);
      // `total += n; if total > MAX { return … }`: what is added is no more than the sum.
      if (code.is(n, Kind.Assign, '+=') && fn.package.language === 'go') {
        const total = code.child(n, Role.Target);
        const value = code.child(n, Role.Value);
        if (mentionsSame(code, value, expression) && !sameText(code, total, expression)) {
          const sum = this.before(fn, total, n, sink);
          if (sum) return sum;
        }
      }
      // `end := at + n; if end > len(buf) { return … }`: what is a part of the sum is no more than it.
      if (kind === Kind.Let && fn.package.language === 'go') {
        const value = code.child(n, Role.Value);
        const pattern = code.child(n, Role.Pattern);
        if (
          pattern >= 0 &&
          code.kind(value) === Kind.Binary &&
          /^[+*]$/.test(code.name(value)) &&
          // `n := n + 4` in an inner block is another `n`.
          code.name(pattern) !== code.name(expression) &&
          mentionsSame(code, value, expression)
        ) {
          const sum = this.#guardOfLocal(fn, code.name(pattern), n, sink);
          if (sum) return sum;
        }
      }
      if (kind === Kind.If || kind === Kind.Loop) {
        const condition = code.child(n, Role.Condition);
        if (condition < 0) continue;
        const then = code.child(n, Role.Then);
        // Inside the branch the condition holds; behind a branch that leaves, or in the other one, it does not.
        const holds = kind === Kind.Loop || (then >= 0 && code.within(sink, then));
        const inside = holds || code.within(sink, n);
        if (!inside && !exits(code, then) && !assigns(code, then, expression)) continue;
        const isWrapped = (product: NodeId) => this.#mayWrap(fn, product, expression);
        if (comparesAbove(fn, condition, expression, holds, isWrapped)) return comparedIn(fn, condition);
      } else if (kind === Kind.Match && fn.package.language === 'go' && code.child(n, Role.Subject) < 0) {
        const limit = switchedLimit(fn, n, expression);
        if (limit >= 0) return comparedIn(fn, limit);
      } else if (kind === Kind.Macro && checkingMacros.test(code.name(n))) {
        if (comparesAbove(fn, n, expression, true))
          return { kind: 'bounded', by: `\`${code.name(n)}!\` in \`${fn.label}\``, where: fn.place(n) };
      } else if (kind === Kind.Call || kind === Kind.MethodCall) {
        const helper = this.#guardingHelper(fn, n, expression, sink);
        if (helper) return helper;
      }
    }
    return undefined;
  }

  /**
   * Go: `count*entrySize` of a number of 32 bits that is compared with a limit: what does not fit begins at zero again, so
   * that a number which is far too large passes. One of 64 bits does so unless it was made of fewer.
   */
  #mayWrap(fn: Fn, product: NodeId, expression: NodeId): boolean {
    const { code } = fn;
    if (fn.package.language !== 'go' || !code.is(expression, Kind.Name)) return false;
    if (![Role.Left, Role.Right].some((r) => sameText(code, code.child(product, r), expression)))
      return false;
    const type = this.#values.typeOf(fn, expression);
    const b = this.#values.scope(fn).lookup(code.name(expression), code.start(expression));
    // `binary.BigEndian.Uint32(head)`
    const decoded = code.is(b?.value ?? -1, Kind.MethodCall) ? code.name(b?.value ?? -1) : '';
    const name = type ? peel(type).type.name : '';
    if (/^u?int32$/.test(name) || (name === '' && decoded === 'Uint32')) return true;
    return (
      decoded !== '' && (name === 'uint64' || (name === '' && /^(Uint64|Uvarint|ReadUvarint)$/.test(decoded)))
    );
  }

  /** A comparison of a local that was declared at a node with a limit, before a sink. */
  #guardOfLocal(fn: Fn, name: string, declared: NodeId, sink: NodeId): Origin | undefined {
    const { code } = fn;
    for (let m = code.after(declared); m < sink; m++)
      if (code.is(m, Kind.Name, name)) return this.before(fn, m, code.after(declared), sink);
    return undefined;
  }

  /** `check_len(n)?`, `header.validate()?`: a function of the workspace that compares its parameter, or a field of its own, and fails. */
  #guardingHelper(fn: Fn, call: NodeId, expression: NodeId, sink: NodeId): Origin | undefined {
    const code = fn.code;
    const index = code.all(call, Role.Arg).findIndex((a) => mentionsSame(code, a, expression));
    const isOwn =
      index < 0 &&
      code.kind(call) === Kind.MethodCall &&
      code.kind(expression) === Kind.Field &&
      sameText(code, code.child(call, Role.Object), code.child(expression, Role.Object));
    if (index < 0 && !isOwn)
      return this.#guardOfWhole(fn, call, expression, sink) ?? this.#guardOfMaker(fn, call, expression);
    if (isOwn) return this.#refusalOfField(fn, call, code.name(expression), sink);
    for (const target of this.#values.callees(fn, call)) {
      const p = target.fact.params[index];
      const pattern = p === undefined ? -1 : target.code.child(p, Role.Pattern);
      if (pattern < 0) continue;
      const isTested = (m: NodeId) => target.code.is(m, Kind.Name, target.code.name(pattern));
      const refused = refuses(target, isTested) ?? refusesByAnswer(fn, call, target, isTested, sink);
      if (refused) return refused;
    }
    return undefined;
  }

  /** Go: `if err := valid(h); err != nil { return … }` before `h.n` is used: a function that is given the whole of it. */
  #guardOfWhole(fn: Fn, call: NodeId, expression: NodeId, sink: NodeId): Origin | undefined {
    const { code } = fn;
    if (fn.package.language !== 'go' || !code.is(expression, Kind.Field)) return undefined;
    const whole = code.child(expression, Role.Object);
    const isWhole = (a: NodeId) =>
      sameText(code, code.is(a, Kind.Unary, '&') ? code.child(a, Role.Object) : a, whole);
    const index = code.all(call, Role.Arg).findIndex(isWhole);
    for (const target of index < 0 ? [] : this.#values.callees(fn, call)) {
      const p = target.fact.params[index];
      const given = p === undefined ? '' : target.code.name(target.code.child(p, Role.Pattern));
      const isTested = (m: NodeId) =>
        target.code.is(m, Kind.Field, code.name(expression)) &&
        target.code.is(target.code.child(m, Role.Object), Kind.Name, given);
      const refused = refuses(target, isTested) ?? refusesByAnswer(fn, call, target, isTested, sink);
      if (refused) return refused;
    }
    return undefined;
  }

  /** `header.validate()?`, `if !header.valid() { return … }`: a method that lets a field of its own only be so large. */
  #refusalOfField(fn: Fn, call: NodeId, field: string, sink: NodeId): Origin | undefined {
    for (const target of this.#values.callees(fn, call)) {
      const isTested = (m: NodeId) => isOwnField(target, m, field);
      const refused =
        refuses(target, isTested) ??
        this.#ownRefusal(target, field) ??
        refusesByAnswer(fn, call, target, isTested, sink);
      if (refused) return refused;
    }
    return undefined;
  }

  /** Go: `h, err := readHeader(conn)`, which gives what it has made only where a field of it, `h.Length`, is small enough. */
  #guardOfMaker(fn: Fn, call: NodeId, expression: NodeId): Origin | undefined {
    const { code } = fn;
    const made = code.child(expression, Role.Object);
    const holder = code.parent(call);
    if (fn.package.language !== 'go' || !code.is(expression, Kind.Field) || !code.is(made, Kind.Name))
      return undefined;
    if (!code.is(holder, Kind.Let) || !code.is(code.child(holder, Role.Pattern), Kind.Bind, code.name(made)))
      return undefined;
    const [maker, ...others] = this.#values.callees(fn, call);
    if (!maker || others.length > 0) return undefined;
    const c = maker.code;
    const field = code.name(expression);
    let found: Origin | undefined;
    for (const answer of answersOf(maker, 0)) {
      if (c.is(answer, Kind.Literal, 'nil')) continue;
      const by = this.#guardBefore(maker, baseName(c, answer), field, answer);
      if (!by) return undefined;
      found = by;
    }
    return found;
  }

  /** A field of a local is small enough where a node is reached, by a branch or a method of its own. */
  #guardBefore(fn: Fn, local: string, field: string, sink: NodeId): Origin | undefined {
    const { code } = fn;
    const isTested = (m: NodeId) =>
      code.is(m, Kind.Field, field) && code.is(code.child(m, Role.Object), Kind.Name, local);
    const refused = local === '' ? undefined : refuses(fn, isTested);
    if (refused || local === '') return refused;
    // `return h, h.validate()`
    const answer = code.is(code.parent(sink), Kind.Return) ? code.after(code.parent(sink)) : sink;
    for (let n = fn.first; n < answer; n++) {
      if (!code.is(n, Kind.MethodCall) || !code.is(code.child(n, Role.Object), Kind.Name, local)) continue;
      const by = this.#refusalOfField(fn, n, field, sink);
      if (by) return by;
    }
    return undefined;
  }

  /** `h.read(conn)`, which ends with `return h.validate()`: another method of the same value that refuses its field. */
  #ownRefusal(method: Fn, field: string): Origin | undefined {
    const { code } = method;
    for (let n = method.first; n < method.after; n++) {
      if (code.kind(n) !== Kind.MethodCall) continue;
      if (!code.is(code.child(n, Role.Object), Kind.Name, method.fact.receiver)) continue;
      for (const target of this.#values.callees(method, n)) {
        const refused = refuses(target, (m) => isOwnField(target, m, field));
        if (refused) return refused;
      }
    }
    return undefined;
  }

  /**
   * Rust: `let header = Self { size: n, … };` and then `header.validate()?` or `if header.size > MAX { return Err(…) }`: what is
   * made is refused where the field is too large.
   */
  afterMaking(fn: Fn, value: NodeId, field: string): Origin | undefined {
    const { code } = fn;
    if (fn.package.language !== 'rust') return undefined;
    const made = code.ancestor(value, (a) => code.kind(a) === Kind.Let);
    const pattern = made < fn.first ? -1 : code.child(made, Role.Pattern);
    if (pattern < 0 || !code.is(code.child(made, Role.Value), Kind.Composite)) return undefined;
    const block = code.parent(made);
    for (let n = code.after(made); n < code.after(block); n++) {
      if (
        code.is(n, Kind.Field, field) &&
        code.is(code.child(n, Role.Object), Kind.Name, code.name(pattern))
      ) {
        const branch = code.ancestor(n, (a) => code.kind(a) === Kind.If);
        const condition = branch < code.after(made) ? -1 : code.child(branch, Role.Condition);
        const refused =
          condition >= 0 &&
          code.parent(branch) === block &&
          code.within(n, condition) &&
          exits(code, code.child(branch, Role.Then)) &&
          comparesAbove(fn, condition, n, false);
        if (refused) return comparedIn(fn, condition);
      }
      if (code.kind(n) !== Kind.MethodCall || code.kind(code.parent(n)) !== Kind.Try) continue;
      if (!code.is(code.child(n, Role.Object), Kind.Name, code.name(pattern))) continue;
      for (const target of this.#values.callees(fn, n)) {
        const where = refuses(target, (m) => isOwnField(target, m, field));
        if (where) return where;
      }
    }
    return undefined;
  }

  /** Rust: `#[serde(try_from = "u32")] struct Count(u32)`, whose `try_from` refuses what is too large. */
  whenMade(type: TypeRef): Origin | undefined {
    const { decl } = peel(type).type;
    if (!decl?.fact.attributes.some((a) => /^serde\b.*\btry_from\b/s.test(a))) return undefined;
    for (const target of decl.file.package.methodsOf(decl.fact.name, 'try_from')) {
      const { code, fact } = target;
      const param = fact.params[0];
      const name = param === undefined ? '' : code.name(code.child(param, Role.Pattern));
      const refused = name === '' ? undefined : refuses(target, (m) => code.is(m, Kind.Name, name));
      if (refused) return refused;
    }
    return undefined;
  }

  /** Rust: `let claim = Claim::parse(&mut raw)?.within(limits)?`, which gives itself back where its fields are small enough. */
  onTheWay(fn: Fn, object: NodeId, field: string): Origin | undefined {
    const { code } = fn;
    const b =
      fn.package.language === 'rust' && code.is(object, Kind.Name)
        ? this.#values.scope(fn).lookup(code.name(object), code.start(object))
        : undefined;
    let n = b?.source === 'value' ? b.value : -1;
    while (n >= 0) {
      const kind = code.kind(n);
      if (kind !== Kind.Try && kind !== Kind.Await && kind !== Kind.MethodCall) return undefined;
      for (const target of kind === Kind.MethodCall ? this.#values.callees(fn, n) : []) {
        const derived = namesMadeOf(target, field);
        const isTested = (m: NodeId) =>
          isOwnField(target, m, field) || (target.code.is(m, Kind.Name) && derived.has(target.code.name(m)));
        const refusal = refuses(target, isTested);
        if (refusal) return refusal;
      }
      n = code.child(n, Role.Object);
    }
    return undefined;
  }
}

/** `if !fits(n, len(b)) { return … }`, where `fits` is one comparison. */
function refusesByAnswer(
  fn: Fn,
  call: NodeId,
  target: Fn,
  isTested: (m: NodeId) => boolean,
  sink: NodeId,
): Origin | undefined {
  const { code } = target;
  const answer = answerLetIn(fn.code, call, sink);
  for (const value of answer === undefined ? [] : returnsOf(target, 0))
    for (let m = value; m < code.after(value); m++)
      if (isTested(m) && comparesAbove(target, value, m, answer === true)) return comparedIn(target, value);
  return undefined;
}

/** What a call in the condition of a branch must have answered where a node is reached; undefined where either will do. */
function answerLetIn(code: Code, call: NodeId, node: NodeId): boolean | undefined {
  const branch = code.ancestor(call, (a) => code.kind(a) === Kind.If);
  const condition = branch < 0 ? -1 : code.child(branch, Role.Condition);
  if (condition < 0 || !code.within(call, condition)) return undefined;
  const then = code.child(branch, Role.Then);
  const isInside = code.within(node, then);
  if (!isInside && (code.within(node, branch) || !exits(code, then))) return undefined;
  let negated = false;
  for (let n = call; n !== condition; n = code.parent(n)) {
    const up = code.parent(n);
    if (code.is(up, Kind.Unary, '!')) negated = !negated;
    // Inside its branch every part of `a && b` holds, and behind a branch that leaves no part of `a || b`.
    else if (!code.is(up, Kind.Binary, isInside ? '&&' : '||')) return undefined;
  }
  return isInside !== negated;
}

/** `self.size` */
function isOwnField({ code, fact }: Fn, n: NodeId, field: string): boolean {
  return code.is(n, Kind.Field, field) && code.is(code.child(n, Role.Object), Kind.Name, fact.receiver);
}

/** `let pixels = self.width * self.height`: the locals of a method that are made of a field of its own. */
function namesMadeOf(fn: Fn, field: string): ReadonlySet<string> {
  const { code, first, after } = fn;
  const names = new Set<string>();
  for (let n = first; n < after; n++) {
    if (code.kind(n) !== Kind.Let) continue;
    const value = code.child(n, Role.Value);
    for (let m = value; value >= 0 && m < code.after(value); m++)
      if (isOwnField(fn, m, field)) names.add(code.name(code.child(n, Role.Pattern)));
  }
  return names;
}

/** A branch that a function leaves when something is too large. */
function refuses(target: Fn, isTested: (m: NodeId) => boolean): Origin | undefined {
  const { code } = target;
  const { first: body, after } = target;
  for (let n = body; n < after; n++) {
    const kind = code.kind(n);
    if (kind !== Kind.If && kind !== Kind.Arm) continue;
    // Go: `switch { case h.Length > maxRecord: return errTooLarge }`
    const condition = code.child(n, kind === Kind.If ? Role.Condition : Role.Pattern);
    const then = code.child(n, kind === Kind.If ? Role.Then : Role.Body);
    if (condition < 0 || then < 0 || !(exits(code, then) || fails(code, then))) continue;
    for (let m = condition; m < code.after(condition); m++)
      if (isTested(m) && comparesAbove(target, condition, m, false)) return comparedIn(target, condition);
  }
  return undefined;
}

/** Go: `err = fmt.Errorf(…)` at the end of a branch, which the function then returns. */
function fails(code: Code, block: NodeId): boolean {
  const last = code.is(block, Kind.Block) ? (code.children(block).at(-1) ?? -1) : -1;
  return (
    code.is(last, Kind.Assign, '=') &&
    errorNames.test(code.name(code.child(last, Role.Target))) &&
    !code.is(code.child(last, Role.Value), Kind.Literal, 'nil')
  );
}

/** Go: `switch { case n > max: n = max }`: the case in which a number that is too large is refused or made smaller, or -1. */
function switchedLimit(fn: Fn, match: NodeId, expression: NodeId): NodeId {
  const { code } = fn;
  for (const arm of code.all(match, Role.Arm)) {
    const body = code.child(arm, Role.Body);
    if (!exits(code, body) && !assigns(code, body, expression)) continue;
    const limit = code.all(arm, Role.Pattern).find((p) => comparesAbove(fn, p, expression, false));
    if (limit !== undefined) return limit;
  }
  return -1;
}

/** Behind the assignment to a field a branch that the field is too large for leaves, or sets it to something else. */
export function clampedAfter(fn: Fn, target: NodeId, assign: NodeId): Origin | undefined {
  const { code } = fn;
  for (let n = code.after(assign); n < fn.after; n++) {
    if (code.kind(n) !== Kind.If) continue;
    const condition = code.child(n, Role.Condition);
    const then = code.child(n, Role.Then);
    if (condition < 0 || !(exits(code, then) || assigns(code, then, target))) continue;
    if (comparesAbove(fn, condition, target, false)) return comparedIn(fn, condition);
  }
  return undefined;
}

/**
 * The condition, which `holds` or does not, says that the expression is not above something that can be a limit:
 * `n > MAX` when it does not hold, `n <= MAX` when it does.
 */
export function comparesAbove(
  fn: Fn,
  root: NodeId,
  expression: NodeId,
  holds: boolean,
  isWrapped: (product: NodeId) => boolean = () => false,
): boolean {
  const { code } = fn;
  for (let n = root; n < code.after(root); n++) {
    if (
      (code.kind(n) === Kind.MethodCall || code.kind(n) === Kind.Call) &&
      allowingCalls.test(callName(code, n)) &&
      code.all(n, Role.Arg).some((a) => mentionsSame(code, a, expression))
    )
      return true;
    const operator = code.kind(n) === Kind.Binary ? code.name(n) : '';
    if (!/^([<>]=?|[!=]=)$/.test(operator)) continue;
    const left = code.child(n, Role.Left);
    const right = code.child(n, Role.Right);
    const onLeft = mentionsSame(code, left, expression);
    if (!onLeft && !mentionsSame(code, right, expression)) continue;
    const other = onLeft ? right : left;
    const side = onLeft ? left : right;
    if (code.is(side, Kind.Binary, '*') && isWrapped(side)) continue;
    const equal = operator === (holds ? '==' : '!=');
    const below = /^[<>]/.test(operator) && (operator.startsWith('<') === onLeft) === holds;
    const negated = code.kind(code.parent(n)) === Kind.Unary;
    if (!equal && !below && !negated) continue;
    // Against zero or one it is a test for something, not for too much.
    if (code.kind(other) === Kind.Number && /^[01]$/.test(code.name(other))) continue;
    if (fitsOnlyNumber(fn, other)) continue;
    return true;
  }
  return false;
}

/** More than this is no limit: who compares with it asks whether a number fits another type. */
const GIBIBYTE = 1n << 30n;

/** Go: `math.MaxInt32`, `1<<31 - 1`, `maxInt`: what is no more than that fits a number, not the memory. */
export function fitsOnlyNumber(fn: Fn, limit: NodeId): boolean {
  const { code } = fn;
  if (fn.package.language !== 'go') return false;
  if (highestNumbers.test(code.name(limit)) && code.kind(limit) === Kind.Field) return true;
  const { value, exact, settings } = Constants.of(fn.package.program).in(fn, limit);
  return exact && settings.length === 0 && value !== undefined && value > GIBIBYTE;
}

/** The arm of a `match` on the expression itself that it stands in, when the arm's pattern is a range or number; or -1. */
function matchedArm(code: Code, expression: NodeId): NodeId {
  return code.ancestor(expression, (a) => {
    if (code.kind(a) !== Kind.Arm) return false;
    const subject = code.child(code.parent(a), Role.Subject);
    const patterns = code.all(a, Role.Pattern);
    const limits =
      patterns.length > 0 &&
      patterns.every((p) => code.kind(p) !== Kind.Bind && code.kind(p) !== Kind.Wildcard);
    return limits && subject >= 0 && sameText(code, subject, expression);
  });
}

/** A plain expression stands somewhere in another. */
export function mentionsSame(code: Code, root: NodeId, expression: NodeId): boolean {
  for (let n = root; n < code.after(root); n++) if (sameText(code, n, expression)) return true;
  return false;
}

function assigns(code: Code, block: NodeId, expression: NodeId): boolean {
  if (block < 0) return false;
  for (let n = block; n < code.after(block); n++)
    if (code.kind(n) === Kind.Assign && code.all(n, Role.Target).some((t) => sameText(code, t, expression)))
      return true;
  return false;
}

/** A number is no larger than what it is compared with at a node. */
function comparedIn(fn: Fn, at: NodeId): Origin {
  return { kind: 'bounded', by: `a comparison in \`${fn.label}\``, where: fn.place(at) };
}

function makeSizeGuards(program: Program): SizeGuards {
  return new SizeGuards(program);
}
