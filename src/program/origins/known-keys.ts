import { keyLookups, lookupConversions } from '../../knowledge/keys.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { exits } from '../calls/exits.ts';
import { type PlaceRef, Places } from '../places/places.ts';
import type { Fn, Program } from '../program.ts';
import { lastSegment } from '../types/types.ts';
import { Values } from '../types/values.ts';

/** Something known of a key where a node stands. */
export interface KnownKey {
  readonly key: NodeId;
  /** The container it is in; undefined when it was compared with constants. */
  readonly in: PlaceRef | undefined;
  /** The test that says so. */
  readonly at: NodeId;
}

/** What tests before a node and branches around it say of keys. One per program. */
export class KnownKeys {
  readonly #places: Places;

  constructor(program: Program) {
    this.#places = Places.of(program);
  }

  static of(program: Program): KnownKeys {
    return program.derive(makeKnownKeys);
  }

  /** All that is known of keys when a node runs. */
  at(fn: Fn, node: NodeId): KnownKey[] {
    const code = fn.code;
    const { first: body } = fn;
    const known: KnownKey[] = [];
    for (let n = node, up = code.parent(node); up >= body && up >= 0; n = up, up = code.parent(up)) {
      const role = code.role(n);
      switch (code.kind(up)) {
        case Kind.If:
          if (role === Role.Then) known.push(...this.#facts(fn, code.child(up, Role.Condition), true));
          if (role === Role.Else) known.push(...this.#facts(fn, code.child(up, Role.Condition), false));
          break;
        case Kind.Arm:
          if (role === Role.Body) known.push(...this.#inArm(fn, up));
          break;
        case Kind.Block:
          for (const s of code.children(up)) {
            if (s >= n) break;
            known.push(...this.#behind(fn, s));
          }
          break;
      }
    }
    return known;
  }

  /** Two expressions that stand for the same key: references, copies and conversions to text taken off. */
  same(fn: Fn, a: NodeId, b: NodeId): boolean {
    const code = fn.code;
    const x = bare(fn, a);
    const y = bare(fn, b);
    if (x < 0 || y < 0 || code.kind(x) !== code.kind(y) || code.name(x) !== code.name(y)) return false;
    if (code.kind(x) === Kind.Name) {
      const scope = this.#places.values.scope(fn);
      return (
        scope.lookup(code.name(x), code.start(x))?.node === scope.lookup(code.name(y), code.start(y))?.node
      );
    }
    const inX = code.children(x);
    const inY = code.children(y);
    return (
      [Kind.Field, Kind.Path, Kind.Index, Kind.Call, Kind.MethodCall, Kind.String].includes(
        code.kind(x) as never,
      ) &&
      inX.length === inY.length &&
      inX.every((c, i) => code.kind(c) === Kind.String || this.same(fn, c, inY[i] as NodeId))
    );
  }

  /** What holds behind a statement: the branch that says otherwise has left. */
  #behind(fn: Fn, statement: NodeId): KnownKey[] {
    const code = fn.code;
    switch (code.kind(statement)) {
      case Kind.If: {
        const then = code.child(statement, Role.Then);
        const otherwise = this.#facts(fn, code.child(statement, Role.Condition), false);
        // `if !routes[path] { path = "other" }`
        return exits(code, then) ? otherwise : otherwise.filter(({ key }) => setsToConstant(fn, then, key));
      }
      case Kind.Match:
        return this.#matched(fn, statement);
      case Kind.Let: {
        const value = code.child(statement, Role.Value);
        if (value < 0) return [];
        if (code.kind(value) === Kind.Match) return this.#matched(fn, value);
        // `let Some(limit) = limits.get(&key) else { return };`
        if (code.child(statement, Role.Else) >= 0)
          return this.#held(fn, code.child(statement, Role.Pattern), value);
        return this.#tried(fn, value);
      }
      case Kind.Try:
        return this.#tried(fn, statement);
      default:
        return [];
    }
  }

  /** `limits.get(&key).ok_or(Unknown)?` */
  #tried(fn: Fn, value: NodeId): KnownKey[] {
    const code = fn.code;
    let n = value;
    while (n >= 0 && (code.kind(n) === Kind.Unary || code.kind(n) === Kind.Await))
      n = code.child(n, Role.Object);
    if (n < 0 || code.kind(n) !== Kind.Try) return [];
    for (
      n = code.child(n, Role.Object);
      n >= 0 && code.kind(n) === Kind.MethodCall;
      n = code.child(n, Role.Object)
    ) {
      const found = this.#lookup(fn, n);
      if (found) return [found];
    }
    return [];
  }

  /** `match limits.get(&key) { Some(limit) => limit, None => return }` */
  #matched(fn: Fn, match: NodeId): KnownKey[] {
    const code = fn.code;
    const stays = code.all(match, Role.Arm).filter((arm) => !exits(code, code.child(arm, Role.Body)));
    // `switch method { case "GET", "POST": default: method = "other" }`
    const subject = code.child(match, Role.Subject);
    const kept = stays.filter(
      (arm) => subject < 0 || !setsToConstant(fn, code.child(arm, Role.Body), subject),
    );
    if (kept.length < stays.length && kept.every((arm) => isConstantArm(fn, arm)))
      return [{ key: subject, in: undefined, at: match }];
    const [only, ...others] = stays;
    return only !== undefined && others.length === 0 ? this.#inArm(fn, only) : [];
  }

  #inArm(fn: Fn, arm: NodeId): KnownKey[] {
    const code = fn.code;
    const subject = code.child(code.parent(arm), Role.Subject);
    const patterns = code.all(arm, Role.Pattern);
    const guard = code.child(arm, Role.Guard);
    const known = guard < 0 ? [] : this.#facts(fn, guard, true);
    const [first, ...others] = patterns;
    if (first === undefined) return known;
    if (subject < 0) return others.length === 0 ? [...known, ...this.#facts(fn, first, true)] : known;
    if (patterns.every((p) => isConstantPattern(fn, p)))
      return [...known, { key: subject, in: undefined, at: arm }];
    return others.length === 0 ? [...known, ...this.#held(fn, first, subject)] : known;
  }

  /** `Some(x)` or `Occupied(e)` matched against a look-up. */
  #held(fn: Fn, pattern: NodeId, value: NodeId): KnownKey[] {
    if (pattern < 0 || !/(^|::)(Some|Occupied)$/.test(fn.code.name(pattern))) return [];
    const found = this.#lookup(fn, value);
    return found ? [found] : [];
  }

  /** What follows from a condition being true, or false. */
  #facts(fn: Fn, condition: NodeId, truth: boolean): KnownKey[] {
    if (condition < 0) return [];
    const code = fn.code;
    const name = code.name(condition);
    switch (code.kind(condition)) {
      case Kind.Unary:
        return name === '!' ? this.#facts(fn, code.child(condition, Role.Object), !truth) : [];
      case Kind.Binary: {
        const left = code.child(condition, Role.Left);
        const right = code.child(condition, Role.Right);
        if (name === (truth ? '&&' : '||'))
          return [...this.#facts(fn, left, truth), ...this.#facts(fn, right, truth)];
        if (name !== '==' && name !== '!=') return [];
        const equal = (name === '==') === truth;
        if (code.is(right, Kind.Literal, 'nil')) return equal ? [] : this.#asList(this.#lookup(fn, left));
        return equal && isConstant(fn, right) ? [{ key: left, in: undefined, at: condition }] : [];
      }
      case Kind.LetCondition:
        return truth
          ? this.#held(fn, code.child(condition, Role.Pattern), code.child(condition, Role.Value))
          : [];
      case Kind.MethodCall:
        if (name === 'is_some' || name === 'is_none')
          return (name === 'is_some') === truth
            ? this.#asList(this.#lookup(fn, code.child(condition, Role.Object)))
            : [];
        return truth ? this.#asList(this.#lookup(fn, condition)) : [];
      case Kind.Index:
      case Kind.Name:
        return truth ? this.#asList(this.#lookup(fn, condition)) : [];
      default:
        return [];
    }
  }

  #asList(found: KnownKey | undefined): KnownKey[] {
    return found ? [found] : [];
  }

