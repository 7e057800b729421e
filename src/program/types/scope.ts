import { type Code, kinds } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { type Fn, groupBy } from '../program.ts';
import { lastSegment } from './types.ts';

const WANTED = kinds(Kind.Closure, Kind.Let, Kind.LetCondition, Kind.Loop, Kind.Arm, Kind.Match);

/** How a name got its value. */
export type BindingSource =
  /** A parameter of the function, by position. */
  | 'parameter'
  /** A parameter of a closure. */
  | 'closure-parameter'
  /** `let x = value`, `if let Some(x) = value`: the name stands for the value (or what an Option or guard holds). */
  | 'value'
  /** One of several values: a tuple's part or Go's second result. */
  | 'part'
  /** An element of what a loop runs over. */
  | 'element'
  | 'unknown';

/** A local name: what it stands for and where it is visible. */
export interface Binding {
  readonly name: string;
  /** The Bind or Name node that introduces it. */
  readonly node: NodeId;
  readonly source: BindingSource;
  /** Its written type, or -1. */
  readonly type: NodeId;
  /** The expression it comes from, or -1. */
  readonly value: NodeId;
  /** Position among several results, parameters or tuple parts. */
  readonly index: number;
  /** Visible from `from` (offset, inclusive) to `to` (exclusive). */
  readonly from: number;
  readonly to: number;
}

/** Patterns that hold the very value they match: `Some(x)`, `Ok(x)`. */
const HOLDERS = new Set(
  'Some Ok Err Ready ref State Data Extension Json Query Form Path Occupied Vacant'.split(' '),
);

/** What a `let` condition decides about. */
const USERS: ReadonlySet<Kind> = new Set([Kind.If, Kind.Loop, Kind.Arm]);
/** Where a name that is declared by `let` ends. */
const BLOCKS: ReadonlySet<Kind> = new Set([
  Kind.Block,
  Kind.If,
  Kind.Loop,
  Kind.Match,
  Kind.Arm,
  Kind.Closure,
]);

/** So many names are found as fast one after the other, and a table of them takes more than they do. */
const FEW = 16;

/** The local names of one function, closures included, found by name and position. */
export class Scope {
  readonly #all: readonly Binding[];
  #byName: ReadonlyMap<string, readonly Binding[]> | undefined;

  constructor(fn: Fn) {
    this.#all = new ScopeReader(fn).read();
  }

  /** The binding a name refers to at an offset, or undefined when it is not local. */
  lookup(name: string, at: number): Binding | undefined {
    const list = this.#named(name);
    let best: Binding | undefined;
    for (let i = 0; i < list.length; i++) {
      const b = list[i] as Binding;
      if (b.name === name && b.from <= at && at < b.to && (!best || b.from >= best.from)) best = b;
    }
    return best;
  }

  /** All bindings, in no particular order. */
  all(): readonly Binding[] {
    return this.#all;
  }

  /** The bindings of a name, and perhaps others. */
  #named(name: string): readonly Binding[] {
    if (this.#all.length <= FEW) return this.#all;
    this.#byName ??= groupBy(this.#all, (b) => b.name);
    return this.#byName.get(name) ?? NONE;
  }
}

const NONE: readonly never[] = [];

class ScopeReader {
  readonly #fn: Fn;
  readonly #code: Code;
  readonly #out: Binding[] = [];

  constructor(fn: Fn) {
    this.#fn = fn;
    this.#code = fn.code;
  }

