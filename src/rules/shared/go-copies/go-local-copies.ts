import type { Fn } from '../../../program/program.ts';
import type { Binding } from '../../../program/types/scope.ts';
import type { Values } from '../../../program/types/values.ts';
import { Kind, type NodeId, Role } from '../../../syntax/node.ts';
import { blockStatement, inClosure, isTarget, lastMoment, rootOf, usesOf } from '../go-locals.ts';
import { type CopyScene, type Rewrite, smallSize } from './go-copies.ts';
import { type Form, short } from './go-text-forms.ts';

/** Go: a local that holds a conversion, `k := string(b)`. */
export class LocalCopies {
  readonly #scene: CopyScene;
  readonly #fn: Fn;
  readonly #values: Values;

  constructor(scene: CopyScene) {
    this.#scene = scene;
    this.#fn = scene.fn;
    this.#values = scene.values;
  }

  /** `k := string(b)` or `d := []byte(s)`. True when the case is decided. */
  localCopy(n: NodeId, source: NodeId, shape: 'text' | 'bytes'): boolean {
    const { code } = this.#fn;
    const binding = this.#scene.bindingOf(n);
    if (!binding) return false;
    const statement = code.parent(n);
    const uses = usesOf(this.#values, this.#fn, binding);
    if (uses.length === 0) return true;
    if (uses.some((u) => isTarget(this.#fn, u) || this.#scene.isWritten(u))) {
      this.#scene.exempt('copy-changes', n, {});
      return true;
    }
    if (uses.some((u) => inClosure(this.#fn, u, n))) {
      this.#scene.exempt('kept', n, { how: 'a function literal holds it' });
      return true;
    }
    const plain = rootOf(this.#fn, source) >= 0;
    const conversion = this.#scene.text.textOf(n);
    // An operand with a call is evaluated once: the name then stands for the original.
    const original = plain ? this.#scene.text.textOf(source) : binding.name;
    const written = plain ? conversion : `${conversion.slice(0, conversion.indexOf('('))}(${binding.name})`;
    const exact = shape === 'bytes' || this.#scene.isPlainBytes(source);
    const forms = uses.map((u) =>
      shape === 'text'
        ? this.#scene.text.ofBytes(u, original, written, exact)
        : this.#scene.text.ofText(u, original, written),
    );
    const open = uses.filter((_, i) => !forms[i]);
    const bound = uses.map((u) => lastMoment(this.#fn, u, statement));
    const region = { from: code.end(statement), to: Math.max(...bound) };
    const immutable = shape === 'bytes';
    if (open.length === 0) {
      if (this.#scene.isChanged(n, source, region, immutable)) return true;
      if (shape === 'bytes' && forms.every((f) => f?.free)) {
        this.#scene.exempt('compiler', n, { why: forms[0]?.free ?? '' });
        return true;
      }
      const small = smallSize(this.#fn, source);
      if (small !== undefined) {
        this.#scene.exempt('small', n, { bytes: small });
        return true;
      }
      this.#scene.find(
        n,
        'local',
        { name: binding.name, source: this.#scene.short(source) },
        this.#readOriginal(n, source, binding, forms as Form[], plain),
        // Short text that is only compared is copied to the stack.
        { minor: forms.every((f) => f?.minor || f?.trivial || (f?.free && !f.lookup)) },
      );
      return true;
    }
    if (shape === 'bytes' || !plain || !this.#missedLookup(n, source, binding, uses, forms))
      this.#scene.exempt('kept', n, { how: this.#scene.use(open[0] as NodeId) });
    return true;
  }

  /** The fix of a copy in a local: every use reads the original, and the local goes, or holds the original. */
  #readOriginal(
    n: NodeId,
    source: NodeId,
    binding: Binding,
    forms: readonly Form[],
    plain: boolean,
  ): Rewrite | undefined {
    const { code } = this.#fn;
    const statement = code.parent(n);
    const edits = forms.flatMap((f) => f.edits);
    const first = plain
      ? this.#scene.removeStatement(statement)
      : { start: code.start(n), end: code.end(n), newText: this.#scene.text.textOf(source) };
    const add = [...new Set(forms.flatMap((f) => (f.add ? [f.add] : [])))];
    const gone = forms.flatMap((f) => f.gone);
    if (!first || add.length > 1 || new Set(gone.map((g) => code.name(g))).size > 1) return undefined;
    return {
      title: plain
        ? `Read \`${this.#scene.short(source)}\` instead of \`${binding.name}\``
        : `Keep \`${binding.name}\` as it is`,
      edits: [first, ...edits],
      gone,
      add: add[0],
      uses: forms.find((f) => f.uses)?.uses,
      applicability: 'machine-applicable',
    };
  }

  /**
   * A key that is made for a lookup and needed only when the lookup fails: the conversion can wait until then. The
   * other uses stand in one branch of an `if`, or behind an `if` that leaves.
   */
  #missedLookup(
    n: NodeId,
    source: NodeId,
    binding: Binding,
    uses: readonly NodeId[],
    forms: readonly (Form | undefined)[],
  ): boolean {
    const { code } = this.#fn;
    const statement = code.parent(n);
    const block = code.parent(statement);
    if (code.kind(block) !== Kind.Block || blockStatement(this.#fn, n) !== statement) return false;
    const firstOpen = uses.find((_, i) => !forms[i]) as NodeId;
    const before = uses.filter((u, i) => forms[i]?.free && code.start(u) < code.start(firstOpen));
    const lookup = uses.find((u, i) => forms[i]?.lookup && code.start(u) < code.start(firstOpen));
    if (lookup === undefined) return false;
    const branch = this.#branchOf(lookup, firstOpen, uses, block);
    const to = Math.max(...uses.map((u) => lastMoment(this.#fn, u, statement)));
    if (!branch) return false;
    if (uses.some((u) => !before.includes(u) && !branch.later(u))) return false;
    if (this.#scene.isChanged(n, source, { from: code.end(statement), to }, false)) return true;
    if (smallSize(this.#fn, source) !== undefined) return false;
    const removed = this.#scene.removeStatement(statement);
    const inline = uses.filter((u) => !before.includes(u));
    const conversion = this.#scene.text.textOf(n);
    const moved: Form['edits'] =
      inline.length === 1
        ? [this.#scene.replace(inline[0] as NodeId, conversion)]
        : [this.#scene.insertBefore(branch.first, `${binding.name} := ${conversion}`)];
    const edits = [
      ...(removed ? [removed] : []),
      ...before.map((u) => this.#scene.replace(u, conversion)),
      ...moved,
    ];
    this.#scene.find(
      n,
      'missed',
      { name: binding.name, source: this.#scene.short(source) },
      removed
        ? {
            title: `Look up \`${short(conversion)}\` and make \`${binding.name}\` only when it is missing`,
            edits,
            gone: [],
            applicability: 'machine-applicable',
          }
        : undefined,
      {
        related: {
          at: this.#fn.place(lookup),
          message: 'a lookup with the conversion in place copies nothing',
        },
      },
    );
    return true;
  }

  /** Where the uses begin that run only when a lookup failed; undefined when that cannot be seen. */
  #branchOf(
    lookup: NodeId,
    open: NodeId,
    uses: readonly NodeId[],
    block: NodeId,
  ): { readonly first: NodeId; readonly later: (use: NodeId) => boolean } | undefined {
    const { code } = this.#fn;
    const names = new Set<string>();
    const bound = code.ancestor(lookup, (a) => code.kind(a) === Kind.Let || code.kind(a) === Kind.Assign);
    const found = bound >= 0 && code.within(bound, block) ? bound : lookup;
    if (found === bound)
      for (const c of code.children(bound))
        if (code.role(c) !== Role.Value && code.name(c)) names.add(code.name(c));
    const decides = (branch: NodeId): boolean => {
      const condition = code.child(branch, Role.Condition);
      if (condition >= 0 && code.within(lookup, condition)) return true;
      for (let i = condition; i >= 0 && i < code.after(condition); i++)
        if (code.kind(i) === Kind.Name && names.has(code.name(i))) return true;
      return false;
    };
    // `if !ok { … }`: everything else stands inside.
    const inside = code.ancestor(open, (a) => code.kind(a) === Kind.If && decides(a));
    if (inside >= 0 && code.within(inside, block)) {
      const then = [code.child(inside, Role.Then), code.child(inside, Role.Else)].find(
        (b) => b >= 0 && code.kind(b) === Kind.Block && code.within(open, b),
      );
      const first = then === undefined ? undefined : code.children(then)[0];
      if (then !== undefined && first !== undefined) return { first, later: (u) => code.within(u, then) };
    }
    // `if ok { return … }`: what follows runs only without.
    for (const leaving of code.children(block)) {
      if (code.kind(leaving) !== Kind.If || !decides(leaving) || code.child(leaving, Role.Else) >= 0)
        continue;
      if (code.start(leaving) > code.start(open) || code.end(leaving) < code.end(found)) continue;
      const then = code.child(leaving, Role.Then);
      const last = then < 0 ? undefined : code.children(then).at(-1);
      if (last === undefined || !isUsualExit(this.#fn, then, last, names)) continue;
      if (uses.some((u) => code.within(u, then))) continue;
      const next = code.children(block).find((s) => code.start(s) >= code.end(leaving));
      if (next !== undefined) return { first: next, later: (u) => code.start(u) >= code.end(leaving) };
    }
    return undefined;
  }
}

/** Leaving because a lookup found something: with what it found, or with nothing. Leaving with an error is rare. */
function isUsualExit(fn: Fn, block: NodeId, statement: NodeId, found: ReadonlySet<string>): boolean {
  const { code } = fn;
  const kind = code.kind(statement);
  if (kind === Kind.Continue) return true;
  if (kind !== Kind.Return) return false;
  if (code.child(statement, Role.Value) < 0) return code.children(block).length === 1;
  for (let n = statement; n < code.after(statement); n++)
    if (code.kind(n) === Kind.Name && found.has(code.name(n))) return true;
  return false;
}