  /** The key and the container of `m[k]`, `m.get(&k)`, `slices.Contains(list, k)`, or of a name that holds the answer. */
  #lookup(fn: Fn, n: NodeId, depth = 0): KnownKey | undefined {
    if (n < 0 || depth > 3) return undefined;
    const code = fn.code;
    const answer = (object: NodeId, key: NodeId): KnownKey | undefined => {
      const place = object < 0 || key < 0 ? undefined : this.#places.of(fn, object);
      return place && { key, in: place, at: n };
    };
    switch (code.kind(n)) {
      case Kind.Index:
        return answer(code.child(n, Role.Object), code.child(n, Role.Index));
      case Kind.Unary:
      case Kind.Await:
        return this.#lookup(fn, code.child(n, Role.Object), depth + 1);
      case Kind.MethodCall: {
        const object = code.child(n, Role.Object);
        const [first = -1, second = -1] = code.all(n, Role.Arg);
        const name = code.name(n);
        if (/^(copied|cloned|as_ref|as_mut|as_deref)$/.test(name)) return this.#lookup(fn, object, depth + 1);
        if (/^(slices|golang\.org\/x\/exp\/slices)$/.test(this.#places.values.goPackage(fn, object) ?? ''))
          return name === 'Contains' ? answer(first, second) : undefined;
        return keyLookups.test(name) ? answer(object, first) : undefined;
      }
      case Kind.Name: {
        const b = this.#places.values.scope(fn).lookup(code.name(n), code.start(n));
        return b && b.value >= 0 ? this.#lookup(fn, b.value, depth + 1) : undefined;
      }
      default:
        return undefined;
    }
  }
}

function makeKnownKeys(program: Program): KnownKeys {
  return new KnownKeys(program);
}

/** An expression without what only borrows, copies or converts it. */
function bare(fn: Fn, node: NodeId): NodeId {
  const code = fn.code;
  let n = node;
  for (let i = 0; n >= 0 && i < 8; i++) {
    const kind = code.kind(n);
    const passes =
      (kind === Kind.Unary && code.name(n) !== '!' && code.name(n) !== '-') ||
      (kind === Kind.MethodCall && lookupConversions.test(code.name(n)));
    if (!passes) break;
    n = code.child(n, Role.Object);
  }
  return n;
}

/** A literal or a name written like a constant. */
function isConstant(fn: Fn, n: NodeId): boolean {
  const code = fn.code;
  if (n < 0) return false;
  const kind = code.kind(n);
  if (kind === Kind.String || kind === Kind.Number) return true;
  if (kind === Kind.Literal) return code.name(n) !== 'nil';
  // `http.MethodGet`: what another package has under that name is one value, too.
  if (
    kind === Kind.Field &&
    Values.of(fn.package.program).goPackage(fn, code.child(n, Role.Object)) !== undefined
  )
    return true;
  const name =
    kind === Kind.Name || kind === Kind.Path || kind === Kind.Field ? lastSegment(code.name(n)) : '';
  return (
    name !== '' &&
    fn.package.program.packages.some((p) => p.globalsNamed(name).some((g) => g.fact.kind === 'const'))
  );
}

/** A block that leaves one value in the name: `path = "other"`. */
function setsToConstant(fn: Fn, block: NodeId, name: NodeId): boolean {
  const { code } = fn;
  if (block < 0 || code.kind(name) !== Kind.Name) return false;
  for (const n of code.kind(block) === Kind.Block ? code.children(block) : [block])
    if (
      code.kind(n) === Kind.Assign &&
      code.is(code.child(n, Role.Target), Kind.Name, code.name(name)) &&
      isConstant(fn, code.child(n, Role.Value))
    )
      return true;
  return false;
}

function isConstantArm(fn: Fn, arm: NodeId): boolean {
  const patterns = fn.code.all(arm, Role.Pattern);
  return patterns.length > 0 && patterns.every((p) => isConstantPattern(fn, p));
}

function isConstantPattern(fn: Fn, pattern: NodeId): boolean {
  const code = fn.code;
  if (isConstant(fn, pattern)) return true;
  if (code.kind(pattern) !== Kind.Destructure) return false;
  const inner = code.children(pattern);
  if (code.name(pattern) === 'or') return inner.every((p) => isConstantPattern(fn, p));
  return inner.length === 0 && !/(^|::)(None|Vacant)$/.test(code.name(pattern));
}
