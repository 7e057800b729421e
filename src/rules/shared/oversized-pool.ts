/** What `rust/oversized-pool` and `go/oversized-pool` share: pools that take buffers of any size back. */
import type { Confidence, Fix, RelatedPlace } from '../../core/finding.ts';
import type { Reporter } from '../../core/rule.ts';
import type { Place } from '../../core/span.ts';
import { packetNames } from '../../knowledge/buffers.ts';
import { callName } from '../../program/calls/call-name.ts';
import { Calls } from '../../program/calls/calls.ts';
import { returnsOf } from '../../program/calls/exits.ts';
import { broughtByOutsider, isWrittenByOutsider, onlyIfSeen } from '../../program/origins/outsiders.ts';
import { Provenance } from '../../program/origins/provenance.ts';
import {
  type BufferEffect,
  Buffers,
  bufferShape,
  comparison,
  holdsBytes,
  isChunk,
  isSmall,
  limitsSize,
  measuredBy,
} from '../../program/ownership/buffers.ts';
import { type PoolPut, poolPuts } from '../../program/ownership/pools.ts';
import { Phases } from '../../program/phases/phases.ts';
import { sameText } from '../../program/places/effects.ts';
import { fieldPlace, local, type PlaceRef, Places, typeOfPlace } from '../../program/places/places.ts';
import { type Fn, groupBy, type Package, type TypeDecl } from '../../program/program.ts';
import { peel } from '../../program/types/types.ts';
import type { Values } from '../../program/types/values.ts';
import { CALLS } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { capPutFix } from './fixes/capacity-fix.ts';

export const poolMessages = {
  buffer: '`{pool}` takes `{value}` back however large it has grown',
  part: '`{pool}` takes `{value}` back however large its `{field}` has grown',
} as const;

export const poolExemptions = {
  'size-tested': 'bounded by a test of its size in `{fn}`',
  released: 'bounded by `{verb}` in `{fn}`, which gives the memory back',
  'size-class': 'bounded by `{pool}` being chosen by size',
  'fixed-size': 'bounded by nothing ever making `{value}` larger',
  'small-values': 'bounded by the few bytes that are written to `{value}`',
} as const;

/** Go's names tell what handles one packet at a time. */
export const goPoolExemptions = {
  ...poolExemptions,
  packets: 'bounded by the 64 KiB that a packet has at most in `{fn}`',
} as const;

type PoolReporter = Reporter<typeof poolMessages, typeof goPoolExemptions>;

/** The verdict on one put: unbounded, with what grows, or the reason for silence. */
type Verdict =
  | { readonly kind: 'unbounded'; readonly growth: BufferEffect; readonly field: string }
  | { readonly kind: 'tested'; readonly test: BufferEffect }
  | { readonly kind: 'released'; readonly release: BufferEffect }
  | { readonly kind: 'packets'; readonly fn: Fn }
  | { readonly kind: 'fixed' | 'small' | 'unknown' };

/** Reports each pool of a package that takes back buffers without looking at their size. */
export function checkPools(pkg: Package, report: PoolReporter): void {
  const judge = new PoolJudge(pkg);
  for (const puts of groupBy(poolPuts(pkg), (p) => p.key).values()) {
    const open: { put: PoolPut; growth: BufferEffect; field: string }[] = [];
    for (const put of puts) {
      const at = put.fn.place(put.node);
      const value = nameOfValue(put);
      if (put.bySize) {
        report.exempt({ reason: 'size-class', at, data: { pool: put.name } });
        continue;
      }
      const verdict = judge.of(put);
      switch (verdict.kind) {
        case 'unbounded':
          open.push({ put, ...verdict });
          break;
        case 'tested':
          report.exempt({
            reason: 'size-tested',
            at,
            where: verdict.test.fn.place(verdict.test.node),
            data: { fn: verdict.test.fn.label },
          });
          break;
        case 'released':
          report.exempt({
            reason: 'released',
            at,
            where: verdict.release.fn.place(verdict.release.node),
            data: { verb: verdict.release.verb, fn: verdict.release.fn.label },
          });
          break;
        case 'fixed':
          report.exempt({ reason: 'fixed-size', at, data: { value } });
          break;
        case 'packets':
          report.exempt({ reason: 'packets', at, data: { fn: verdict.fn.label } });
          break;
        case 'small':
          report.exempt({ reason: 'small-values', at, data: { value } });
          break;
      }
    }
    reportPool(open, judge, report);
  }
}

