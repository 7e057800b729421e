import type { Edit, Fix } from '../../core/finding.ts';
import { defineRule, type Reporter } from '../../core/rule.ts';
import type { Place } from '../../core/span.ts';
import { Calls } from '../../program/calls/calls.ts';
import { onlyAtStart } from '../../program/phases/only-at-start.ts';
import { Phases } from '../../program/phases/phases.ts';
import type { Fn, Package } from '../../program/program.ts';
import { isKnown, Layouts } from '../../program/sizes/layouts.ts';
import { container, peel, type TypeRef } from '../../program/types/types.ts';
import { Values } from '../../program/types/values.ts';
import { kinds } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { textOf } from '../shared/fixes/statements.ts';
import { changeBetween, onlyLookAt, rootOf, usesOf } from '../shared/go-locals.ts';
import { isTight, provenHot } from '../shared/heat.ts';

const LOOPS = kinds(Kind.Loop);

const messages = {
  receiver: '`{name}` copies {bytes} bytes for its receiver at every call',
  parameter: '`{name}` copies {bytes} bytes for `{parameter}` at every call',
  element: '`{name}` is a copy of {bytes} bytes in every turn of the loop',
} as const;

const exemptions = {
  changed: 'the copy is changed: the original stays as it was',
  kept: 'the copy is kept: {how}',
  seldom: 'no call of it stands in a loop',
  fixed: 'a list written in the program',
  small: '{bytes} bytes are cheap to copy',
  'start-up': 'runs only while the program starts',
} as const;

type Report = Reporter<typeof messages, typeof exemptions>;

/** Above this many bytes a copy costs more than following a pointer; half of it is not worth a word. */
const LARGE = 256;
const NOTABLE = 128;
/** Measured on amd64: 280 bytes by value take 9 ns more than by pointer, 1 KiB takes 28 ns, 4 KiB 80 ns. Below, a request does not feel it. */
const FELT = 1024;
/** A signature with more callers than this is changed by hand. */
const MAX_SITES = 8;

export default defineRule({
  id: 'go/large-copy',
  tier: 'C',
  severity: 'information',
  summary: 'A large struct is copied on a hot path for a receiver, a parameter or a loop variable',
  note: {
    why: 'A struct that is passed by value, or ranged over by value, is copied whole each time, even where one field of it is read; what does not fit the stack frame goes to the heap.',
    arithmetic:
      'bytes of the struct × calls or elements per second = memory traffic that a pointer of 8 bytes would not make',
    myth: 'fix-without-measuring',
  },
  messages,
  exemptions,
  check(pkg: Package, report) {
    if (pkg.language !== 'go') return;
    for (const fn of pkg.serviceFunctions) if (fn.fact.body >= 0) new CopyReader(fn, report).read();
  },
});

/** What is done with a copy: only read, or the reason why it has to be one. */
type Fate =
  | { readonly read: true; readonly whole: readonly NodeId[] }
  | { readonly read: false; readonly reason: 'changed' | 'kept'; readonly how: string };

class CopyReader {
  readonly #fn: Fn;
  readonly #values: Values;
  readonly #phases: Phases;
  readonly #report: Report;

  constructor(fn: Fn, report: Report) {
    this.#fn = fn;
    this.#values = Values.of(fn.package.program);
    this.#phases = Phases.of(fn.package.program);
    this.#report = report;
  }

