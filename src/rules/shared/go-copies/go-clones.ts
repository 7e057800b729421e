import type { Fn } from '../../../program/program.ts';
import type { Binding } from '../../../program/types/scope.ts';
import type { Values } from '../../../program/types/values.ts';
import { Kind, type NodeId, Role } from '../../../syntax/node.ts';
import {
  blockStatement,
  inClosure,
  isRead,
  isTarget,
  lastMoment,
  onlyReadField,
  onlyReads,
  usesOf,
} from '../go-locals.ts';
import type { CopyScene, Rewrite } from './go-copies.ts';
import { short, textShape, underlying } from './go-text-forms.ts';

/** Go: slices and maps that are copied whole. */
export class Clones {
  readonly #scene: CopyScene;
  readonly #fn: Fn;
  readonly #values: Values;

  constructor(scene: CopyScene) {
    this.#scene = scene;
    this.#fn = scene.fn;
    this.#values = scene.values;
  }

  /** `append([]T(nil), xs...)` and `append([]T{x}, xs...)`. */
  append(n: NodeId): void {
    const { code } = this.#fn;
    const [first, spread, ...more] = code.all(n, Role.Arg);
    if (first === undefined || spread === undefined || more.length > 0 || !code.is(spread, Kind.Unary, '...'))
      return;
    const source = code.child(spread, Role.Object);
    if (code.kind(first) === Kind.Composite && code.child(first, Role.Arg) >= 0) {
      this.#prepend(n, first, source);
      return;
    }
    const nil =
      code.kind(first) === Kind.Cast && code.is(code.child(first, Role.Object), Kind.Literal, 'nil');
    const empty =
      code.kind(first) === Kind.Composite && code.children(first).every((c) => code.role(c) === Role.Type);
    if (!nil && !empty) return;
    const type = this.#values.typeOf(this.#fn, source);
    if (!type || underlying(this.#values, type).name !== 'slice' || code.kind(source) === Kind.Cast) return;
    this.clone(n, source, undefined);
  }

  /** `c := make([]T, len(xs)); copy(c, xs)`. */
  copyInto(n: NodeId): void {
    const { code } = this.#fn;
    const [target, source] = code.all(n, Role.Arg);
    if (target === undefined || source === undefined || code.kind(target) !== Kind.Name) return;
    if (code.role(n) !== Role.Statement || textShape(this.#values, this.#fn, source) === 'text') return;
    const binding = this.#values.scope(this.#fn).lookup(code.name(target), code.start(target));
    const made = binding?.value ?? -1;
    if (!binding || made < 0 || code.kind(made) !== Kind.Call) return;
    if (!code.is(code.child(made, Role.Callee), Kind.Name, 'make')) return;
    const size = code.all(made, Role.Arg)[1];
    if (
      size === undefined ||
      code.kind(size) !== Kind.Call ||
      !code.is(code.child(size, Role.Callee), Kind.Name, 'len')
    )
      return;
    if (this.#scene.text.textOf(code.child(size, Role.Arg)) !== this.#scene.text.textOf(source)) return;
    const let_ = code.parent(made);
    const block = code.parent(let_);
    const statements = code.children(block);
    if (code.kind(let_) !== Kind.Let || statements[statements.indexOf(let_) + 1] !== n) return;
    this.#localClone(n, source, binding, let_, made, n);
  }

  /** A whole slice or map is copied by one expression. */
  clone(n: NodeId, source: NodeId, path: string | undefined): void {
    const { code } = this.#fn;
    const gone = path === undefined ? [] : [code.child(n, Role.Object)];
    const binding = this.#scene.bindingOf(n);
    if (binding) {
      this.#localClone(n, source, binding, code.parent(n), n, -1, gone);
      return;
    }
    const p = code.parent(n);
    if (
      code.role(n) === Role.Arg &&
      onlyReads(this.#values, this.#fn, p) &&
      code.kind(p) === Kind.MethodCall
    ) {
      this.#scene.find(
        n,
        'argument',
        {
          copy: this.#scene.short(n),
          source: this.#scene.short(source),
          reader: `\`${short(this.#scene.text.textOf(code.child(p, Role.Object)))}.${code.name(p)}\``,
        },
        {
          title: `Hand over \`${this.#scene.short(source)}\``,
          edits: [this.#scene.replace(n, this.#scene.text.textOf(source))],
          gone,
          applicability: 'machine-applicable',
        },
      );
      return;
    }
    this.#scene.owned(n);
  }

  #localClone(
    n: NodeId,
    source: NodeId,
    binding: Binding,
    statement: NodeId,
    value: NodeId,
    extra: NodeId,
    gone: readonly NodeId[] = [],
  ): void {
    const { code } = this.#fn;
    const uses = usesOf(this.#values, this.#fn, binding).filter((u) => extra < 0 || !code.within(u, extra));
    if (uses.length === 0) return;
    if (uses.some((u) => inClosure(this.#fn, u, statement))) {
      this.#scene.exempt('kept', n, { how: 'a function literal holds it' });
      return;
    }
    const written = uses.find((u) => isTarget(this.#fn, u) || this.#scene.isWritten(u));
    if (written !== undefined) {
      this.#scene.exempt('copy-changes', n, {});
      return;
    }
    const kept = uses.find((u) => !isRead(this.#values, this.#fn, u));
    if (kept !== undefined) {
      this.#scene.exempt('kept', n, { how: this.#scene.use(kept) });
      return;
    }
    const from = code.end(extra < 0 ? statement : extra);
    const to = Math.max(...uses.map((u) => lastMoment(this.#fn, u, statement)));
    if (!this.#isFrozen(source)) {
      if (!this.#ownsSource(source)) {
        this.#scene.exempt('shared', n, { source: this.#scene.short(source) });
        return;
      }
      if (this.#scene.isChanged(n, source, { from, to }, false) || this.#mayReach(n, source, from, to))
        return;
    }
    const removed = extra < 0 ? undefined : this.#scene.removeStatement(extra);
    if (extra >= 0 && !removed) return;
    this.#scene.find(
      n,
      'local',
      { name: binding.name, source: this.#scene.short(source) },
      {
        title: `Read \`${this.#scene.short(source)}\` without copying it`,
        edits: [this.#scene.replace(value, this.#scene.text.textOf(source)), ...(removed ? [removed] : [])],
        gone,
        applicability: 'maybe-incorrect',
      },
    );
  }

  /** `list = append([]T{x}, list...)` in a loop copies the list in each turn. */
  #prepend(n: NodeId, first: NodeId, source: NodeId): void {
    const { code } = this.#fn;
    const assign = code.parent(n);
    if (code.kind(assign) !== Kind.Assign || code.kind(source) !== Kind.Name) return;
    const target = code.child(assign, Role.Target);
    if (!code.is(target, Kind.Name, code.name(source))) return;
    const binding = this.#values.scope(this.#fn).lookup(code.name(source), code.start(source));
    const loop = code.ancestor(assign, (a) => code.kind(a) === Kind.Loop || code.kind(a) === Kind.Closure);
    if (!binding || loop < 0 || code.kind(loop) !== Kind.Loop || code.within(binding.node, loop)) return;
    if (code.all(first, Role.Arg).length !== 1) return;
    this.#scene.find(n, 'prepend', { name: binding.name }, this.#reverseAfter(assign, first, binding, loop));
  }

  /** Appends in the loop and turns the list round behind it, when nothing but this statement touches the list. */
  #reverseAfter(assign: NodeId, first: NodeId, binding: Binding, loop: NodeId): Rewrite | undefined {
    const { code } = this.#fn;
    const uses = usesOf(this.#values, this.#fn, binding);
    const elsewhere = uses.some((u) => code.start(u) < code.end(loop) && !code.within(u, assign));
    if (elsewhere || !this.#startsEmpty(binding) || blockStatement(this.#fn, loop) !== loop) return undefined;
    const { name } = binding;
    const indent = this.#scene.indentOf(loop);
    const lines = [
      `for i, j := 0, len(${name})-1; i < j; i, j = i+1, j-1 {`,
      `\t${name}[i], ${name}[j] = ${name}[j], ${name}[i]`,
      '}',
    ];
    const element = this.#scene.text.textOf(code.child(first, Role.Arg));
    return {
      title: `Append to \`${name}\` and reverse it once`,
      edits: [
        this.#scene.replace(assign, `${name} = append(${name}, ${element})`),
        { start: code.end(loop), end: code.end(loop), newText: lines.map((l) => `\n${indent}${l}`).join('') },
      ],
      gone: [],
      applicability: 'maybe-incorrect',
    };
  }

  #startsEmpty(binding: Binding): boolean {
    const { code } = this.#fn;
    if (binding.value < 0) return code.kind(code.parent(binding.node)) === Kind.Let;
    const value = binding.value;
    if (code.kind(value) === Kind.Composite)
      return code.children(value).every((c) => code.role(c) === Role.Type);
    if (code.kind(value) !== Kind.Call || !code.is(code.child(value, Role.Callee), Kind.Name, 'make'))
      return false;
    const size = code.all(value, Role.Arg)[1];
    return size === undefined || code.is(size, Kind.Number, '0');
  }

  /** True for a field that nothing in its package writes once the value around it is made. */
  #isFrozen(source: NodeId): boolean {
    const { code } = this.#fn;
    const name = code.name(source);
    if (code.kind(source) !== Kind.Field || /^\p{Lu}/u.test(name)) return false;
    const decl = this.#values.declOf(this.#fn, code.child(source, Role.Object));
    return (
      decl !== undefined && decl.file.package === this.#fn.package && onlyReadField(this.#values, decl, name)
    );
  }

  /** True for a parameter or local that no other goroutine or function literal has. */
  #ownsSource(source: NodeId): boolean {
    const { code } = this.#fn;
    if (code.kind(source) !== Kind.Name) return false;
    const binding = this.#values.scope(this.#fn).lookup(code.name(source), code.start(source));
    if (!binding) return false;
    return !usesOf(this.#values, this.#fn, binding).some((u) => inClosure(this.#fn, u, binding.node));
  }

  /** Calls that could reach what a parameter refers to by another way than the parameter. */
  #mayReach(n: NodeId, source: NodeId, from: number, to: number): boolean {
    const { code } = this.#fn;
    const binding = this.#values.scope(this.#fn).lookup(code.name(source), code.start(source));
    const own =
      binding &&
      binding.value >= 0 &&
      /^(make|append)$/.test(code.name(code.child(binding.value, Role.Callee)));
    if (own || (binding && binding.value >= 0 && code.kind(binding.value) === Kind.Composite)) return false;
    const { first: body, after } = this.#fn;
    for (let i = body; i < after; i++) {
      if (code.start(i) < from || code.end(i) > to) continue;
      const kind = code.kind(i);
      if (kind !== Kind.Call && kind !== Kind.MethodCall) continue;
      if (onlyReads(this.#values, this.#fn, i)) continue;
      if (code.is(code.child(i, Role.Callee), Kind.Name, 'append')) continue;
      this.#scene.exempt('source-changes', n, { source: this.#scene.short(source) }, this.#fn.place(i));
      return true;
    }
    return false;
  }
}