/** One finding a pool, at its first put without a test; the fix tests at all of them. */
function reportPool(
  open: readonly { readonly put: PoolPut; readonly growth: BufferEffect; readonly field: string }[],
  judge: PoolJudge,
  report: PoolReporter,
): void {
  const worst = open.find((o) => judge.confidence(o.growth) === 'high') ?? open[0];
  if (!worst) return;
  const { put, growth, field } = worst;
  const confidence = judge.confidence(growth);
  const related: RelatedPlace[] = [
    {
      ...growth.fn.place(growth.node),
      message: `\`${growth.verb}\` makes it larger here${confidence === 'high' ? '' : '; how much larger than it usually is, is not known'}`,
    },
  ];
  for (const o of open)
    if (o.put !== put && related.length < 6)
      related.push({ ...o.put.fn.place(o.put.node), message: 'put back here too' });
  const at: Place = put.fn.place(put.node);
  const fixes: readonly Fix[] = capPutFix(open.map((o) => ({ put: o.put, field: o.field })));
  const common = {
    at,
    confidence,
    related,
    fixes,
  };
  if (field === '')
    report.find({ ...common, message: 'buffer', data: { pool: put.name, value: nameOfValue(put) } });
  else
    report.find({
      ...common,
      message: 'part',
      data: { pool: put.name, value: nameOfValue(put), field },
    });
}

/** Where a closure speaks of what it is given first, or -1. */
function firstUse({ code }: Fn, closure: NodeId, name: string): NodeId {
  for (let n = code.child(closure, Role.Body); n >= 0 && n < code.after(closure); n++)
    if (code.is(n, Kind.Name, name)) return n;
  return -1;
}

/** Go: `buf.ReadFrom(r.Body)`, `io.Copy(buf, r.Body)` */
const readsToEnd = /^(ReadFrom|Copy(Buffer|N)?|ReadAll)$/;

class PoolJudge {
  readonly #buffers: Buffers;
  readonly #places: Places;
  readonly #values: Values;
  readonly #calls: Calls;
  readonly #phases: Phases;

  constructor(pkg: Package) {
    this.#buffers = Buffers.of(pkg.program);
    this.#places = Places.of(pkg.program);
    this.#values = this.#places.values;
    this.#calls = Calls.of(pkg.program);
    this.#phases = Phases.of(pkg.program);
  }