  read(): void {
    this.#receiver();
    for (const p of this.#fn.fact.params) this.#parameter(p);
    const { code } = this.#fn;
    const { first: body, after } = this.#fn;
    for (let n = code.next(LOOPS, body, after); n < after; n = code.next(LOOPS, n + 1, after))
      if (code.kind(n) === Kind.Loop) this.#range(n);
  }

  /** The bytes of a struct or array that is handled by value, when there are many. */
  #bytesOf(type: TypeRef | undefined, at: Place): number | undefined {
    if (!type || (!type.decl && type.name !== 'array' && type.name !== 'struct')) return undefined;
    if (type.decl && type.decl.fact.kind !== 'struct' && type.decl.fact.kind !== 'defined') return undefined;
    const size = Layouts.of(this.#fn.package.program).sizeOf(type);
    if (!isKnown(size)) return undefined;
    if (size.low > LARGE) return size.low;
    if (size.low > NOTABLE) this.#exempt('small', at, { bytes: String(size.low) });
    return undefined;
  }

  #receiver(): void {
    const { fact, file } = this.#fn;
    if (!fact.receiver || fact.receiverByReference) return;
    const at = file.place(fact.nameSpan);
    const bytes = this.#bytesOf(this.#values.ownerType(this.#fn), at);
    if (bytes === undefined) return;
    const scope = this.#values.scope(this.#fn);
    const { code } = this.#fn;
    const uses: NodeId[] = [];
    const { first: body, after } = this.#fn;
    for (let n = body; n < after; n++)
      if (code.is(n, Kind.Name, fact.receiver) && !scope.lookup(fact.receiver, code.start(n))) uses.push(n);
    this.#perCall('receiver', at, uses, bytes, '', () => this.#receiverFix());
  }