  read(): readonly Binding[] {
    const code = this.#code;
    const { first: body, after } = this.#fn;
    const { start, end } = this.#fn.fact.span;
    this.#fn.fact.params.forEach((p, i) => {
      this.#param(p, 'parameter', i, start, end);
    });
    this.#results(this.#fn.fact.result, start, end);
    for (let n = code.next(WANTED, body, after); n < after; n = code.next(WANTED, n + 1, after)) {
      switch (code.kind(n)) {
        case Kind.Closure:
          this.#closure(n);
          break;
        case Kind.Let:
          this.#let(n);
          break;
        case Kind.LetCondition:
          this.#condition(n);
          break;
        case Kind.Loop:
          this.#loop(n);
          break;
        case Kind.Arm:
          this.#arm(n);
          break;
        case Kind.Match:
          this.#typeSwitch(n);
          break;
      }
    }
    return this.#out.slice();
  }

  // Nothing in the loop above holds on to its node: that would cost an object at each.
  #closure(n: NodeId): void {
    const code = this.#code;
    const params = code.all(n, Role.Param);
    for (let i = 0; i < params.length; i++)
      this.#param(params[i] as NodeId, 'closure-parameter', i, code.start(n), code.end(n));
    this.#results(code.child(n, Role.Result), code.start(n), code.end(n));
  }

  #condition(n: NodeId): void {
    const code = this.#code;
    const user = code.ancestor(n, (a) => USERS.has(code.kind(a)));
    // In the else branch the name means what it meant before.
    const seen = user >= 0 && code.kind(user) === Kind.If ? code.child(user, Role.Then) : user;
    const to = seen < 0 ? this.#fn.fact.span.end : code.end(seen);
    this.#pattern(code.child(n, Role.Pattern), {
      source: 'value',
      type: -1,
      value: code.child(n, Role.Value),
      index: 0,
      from: code.end(n),
      to,
    });
  }

  #param(p: NodeId, source: BindingSource, index: number, from: number, to: number): void {
    const code = this.#code;
    const type = code.child(p, Role.Type);
    const at = { source, type, value: -1, index, from, to };
    if (code.kind(p) !== Kind.Param) {
      this.#pattern(p, at);
      return;
    }
    const after = code.after(p);
    for (let c = p + 1; c < after; c = code.after(c)) if (code.role(c) === Role.Pattern) this.#pattern(c, at);
  }

  /** Go's named results. */
  #results(result: NodeId, from: number, to: number): void {
    const code = this.#code;
    if (result < 0 || !code.is(result, Kind.Type, 'tuple')) return;
    for (const p of code.children(result))
      if (code.kind(p) === Kind.Param) this.#param(p, 'unknown', 0, from, to);
  }

  /** Go's `switch v := x.(type)`: in each case `v` has the case's type, or that of `x` where there are several. */
  #typeSwitch(n: NodeId): void {
    const code = this.#code;
    const name = code.child(n, Role.Pattern);
    if (name < 0) return;
    for (const arm of code.all(n, Role.Arm)) {
      const [only, ...more] = code.all(arm, Role.Pattern);
      const typed = only !== undefined && more.length === 0 && code.kind(only) === Kind.Type;
      this.#pattern(name, {
        source: 'value',
        type: typed ? only : -1,
        value: code.child(n, Role.Subject),
        index: 0,
        from: code.start(arm),
        to: code.end(arm),
      });
    }
  }

  #let(n: NodeId): void {
    const code = this.#code;
    const patterns = code.all(n, Role.Pattern);
    const values = code.all(n, Role.Value);
    const type = code.child(n, Role.Type);
    const block = code.ancestor(n, (a) => BLOCKS.has(code.kind(a)));
    const to = block < 0 ? this.#fn.fact.span.end : code.end(block);
    patterns.forEach((pattern, i) => {
      const paired = values.length === patterns.length;
      this.#pattern(pattern, {
        source: values.length === 0 ? 'unknown' : paired || i === 0 ? 'value' : 'part',
        type,
        value: paired ? (values[i] ?? -1) : (values[0] ?? -1),
        index: paired ? 0 : i,
        from: code.end(n),
        to,
      });
    });
  }

  #loop(n: NodeId): void {
    const code = this.#code;
    const patterns = code.all(n, Role.Pattern);
    const iter = code.child(n, Role.Iter);
    patterns.forEach((pattern, i) => {
      // Go: `for i, v := range xs` — the second is the element, and so is the only one of a channel; the only one of
      // anything else is a key or index, which its type tells.
      const go = this.#fn.file.facts.language === 'go';
      const source = !go || i === 1 || patterns.length === 1 ? 'element' : 'part';
      this.#pattern(pattern, {
        source,
        type: -1,
        value: iter,
        index: i,
        from: code.start(pattern),
        to: code.end(n),
      });
    });
  }

  #arm(n: NodeId): void {
    const code = this.#code;
    const match = code.parent(n);
    const subject = match < 0 ? -1 : code.child(match, Role.Subject);
    for (const pattern of code.all(n, Role.Pattern)) {
      if (code.kind(pattern) < Kind.Bind || code.kind(pattern) > Kind.FieldPattern) continue;
      const comm = code.child(n, Role.Comm);
      this.#pattern(pattern, {
        source: 'value',
        type: -1,
        value: comm >= 0 ? comm : subject,
        index: 0,
        from: code.start(pattern),
        to: code.end(n),
      });
    }
  }

  /** Adds the names of a pattern; destructuring makes them parts unless the pattern only unwraps. */
  #pattern(n: NodeId, as: Origin): void {
    if (n < 0) return;
    const code = this.#code;
    const kind = code.kind(n);
    const end = code.after(n);
    if (kind === Kind.Bind || kind === Kind.Name) {
      const name = code.name(n);
      if (name !== '_') this.#out.push(bind(name, n, as));
      if (end === n + 1) return;
      const inside = part(as, 'unknown', as.type, as.index);
      for (let inner = n + 1; inner < end; inner = code.after(inner)) this.#pattern(inner, inside);
      return;
    }
    if (kind === Kind.Destructure) {
      const values = this.#tupleValues(n, as);
      if (values) {
        let at = 0;
        for (let inner = n + 1; inner < end; inner = code.after(inner))
          this.#pattern(inner, { ...as, type: -1, value: values[at++] ?? -1, index: 0 });
        return;
      }
      const holds = HOLDERS.has(lastSegment(code.name(n)));
      let index = 0;
      for (let inner = n + 1; inner < end; inner = code.after(inner)) {
        if (code.kind(inner) === Kind.Type) continue;
        const source = as.source === 'element' ? 'element' : 'part';
        this.#pattern(inner, holds ? as : part(as, source, -1, index));
        index++;
      }
      return;
    }
    const isField = kind === Kind.FieldPattern;
    if (!isField && kind !== Kind.Unary && kind !== Kind.Sequence) return;
    const inside = isField ? part(as, 'part', -1, as.index) : as;
    for (let inner = n + 1; inner < end; inner = code.after(inner)) this.#pattern(inner, inside);
  }

  /** The values of `(Some(map), Some(log)) = (map.upgrade(), log.upgrade())`, one for each part of the pattern. */
  #tupleValues(pattern: NodeId, as: Origin): readonly NodeId[] | undefined {
    const code = this.#code;
    if (as.source !== 'value' || as.value < 0 || !code.is(as.value, Kind.Sequence, 'tuple')) return undefined;
    if (!code.is(pattern, Kind.Destructure, 'tuple')) return undefined;
    const values = code.children(as.value);
    return values.length === code.children(pattern).length ? values : undefined;
  }
}

/** Where the names of a pattern come from: a binding without its name. */
type Origin = Omit<Binding, 'name' | 'node'>;

function part({ value, from, to }: Origin, source: BindingSource, type: NodeId, index: number): Origin {
  return { source, type, value, index, from, to };
}

/** Written out field by field: a spread here, at every name of a workspace, would be a fifth of all work on scopes. */
function bind(name: string, node: NodeId, { source, type, value, index, from, to }: Origin): Binding {
  return { name, node, source, type, value, index, from, to };
}