  of(put: PoolPut): Verdict {
    if (!put.type) return { kind: 'unknown' };
    const inner = peel(put.type).type;
    if (bufferShape(this.#values.types, put.type)) return this.#buffer(put, this.#valuePlaces(put), '');
    return inner.decl ? this.#struct(put, inner.decl) : { kind: 'unknown' };
  }

  /** High for bytes that take whatever comes while the service runs; lists of values are seldom that long. */
  confidence(growth: BufferEffect): Confidence {
    const reach = this.#phases.at(growth.fn, growth.node);
    const bytes = holdsBytes(this.#values.types, typeOfPlace(this.#values, growth.place), growth);
    const isBrought =
      growth.fn.package.language === 'go' ? broughtByOutsider(reach) : reach.request && !reach.request.own;
    // What nobody outside brings is as large as the program makes it, every time.
    if (!reach.request && !reach.likely && !reach.api) return 'low';
    return onlyIfSeen('high', bytes && growth.bulk && !!isBrought && this.#mayBeLarge(growth));
  }

  /**
   * Go: what somebody outside has sent is as long as they like, read to its end or as bytes. What is put together or encoded
   * is about as long each time, as far as can be seen.
   */
  #mayBeLarge({ fn, node, verb, value }: BufferEffect): boolean {
    if (fn.package.language !== 'go') return true;
    const provenance = Provenance.of(fn.package.program);
    if (value < 0)
      return (
        readsToEnd.test(verb) &&
        fn.code.all(node, Role.Arg).some((arg) => isWrittenByOutsider(provenance.of(fn, arg)))
      );
    const type = this.#values.typeOf(fn, value);
    if (type && bufferShape(this.#values.types, type) !== 'bytes') return false;
    return isWrittenByOutsider(provenance.of(fn, value));
  }

  /** The names of the value that is put back: here, in the wrappers, and at the callers of a function that frees. */
  #valuePlaces(put: PoolPut): PlaceRef[] {
    const out: PlaceRef[] = [];
    const add = (fn: Fn, node: NodeId, depth: number) => {
      const place = this.#places.of(fn, node);
      if (!place || out.some((p) => p.key === place.key) || out.length > 60) return;
      out.push(place);
      if (place.root !== 'parameter' || depth > 2 || place.fn !== fn) return;
      const index = place.binding?.index ?? 0;
      for (const site of this.#calls.sitesOf(fn)) {
        const arg = site.kind === 'call' ? site.fn.code.all(site.node, Role.Arg)[index] : undefined;
        if (arg !== undefined) add(site.fn, bare(site.fn, arg), depth + 1);
      }
    };
    add(put.fn, put.value, 0);
    const [held] = out;
    for (const { fn, node } of held ? this.#borrowers(put, held) : []) add(fn, node, 0);
    return out;
  }

  /** Go: `func with(f func(*bytes.Buffer) error) error { …; defer pool.Put(b); return f(b) }`: what it is called in the functions that are given. */
  #borrowers({ fn }: PoolPut, held: PlaceRef): { readonly fn: Fn; readonly node: NodeId }[] {
    const { code } = fn;
    const out: { readonly fn: Fn; readonly node: NodeId }[] = [];
    for (let n = code.next(CALLS, fn.first, fn.after); n < fn.after; n = code.next(CALLS, n + 1, fn.after)) {
      const callee = code.is(n, Kind.Call) ? code.child(n, Role.Callee) : -1;
      if (!code.is(callee, Kind.Name)) continue;
      const b = this.#values.scope(fn).lookup(code.name(callee), code.start(callee));
      const lent = code.all(n, Role.Arg).findIndex((arg) => this.#places.of(fn, arg)?.key === held.key);
      if (b?.source !== 'parameter' || lent < 0) continue;
      for (const site of this.#calls.sitesOf(fn)) {
        const given = site.kind === 'call' ? site.fn.code.all(site.node, Role.Arg)[b.index] : undefined;
        if (given === undefined || !site.fn.code.is(given, Kind.Closure)) continue;
        const name = site.fn.code.child(site.fn.code.all(given, Role.Param)[lent] ?? -1, Role.Pattern);
        if (name >= 0) out.push({ fn: site.fn, node: firstUse(site.fn, given, site.fn.code.name(name)) });
      }
    }
    return out;
  }

  /** A value with buffers inside: one of them without a bound is enough. */
  #struct(put: PoolPut, decl: TypeDecl): Verdict {
    let silent: Verdict = { kind: 'unknown' };
    let open: Extract<Verdict, { kind: 'unbounded' }> | undefined;
    const tested: { readonly verdict: Verdict; readonly by: ReadonlySet<Fn> }[] = [];
    for (const f of decl.fact.fields) {
      const shape = bufferShape(this.#values.types, this.#values.types.at(decl.file, f.type));
      if (!shape) continue;
      const place = fieldPlace(decl, f.name);
      const verdict = this.#buffer(put, [place], f.name);
      if (verdict.kind === 'tested' && this.#beforePut(verdict.test, put))
        tested.push({ verdict, by: this.#growers(place) });
      if (verdict.kind !== 'unbounded') {
        if (silent.kind === 'unknown') silent = verdict;
      } else if (!open || shape === 'bytes') {
        open = verdict;
        if (shape === 'bytes') break;
      }
    }
    if (!open) return silent;
    // Columns of one table: whoever tests one of them before the put tests all that grow with it.
    const growers = [...this.#growers(fieldPlace(decl, open.field))];
    const column = tested.find((t) => growers.every((fn) => t.by.has(fn)));
    if (column) return column.verdict;
    const reset = this.#resetsWhole(put, decl);
    return reset ? { kind: 'released', release: reset } : open;
  }

  /** The functions that make a part of a value larger. */
  #growers(place: PlaceRef): ReadonlySet<Fn> {
    return new Set(this.#buffers.on(place).flatMap((e) => (e.kind === 'grow' ? [e.fn] : [])));
  }

  #buffer(put: PoolPut, places: readonly PlaceRef[], field: string): Verdict {
    const effects = places.flatMap((p) => this.#buffers.on(p));
    const test =
      effects.find((e) => limitsSize(e, effects, put.node)) ??
      this.#testedWhenTaken(put) ??
      this.#testedByMethod(put, field);
    if (test) return { kind: 'tested', test };
    const growths = effects.filter(
      (e) => e.kind === 'grow' && (field === '' ? !isBehindDeferred(e, put) : isPutBack(e, field)),
    );
    const release = effects.find(
      (e) =>
        e.kind === 'release' &&
        this.#beforePut(e, put) &&
        // What happens before anything is added only chooses the value.
        !growths.some((g) => g.fn === e.fn && g.node > e.node),
    );
    if (release) return { kind: 'released', release };
    if (growths.length === 0) {
      const lent = field === '' ? this.#lentOut(put) : undefined;
      if (lent) return { kind: 'unbounded', growth: lent, field };
      return places.length === 0 ? { kind: 'unknown' } : { kind: 'fixed' };
    }
    const [first] = growths as [BufferEffect];
    if (growths.every(isOfPackets)) return { kind: 'packets', fn: first.fn };
    const growth =
      growths.find((e) => e.bulk && !isSmall(this.#values, e.fn, e.value)) ??
      growths.find((e) => !e.bulk && this.#inLoop(e)) ??
      growths.find((e) => isChunk(this.#values, e.fn, e.value) && this.#loops(e));
    return growth ? { kind: 'unbounded', growth, field } : { kind: 'small' };
  }

  /**
   * Rust: `fn deref_mut(&mut self) -> &mut String { &mut self.text }` of what gives `mem::take(&mut self.text)` back when it is
   * dropped: whoever holds it may write as much as he likes.
   */
  #lentOut({ fn, value }: PoolPut): BufferEffect | undefined {
    const { code, package: pkg, fact } = fn;
    if (pkg.language !== 'rust' || fact.name !== 'drop' || !code.is(value, Kind.Name)) return undefined;
    const b = this.#values.scope(fn).lookup(code.name(value), code.start(value));
    const taken =
      b && b.source === 'value' && code.is(b.value, Kind.Call) ? code.child(b.value, Role.Arg) : -1;
    const field = code.is(taken, Kind.Unary, '&mut') ? code.child(taken, Role.Object) : -1;
    if (!code.is(field, Kind.Field)) return undefined;
    const [lends] = pkg.methodsOf(fact.owner, 'deref_mut');
    const node = lends && returnsOf(lends, 0).find((r) => isFieldOf(lends, r, code.name(field)));
    const decl = this.#values.declOf(fn, code.child(field, Role.Object));
    if (!lends || node === undefined || !decl) return undefined;
    const place = fieldPlace(decl, code.name(field));
    return { kind: 'grow', fn: lends, node, place, verb: 'deref_mut', value: -1, bulk: true };
  }

  #loops({ fn, node, verb }: BufferEffect): boolean {
    // A map that is set again under the same names is no larger for it.
    return this.#phases.context(fn, node).loops.length > 0 || (verb === 'append' && this.#isCalledInLoop(fn));
  }

  /** `for sc.Scan() { b.add(row) }`: what a method adds once, a loop around the call adds without end. */
  #isCalledInLoop(fn: Fn): boolean {
    return this.#calls
      .sitesOf(fn)
      .some(
        ({ kind, guess, fn: by, node }) =>
          kind === 'call' && !guess && !by.isTest && this.#phases.turns(by, node).length > 0,
      );
  }

  /** Elements of a few bytes count as well where any number of them is added. */
  #inLoop(e: BufferEffect): boolean {
    return this.#loops(e) && !isSmall(this.#values, e.fn, e.value);
  }

  /** The memory is given away on the way to the pool, or in a method of the pooled type that resets it. */
  #beforePut(e: BufferEffect, put: PoolPut): boolean {
    if (e.fn === put.fn || put.through.some((t) => t.fn === e.fn)) return true;
    return this.#calls.sitesOf(e.fn).some((s) => s.fn === put.fn);
  }

  /** `*b = Buffer{}` before the put: nothing of what it held stays. */
  #resetsWhole(put: PoolPut, decl: TypeDecl): BufferEffect | undefined {
    const fns = [put.fn, ...put.through.map((t) => t.fn), ...decl.file.package.methodsOn(decl.fact.name)];
    for (const fn of fns) {
      if (fn !== put.fn && !this.#calls.sitesOf(fn).some((s) => s.fn === put.fn)) continue;
      const code = fn.code;
      const { first: body, after } = fn;
      for (let n = body; n < after; n++) {
        if (code.kind(n) !== Kind.Assign) continue;
        const target = code.child(n, Role.Target);
        const value = code.child(n, Role.Value);
        if (!code.is(target, Kind.Unary, '*') || code.kind(value) !== Kind.Composite) continue;
        const place = this.#places.of(fn, target);
        const keeps = code.children(value).some((c) => code.kind(c) === Kind.FieldInit);
        if (place && !keeps && this.#values.declOf(fn, target) === decl)
          return { kind: 'release', fn, node: n, place, verb: '=', value, bulk: false };
      }
    }
    return undefined;
  }

  /** `if buf.room() <= KEEP { self.idle.push(buf) }`, where `room` says how large a field is. */
  #testedByMethod({ fn, node, value }: PoolPut, field: string): BufferEffect | undefined {
    const { code } = fn;
    for (let n = fn.first; field !== '' && n < node; n++) {
      if (!code.is(n, Kind.MethodCall) || !sameText(code, code.child(n, Role.Object), value)) continue;
      if (comparison(code, n) < 0) continue;
      for (const target of this.#values.callees(fn, n)) {
        const asked = returnsOf(target, 0).map((r) => measuredBy(target.code, r));
        const place = asked.length > 0 && asked.every((r) => target.code.is(r, Kind.Field, field));
        const decl = place ? this.#values.ownerType(target)?.decl : undefined;
        if (decl)
          return {
            kind: 'test',
            fn,
            node: n,
            place: fieldPlace(decl, field),
            verb: code.name(n),
            value: -1,
            bulk: false,
          };
      }
    }
    return undefined;
  }

  /** Whoever takes a value out of the pool throws it away when it is too large. */
  #testedWhenTaken(put: PoolPut): BufferEffect | undefined {
    for (const fn of put.fn.package.functions) {
      if (fn.isTest || !/get|take|acquire|borrow|new|fetch/i.test(fn.fact.name)) continue;
      const code = fn.code;
      const { first: body, after } = fn;
      let takes = false;
      for (let n = body; n < after && !takes; n++)
        takes =
          code.kind(n) === Kind.MethodCall &&
          /^(Get|pop|pop_front|try_recv|pull)$/.test(code.name(n)) &&
          this.#places.of(fn, code.child(n, Role.Object))?.key === put.key;
      if (!takes) continue;
      for (const b of this.#values.scope(fn).all()) {
        const effects = this.#buffers.on(local(fn, b));
        const test = effects.find((e) => limitsSize(e, effects, -1));
        if (test) return test;
      }
    }
    return undefined;
  }
}

/** `&mut self.text` */
function isFieldOf({ code, fact }: Fn, n: NodeId, name: string): boolean {
  const field = code.is(n, Kind.Unary, '&mut') ? code.child(n, Role.Object) : -1;
  return (
    code.is(field, Kind.Field, name) && code.is(code.child(field, Role.Object), Kind.Name, fact.receiver)
  );
}

/** The value behind `&b` and `*b`. */
function bare(fn: Fn, value: NodeId): NodeId {
  let n = value;
  while (fn.code.kind(n) === Kind.Unary || fn.code.kind(n) === Kind.Slice) n = fn.code.child(n, Role.Object);
  return n;
}

function nameOfValue({ fn, value, type }: PoolPut): string {
  const name = fn.code.name(value);
  const decl = type && peel(type).type.decl;
  return name === fn.fact.receiver && decl ? decl.fact.name : name;
}

/**
 * Go: `b := v.buf[:0]; b = append(b, …)` makes another array than the pooled one larger, unless `v.buf = b` puts it back.
 */
function isPutBack({ fn, node }: BufferEffect, field: string): boolean {
  const code = fn.code;
  if (fn.package.language !== 'go') return true;
  const assign =
    code.kind(node) === Kind.Assign ? node : code.ancestor(node, (a) => code.kind(a) === Kind.Assign);
  const target = assign < fn.first ? -1 : code.child(assign, Role.Target);
  if (
    target < 0 ||
    code.kind(target) !== Kind.Name ||
    callName(code, code.child(assign, Role.Value)) !== 'append'
  )
    return true;
  for (let n = fn.first; n < fn.after; n++)
    if (code.kind(n) === Kind.Assign && code.is(code.child(n, Role.Target), Kind.Field, field)) {
      const value = code.child(n, Role.Value);
      for (let m = value; m < code.after(value); m++)
        if (code.is(m, Kind.Name, code.name(target))) return true;
    }
  return false;
}

/** Go: `defer pool.Put(b); b = append(b, …)`: what is given back is what the name meant at the `defer`. */
function isBehindDeferred({ fn, node }: BufferEffect, put: PoolPut): boolean {
  const { code } = fn;
  return (
    fn === put.fn &&
    node > put.node &&
    code.kind(node) === Kind.Assign &&
    code.kind(code.parent(put.node)) === Kind.Defer &&
    code.kind(code.child(put.node, Role.Arg)) !== Kind.Unary
  );
}

/** Go: what makes a buffer larger handles one packet at a time, by its name. */
function isOfPackets({ fn }: BufferEffect): boolean {
  const { owner, name } = fn.fact;
  return fn.package.language === 'go' && (packetNames.test(owner) || packetNames.test(name));
}