  #parameter(param: NodeId): void {
    const { code, file } = this.#fn;
    const pattern = code.child(param, Role.Pattern);
    const type = code.child(param, Role.Type);
    if (pattern < 0 || type < 0 || code.is(param, Kind.Param, 'variadic')) return;
    const at = this.#fn.place(pattern);
    const bytes = this.#bytesOf(this.#values.types.at(file, type), at);
    if (bytes === undefined) return;
    const binding = this.#values.scope(this.#fn).lookup(code.name(pattern), code.start(this.#fn.fact.body));
    if (!binding || binding.node !== pattern) return;
    const uses = usesOf(this.#values, this.#fn, binding);
    const index = binding.index;
    this.#perCall('parameter', at, uses, bytes, code.name(pattern), (whole) =>
      this.#parameterFix(type, index, whole),
    );
  }

  /** A copy that each call makes: what matters is where the calls are. */
  #perCall(
    message: 'receiver' | 'parameter',
    at: Place,
    uses: readonly NodeId[],
    bytes: number,
    parameter: string,
    fix: (whole: readonly NodeId[]) => readonly Fix[],
  ): void {
    const fate = this.#fate(uses);
    if (!fate.read) {
      this.#exempt(fate.reason, at, { how: fate.how });
      return;
    }
    const sites = Calls.of(this.#fn.package.program)
      .sitesOf(this.#fn)
      .filter((s) => s.kind === 'call');
    const hot = firstOf(sites, (s) => (isTight(s.fn, s.node) ? provenHot(s.fn, s.node) : undefined));
    const looped = sites.find((s) => this.#phases.context(s.fn, s.node).loops.length > 0);
    if (!hot && !looped) {
      this.#exempt('seldom', at);
      return;
    }
    if (!hot && looped && onlyAtStart(looped.fn, looped.node)) {
      this.#exempt('start-up', at);
      return;
    }
    const where = looped
      ? [{ ...looped.fn.place(looped.node), message: `\`${looped.fn.label}\` calls it in a loop` }]
      : [];
    this.#report.find({
      message,
      at,
      severity: hot && bytes > FELT ? 'information' : 'hint',
      confidence: hot ? 'high' : 'medium',
      related: [...(hot ? [{ ...hot.at, message: hot.why }] : []), ...where],
      fixes: fix(fate.whole),
      data: { name: this.#fn.label, bytes, parameter },
    } as Parameters<Report['find']>[0]);
  }

  // --- loops over values

  #range(loop: NodeId): void {
    const { code } = this.#fn;
    const iter = code.child(loop, Role.Iter);
    const patterns = code.all(loop, Role.Pattern);
    const element = patterns[1];
    if (iter < 0 || element === undefined || code.kind(element) !== Kind.Bind) return;
    const list = this.#values.typeOf(this.#fn, iter);
    const at = this.#fn.place(element);
    const bytes = this.#bytesOf(this.#values.elementType(list), at);
    if (bytes === undefined || !list) return;
    const binding = this.#values
      .scope(this.#fn)
      .lookup(code.name(element), code.start(code.child(loop, Role.Body)));
    if (!binding || binding.node !== element) return;
    const uses = usesOf(this.#values, this.#fn, binding);
    const fate = this.#fate(uses);
    if (!fate.read) {
      this.#exempt(fate.reason, at, { how: fate.how });
      return;
    }
    if (this.#isWritten(iter)) {
      this.#exempt('fixed', at);
      return;
    }
    const body = code.child(loop, Role.Body);
    const inside = code.children(body)[0] ?? body;
    const hot = isTight(this.#fn, inside) ? provenHot(this.#fn, inside) : undefined;
    if (!hot && onlyAtStart(this.#fn, loop)) {
      this.#exempt('start-up', at);
      return;
    }
    this.#report.find({
      message: 'element',
      at,
      severity: hot && bytes > FELT ? 'information' : 'hint',
      confidence: hot ? 'high' : 'medium',
      related: hot ? [{ ...hot.at, message: hot.why }] : [],
      fixes: this.#rangeFix(loop, iter, list, patterns, uses, fate.whole),
      data: { name: code.name(element), bytes },
    });
  }

  /** A list that stands in the program, as the cases of a table do. */
  #isWritten(iter: NodeId): boolean {
    const { code } = this.#fn;
    if (code.kind(iter) === Kind.Composite) return true;
    if (code.kind(iter) !== Kind.Name) return false;
    const b = this.#values.scope(this.#fn).lookup(code.name(iter), code.start(iter));
    if (b)
      return (
        b.source === 'value' &&
        b.value >= 0 &&
        code.kind(b.value) === Kind.Composite &&
        code.children(b.value).length > 1
      );
    const g = this.#fn.package.globalMeant(this.#fn.file, code.name(iter));
    return !!g && g.fact.value >= 0 && g.file.code.kind(g.fact.value) === Kind.Composite;
  }

  // --- what becomes of a copy

  #fate(uses: readonly NodeId[]): Fate {
    const { code } = this.#fn;
    const whole: NodeId[] = [];
    for (const use of uses) {
      const inner = code.ancestor(
        use,
        (a) => code.kind(a) === Kind.Closure || code.kind(a) === Kind.Spawn || code.kind(a) === Kind.Defer,
      );
      if (inner >= this.#fn.fact.body)
        return { read: false, reason: 'kept', how: 'a function that runs later uses it' };
      // From the name outwards through fields and elements, while it is still memory of the copy.
      let at = use;
      let up = code.parent(at);
      while (
        (code.kind(up) === Kind.Field || code.kind(up) === Kind.Index) &&
        code.role(at) === Role.Object
      ) {
        at = up;
        up = code.parent(at);
      }
      if (code.role(at) === Role.Target) return { read: false, reason: 'changed', how: '' };
      if (code.is(up, Kind.Unary, '&')) {
        if (at !== use && onlyLookAt(this.#values, this.#fn, code.parent(up), up)) continue;
        return { read: false, reason: 'kept', how: 'its address is taken' };
      }
      if (code.kind(up) === Kind.Slice && code.role(at) === Role.Object && this.#isArray(at))
        return { read: false, reason: 'kept', how: 'a slice of it is taken' };
      if (code.kind(up) === Kind.MethodCall && code.role(at) === Role.Object) {
        const method = this.#values.callees(this.#fn, up)[0];
        if (
          method?.fact.receiverByReference &&
          method.fact.receiverMutable &&
          changesReceiver(this.#values, method)
        )
          return { read: false, reason: 'changed', how: '' };
        continue;
      }
      if (at !== use) continue;
      const how = this.#keeps(use, up);
      if (how !== undefined) return { read: false, reason: 'kept', how };
      whole.push(use);
    }
    return { read: true, whole };
  }

  #isArray(n: NodeId): boolean {
    const type = this.#values.typeOf(this.#fn, n);
    return !type || peel(type).type.name === 'array' || peel(type).type.decl !== undefined;
  }

  /** Where the whole value goes, when it stays there. */
  #keeps(use: NodeId, up: NodeId): string | undefined {
    const { code } = this.#fn;
    switch (code.kind(up)) {
      case Kind.Return:
        return 'it is returned';
      case Kind.Let:
      case Kind.Assign:
        return 'it is assigned';
      case Kind.Composite:
      case Kind.Entry:
      case Kind.FieldInit:
        return 'it becomes part of something';
      case Kind.Send:
        return 'it is sent';
      case Kind.Call:
        if (code.is(code.child(up, Role.Callee), Kind.Name, 'append')) return 'it is appended';
        return code.role(use) === Role.Arg ? undefined : 'it is called';
      case Kind.MethodCall:
      case Kind.Binary:
        return undefined;
      case Kind.Loop:
        return undefined;
      default:
        return 'it is used as a whole';
    }
  }

  // --- fixes

  /** `for i := range xs { x := &xs[i]`. */
  #rangeFix(
    loop: NodeId,
    iter: NodeId,
    list: TypeRef,
    patterns: readonly NodeId[],
    uses: readonly NodeId[],
    whole: readonly NodeId[],
  ): readonly Fix[] {
    const { code } = this.#fn;
    const c = container(this.#values.types, list);
    const inner = peel(list).type;
    const indexed = c
      ? c.row.shape === 'list' && /^(slice|array)$/.test(c.type.name)
      : inner.name === 'array';
    if (!indexed || rootOf(this.#fn, iter) < 0 || code.kind(iter) === Kind.Slice) return [];
    if (changeBetween(this.#values, this.#fn, iter, code.end(iter), code.end(loop)) >= 0) return [];
    const [key = -1, element = -1] = patterns;
    const body = code.child(loop, Role.Body);
    const text = this.#fn.package.text(this.#fn.file.facts.file);
    if (body < 0 || uses.length === 0 || text[code.start(body)] !== '{') return [];
    const name = code.name(element);
    const index = code.kind(key) === Kind.Bind ? code.name(key) : this.#freeName(loop);
    const list$ = textOf(this.#fn, iter);
    const { file } = this.#fn.file.facts;
    const lineStart = text.lastIndexOf('\n', code.start(loop)) + 1;
    const indent = /^[ \t]*/.exec(text.slice(lineStart))?.[0] ?? '';
    const edits = (): Edit[] => [
      { file, span: { start: code.start(key), end: code.end(element) }, newText: index },
      {
        file,
        span: { start: code.start(body) + 1, end: code.start(body) + 1 },
        newText: `\n${indent}\t${name} := &${list$}[${index}]`,
      },
      ...this.#dereferences(whole),
    ];
    return [{ title: `Point at \`${list$}[${index}]\` instead`, applicability: 'machine-applicable', edits }];
  }

  /** An index name that nothing in the function has. */
  #freeName(loop: NodeId): string {
    const { code } = this.#fn;
    const taken = new Set<string>();
    const { first: body, after } = this.#fn;
    for (let n = body; n < after; n++)
      if (code.kind(n) === Kind.Name || (code.kind(n) === Kind.Bind && code.within(n, loop)))
        taken.add(code.name(n));
    return ['i', 'j', 'k', 'at', 'index'].find((n) => !taken.has(n)) ?? 'position';
  }

  #receiverFix(): readonly Fix[] {
    const { fact, file } = this.#fn;
    const { program } = this.#fn.package;
    const sites = Calls.of(program).sitesOf(this.#fn);
    if (
      sites.some(
        (s) => s.kind !== 'call' || !isAddressable(this.#values, s.fn, s.fn.code.child(s.node, Role.Object)),
      )
    )
      return [];
    // Behind an interface the method may have to be there for the value itself.
    const behind = program.packages.some((p) =>
      p.types.some((t) => t.fact.kind === 'interface' && t.fact.members.includes(fact.name)),
    );
    if (behind) return [];
    const text = this.#fn.package.text(file.facts.file);
    const head = /^func\s*\(\s*\w+\s+/.exec(text.slice(fact.span.start, fact.nameSpan.start));
    if (!head) return [];
    const at = fact.span.start + head[0].length;
    return [
      {
        title: 'Take the receiver by pointer',
        applicability: 'maybe-incorrect',
        edits: () => [{ file: file.facts.file, span: { start: at, end: at }, newText: '*' }],
      },
    ];
  }

  /** Takes the parameter by pointer, here and where it is called. */
  #parameterFix(type: NodeId, index: number, whole: readonly NodeId[]): readonly Fix[] {
    const { code } = this.#fn;
    const { file } = this.#fn.file.facts;
    const sites = Calls.of(this.#fn.package.program).sitesOf(this.#fn);
    const args = sites.map((s) => s.fn.code.all(s.node, Role.Arg)[index] ?? -1);
    // `a, b T` share the type; a method may have to fit an interface.
    const shared = this.#fn.fact.params.some(
      (p) => code.child(p, Role.Type) !== type && code.start(code.child(p, Role.Type)) === code.start(type),
    );
    if (shared || this.#fn.fact.owner !== '' || sites.length > MAX_SITES) return [];
    if (sites.some((s, i) => s.kind !== 'call' || !isAddressable(this.#values, s.fn, args[i] as NodeId)))
      return [];
    const edits = (): Edit[] => [
      { file, span: { start: code.start(type), end: code.start(type) }, newText: '*' },
      ...this.#dereferences(whole),
      ...sites.map((s, i) => {
        const at = s.fn.code.start(args[i] as NodeId);
        return { file: s.fn.file.facts.file, span: { start: at, end: at }, newText: '&' };
      }),
    ];
    return [{ title: 'Take it by pointer', applicability: 'maybe-incorrect', edits }];
  }

  #dereferences(whole: readonly NodeId[]): Edit[] {
    const { code } = this.#fn;
    const { file } = this.#fn.file.facts;
    return whole.map((n) => ({ file, span: { start: code.start(n), end: code.start(n) }, newText: '*' }));
  }

  #exempt(reason: keyof typeof exemptions, at: Place, data: Record<string, string> = {}): void {
    this.#report.exempt({ reason, at, data } as Parameters<Report['exempt']>[0]);
  }
}

function firstOf<T, R>(items: readonly T[], of: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = of(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A variable, a field of one, or an element of a slice: `&` can be put before it. */
function isAddressable(values: Values, fn: Fn, n: NodeId): boolean {
  const { code } = fn;
  if (n < 0) return false;
  if (code.kind(n) === Kind.Name) return !values.goPackage(fn, n);
  if (code.kind(n) === Kind.Field) return isAddressable(values, fn, code.child(n, Role.Object));
  if (code.kind(n) !== Kind.Index) return code.is(n, Kind.Unary, '*');
  const type = values.typeOf(fn, code.child(n, Role.Object));
  const c = container(values.types, type);
  return c ? c.row.shape === 'list' : type !== undefined && peel(type).type.name === 'array';
}

/** A method assigns to its receiver, or hands it on so that nobody knows. */
function changesReceiver(values: Values, method: Fn): boolean {
  const { code } = method;
  const { receiver } = method.fact;
  if (!receiver) return false;
  const { first: body, after } = method;
  for (let n = body; n < after; n++) {
    if (!code.is(n, Kind.Name, receiver) || values.scope(method).lookup(receiver, code.start(n))) continue;
    let at = n;
    while (
      (code.kind(code.parent(at)) === Kind.Field || code.kind(code.parent(at)) === Kind.Index) &&
      code.role(at) === Role.Object
    )
      at = code.parent(at);
    if (code.role(at) === Role.Target || code.is(code.parent(at), Kind.Unary, '&')) return true;
    if (at === n && code.role(at) !== Role.Object) return true;
  }
  return false;
}
