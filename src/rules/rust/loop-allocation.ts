import type { Edit, Fix } from '../../core/finding.ts';
import { formatBytes } from '../../core/quantity.ts';
import { defineRule, type Reporter } from '../../core/rule.ts';
import { rustLocking, rustMomentary, rustPerElement } from '../../knowledge/rust-ownership.ts';
import { copiesText, rustBuilders, rustClearable, rustFresh } from '../../knowledge/rust-reuse.ts';
import { callName } from '../../program/calls/call-name.ts';
import { RustUses } from '../../program/ownership/rust-uses.ts';
import { onlyAtStart } from '../../program/phases/only-at-start.ts';
import { Phases } from '../../program/phases/phases.ts';
import type { Evidence } from '../../program/phases/reach.ts';
import type { Fn, Package } from '../../program/program.ts';
import { Constants } from '../../program/sizes/constants.ts';
import { isReference, RustValues } from '../../program/types/rust-values.ts';
import type { Binding } from '../../program/types/scope.ts';
import { lastSegment, type TypeRef } from '../../program/types/types.ts';
import { Values } from '../../program/types/values.ts';
import { kinds } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { insertBefore, textOf } from '../shared/fixes/statements.ts';
import { awaits, isTight, provenHot, provenRequest } from '../shared/heat.ts';
import { copiesWhatItIsLent } from '../shared/lent-text.ts';

const WANTED = kinds(Kind.Let, Kind.Call, Kind.Macro, Kind.MethodCall);

const messages = {
  fresh: '`{name}` is allocated anew in every turn of the loop{size}',
  collected: '`{name}` is collected anew in every turn of the loop and only read',
  iterated: '`{name}` is collected in every turn of the loop only to be iterated',
  built: '`{call}` makes {what} {when}',
  key: '`format!` makes a text in every turn to look it up in `{map}`',
  concat: '`{name}` is made anew in every turn to put something behind it',
  copied: '`{call}` makes a text in every turn only to copy it into `{into}`',
} as const;

const exemptions = {
  kept: 'what is made in the turn is given away: {how}',
  borrows: 'what it holds is borrowed from the turn',
  depends: 'what is built is something else each time',
  small: 'at most {bytes} bytes',
  waits: 'the turn waits, which costs more',
  few: 'the loop has few turns: {why}',
  'start-up': 'runs only while the program starts',
} as const;

type Report = Reporter<typeof messages, typeof exemptions>;

/** Less than this is not worth a variable that lives longer. */
const SMALL = 512n;
const FEW_TURNS = 8n;

export default defineRule({
  id: 'rust/loop-allocation',
  tier: 'C',
  severity: 'information',
  summary: 'Something is allocated or built in every turn of a loop that could be made once',
  note: {
    why: 'Each turn asks the allocator for memory and gives it back; between turns of many threads the freed pieces stay behind as fragments that the container is still charged for.',
    arithmetic:
      'allocations a turn × turns per second; with `clear` instead, one allocation of the largest turn',
    myth: 'fix-without-measuring',
  },
  messages,
  exemptions,
  check(pkg: Package, report) {
    if (pkg.language !== 'rust') return;
    for (const fn of pkg.serviceFunctions) if (fn.fact.body >= 0) new AllocationReader(fn, report).read();
  },
});

class AllocationReader {
  readonly #fn: Fn;
  readonly #report: Report;
  readonly #uses: RustUses;
  readonly #values: RustValues;
  readonly #phases: Phases;

  constructor(fn: Fn, report: Report) {
    const { program } = fn.package;
    this.#fn = fn;
    this.#report = report;
    this.#uses = RustUses.of(program);
    this.#values = RustValues.of(program);
    this.#phases = Phases.of(program);
  }

  read(): void {
    const { code } = this.#fn;
    const { first: body, after } = this.#fn;
    for (let n = code.next(WANTED, body, after); n < after; n = code.next(WANTED, n + 1, after)) {
      switch (code.kind(n)) {
        case Kind.Let:
          this.#declared(n);
          break;
        case Kind.Call:
          this.#built(n);
          break;
        case Kind.Macro:
          if (code.name(n) === 'format') this.#formatted(n);
          break;
        case Kind.MethodCall:
          if (code.name(n) === 'repeat' && code.all(n, Role.Arg).length === 1) this.#copied(n, 'repeat');
          break;
      }
    }
  }

  // --- what a turn declares

  #declared(statement: NodeId): void {
    const { code } = this.#fn;
    const bind = code.child(statement, Role.Pattern);
    const value = code.child(statement, Role.Value);
    if (value < 0 || code.kind(bind) !== Kind.Bind || code.kind(code.parent(statement)) !== Kind.Block)
      return;
    const made = this.#made(statement, value);
    if (!made) return;
    const loop = this.#loop(statement);
    if (loop === undefined) return;
    const mentions = this.#uses.mentions(this.#fn, bind);
    if (mentions.length === 0) return;
    if (made.kind === 'collected' && this.#isIteratedOnce(value, mentions)) {
      if (this.#waits(loop, undefined)) this.#exempt('waits', bind);
      else if (this.#worthwhile(loop, bind))
        this.#find(bind, loop, 'iterated', { name: code.name(bind) }, []);
      return;
    }
    const how = this.#givenAway(bind, mentions);
    if (how !== undefined) {
      this.#exempt('kept', bind, { how });
      return;
    }
    const type = this.#values.bound(this.#fn, bind);
    if (made.kind !== 'block' && type && holdsReferences(type)) {
      this.#exempt('borrows', bind);
      return;
    }
    if (made.kind === 'fresh' && !this.#filled(mentions)) return;
    if (made.kind !== 'block' && this.#waits(loop, type)) {
      this.#exempt('waits', bind);
      return;
    }
    const size = this.#size(made.count, loop);
    if (size === undefined) return;
    const differs = made.kind === 'block' && this.#boundIn(made.count, loop).length > 0;
    if (size !== '' && size.small) {
      this.#exempt('small', bind, { bytes: size.text });
      return;
    }
    if (!this.#worthwhile(loop, bind)) return;
    const name = code.name(bind);
    this.#find(
      bind,
      loop,
      made.kind === 'collected' ? 'collected' : 'fresh',
      { name, size: size === '' ? '' : `: ${size.text}` },
      made.kind === 'collected'
        ? this.#extendFix(statement, loop, bind, value)
        : differs
          ? []
          : this.#hoistFix(statement, loop, bind, made.kind),
    );
  }

  /**
   * What a declaration makes: `block` is memory of a size (`vec![0; n]`), `fresh` something empty, `collected` what an
   * iterator gave.
   */
  #made(
    statement: NodeId,
    value: NodeId,
  ): { readonly kind: 'block' | 'fresh' | 'collected'; readonly count: NodeId } | undefined {
    const { code, file } = this.#fn;
    if (code.kind(value) === Kind.Macro) {
      if (code.name(value) !== 'vec') return undefined;
      const count = code.child(value, Role.Count);
      if (count >= 0) return { kind: 'block', count };
      return code.children(value).length === 0 ? { kind: 'fresh', count: -1 } : undefined;
    }
    if (code.kind(value) === Kind.Call) {
      const callee = code.child(value, Role.Callee);
      if (callee < 0 || code.kind(callee) !== Kind.Path) return undefined;
      const two = file.fullPath(code.name(callee)).split('::').slice(-2).join('::');
      if (!Object.hasOwn(rustFresh, two)) return undefined;
      return { kind: 'fresh', count: -1 };
    }
    if (!code.is(value, Kind.MethodCall, 'collect')) return undefined;
    const written = code.child(statement, Role.Type);
    const target = written >= 0 ? written : code.child(value, Role.TypeArg);
    return target >= 0 && rustClearable.has(lastSegment(code.name(target)))
      ? { kind: 'collected', count: -1 }
      : undefined;
  }

  /**
   * `for x in list` right behind the `collect`, with nothing in the loop that names what the list was made of: it is not
   * collected to change what it comes from, nor to let go of a lock.
   */
  #isIteratedOnce(collect: NodeId, [mention, ...others]: readonly NodeId[]): boolean {
    const { code } = this.#fn;
    if (mention === undefined || others.length > 0) return false;
    const borrowed = code.is(code.parent(mention), Kind.Unary) ? code.parent(mention) : mention;
    const loop = code.parent(borrowed);
    if (!code.is(loop, Kind.Loop, 'for') || code.role(borrowed) !== Role.Iter) return false;
    if (code.parent(loop) !== code.parent(code.parent(collect))) return false;
    const target = code.child(code.parent(collect), Role.Type);
    const type = target >= 0 ? target : code.child(collect, Role.TypeArg);
    if (lastSegment(code.name(type)) !== 'Vec') return false;
    const names = new Set<string>();
    for (let n = collect; n < code.after(collect); n++) {
      const kind = code.kind(n);
      // What is collected is started, or let go of, before the first is waited for.
      const called = kind === Kind.Call || kind === Kind.MethodCall ? callName(code, n) : '';
      if (rustLocking.test(called) || rustMomentary.test(called) || called.startsWith('spawn')) return false;
      if (kind === Kind.Name) names.add(code.name(n));
    }
    const body = code.child(loop, Role.Body);
    for (let n = body; n < code.after(body); n++)
      if (code.kind(n) === Kind.Name && names.has(code.name(n))) return false;
    return true;
  }

  /** How the value leaves the turn, or undefined when it is only lent. */
  #givenAway(bind: NodeId, mentions: readonly NodeId[]): string | undefined {
    const { code } = this.#fn;
    for (const m of mentions) {
      const task = code.ancestor(
        m,
        (a) => (code.kind(a) === Kind.Closure || code.kind(a) === Kind.AsyncBlock) && code.name(a) === 'move',
      );
      if (task >= 0 && !code.within(bind, task)) return 'a task or closure takes it';
      const use = this.#uses.of(this.#fn, m);
      if (
        use.kind === 'returned' ||
        use.kind === 'stored' ||
        use.kind === 'argument' ||
        use.kind === 'consumed'
      )
        return `${use.by} takes it`;
      if (use.kind === 'bound' || use.kind === 'assigned') return 'it gets another name';
      // What an index gives by value is copied: Rust lets nobody move an element out.
      if (use.kind === 'part' && code.kind(use.field) !== Kind.Index) return 'a part of it is taken';
      if (this.#isTaken(m)) return 'it is taken out';
    }
    return undefined;
  }

  /** `mem::take(&mut x)`, `x.split()`, `x.freeze()`: the memory goes away although the name stays. */
  #isTaken(m: NodeId): boolean {
    const { code } = this.#fn;
    const up = code.parent(m);
    // What a `drain` gives that nobody looks at is dropped, and the memory stays.
    if (code.is(up, Kind.MethodCall, 'drain') && code.kind(code.parent(up)) === Kind.Block) return false;
    if (code.kind(up) === Kind.MethodCall && code.role(m) === Role.Object)
      return /^(split|split_to|split_off|freeze|drain|leak|append)$/.test(code.name(up));
    if (!code.is(up, Kind.Unary, '&mut')) return false;
    const call = code.parent(up);
    const callee = code.kind(call) === Kind.Call ? code.child(call, Role.Callee) : -1;
    if (code.is(call, Kind.MethodCall, 'append')) return true;
    return callee >= 0 && /^(take|swap|replace)$/.test(lastSegment(code.name(callee)));
  }

  /** Something is put into what began empty; else nothing is allocated. */
  #filled(mentions: readonly NodeId[]): boolean {
    return mentions.some((m) => this.#uses.of(this.#fn, m).kind === 'mutated');
  }

  /** The turn awaits: then a small collection is not what it spends its time on. */
  #waits(loop: NodeId, type: TypeRef | undefined): boolean {
    if (type && /^(String|BytesMut)$/.test(lastSegment(type.name))) return false;
    return awaits(this.#fn.code, loop);
  }

  /** The bytes of `vec![0; n]`, as far as they can be told; undefined when a call says how many. */
  #size(count: NodeId, loop: NodeId): { readonly text: string; readonly small: boolean } | '' | undefined {
    if (count < 0) return '';
    const { code } = this.#fn;
    const macro = code.parent(count);
    for (let n = count; n < code.after(count); n++) {
      if (code.kind(n) === Kind.MethodCall && code.name(n) !== 'len') return undefined;
      // Read from the input in this turn: what a size is then is `untrusted-capacity`'s question.
      const root = code.kind(n) === Kind.Name ? this.#uses.root(this.#fn, n) : undefined;
      if (root?.binding && code.within(root.binding.node, loop) && root.binding.source !== 'element')
        return undefined;
    }
    // Elements that are read before they are written must begin as zeroes.
    const amount = Constants.of(this.#fn.package.program).in(this.#fn, count);
    const element = this.#elementBytes(code.child(macro, Role.Arg));
    if (amount.value === undefined || element === undefined) return '';
    const bytes = amount.value * BigInt(element);
    return bytes < SMALL && amount.exact
      ? { text: String(bytes), small: true }
      : { text: `${amount.exact ? '' : 'up to '}${formatBytes(bytes)}`, small: false };
  }

  #elementBytes(value: NodeId): number | undefined {
    const { code } = this.#fn;
    const suffix = /[ui](8|16|32|64)$/.exec(code.kind(value) === Kind.Number ? code.name(value) : '');
    return suffix ? Number(suffix[1]) / 8 : code.is(value, Kind.Number, '0') ? 1 : undefined;
  }

  // --- what is built

  #built(n: NodeId): void {
    const { code, file } = this.#fn;
    const callee = code.child(n, Role.Callee);
    if (callee < 0 || code.kind(callee) !== Kind.Path) return;
    const segments = file.fullPath(code.name(callee)).split('::');
    const row = [segments.slice(-2), segments.slice(-3)]
      .map((s) => s.join('::'))
      .find((k) => Object.hasOwn(rustBuilders, k));
    const two = segments.slice(-2).join('::');
    const key = row ?? (segments[0] === 'reqwest' ? `reqwest::${two}` : undefined);
    const builder = key !== undefined && Object.hasOwn(rustBuilders, key) ? rustBuilders[key] : undefined;
    if (!builder) return;
    const data = { call: code.name(callee), what: builder.what };
    if (!code.all(n, Role.Arg).every((a) => this.#isConstant(a))) {
      const outer = this.#repeatingLoop(n);
      if (outer < 0 && !code.all(n, Role.Arg).every((a) => this.#isOwn(a))) this.#exempt('depends', n);
      else if (outer < 0) this.#ofOwner(n, data);
      else if (this.#worthwhile(outer, n))
        this.#find(n, outer, 'built', { ...data, when: 'anew in every turn of the outer loop' }, []);
      return;
    }
    const loop = this.#loop(n);
    if (loop !== undefined) {
      if (this.#worthwhile(loop, n))
        this.#find(n, loop, 'built', { ...data, when: 'in every turn of the loop' }, []);
      return;
    }
    const hot = provenHot(this.#fn, n) ?? provenRequest(this.#fn, n);
    if (hot) this.#emit(n, hot, undefined, 'built', { ...data, when: 'at every call' }, []);
    else if (onlyAtStart(this.#fn, n)) this.#exempt('start-up', n);
  }

  /** `for rule in &self.rules { Regex::new(&rule.pattern)? … }`: each call builds again what the owner could have built once. */
  #ofOwner(n: NodeId, data: { readonly call: string; readonly what: string }): void {
    const { program } = this.#fn.package;
    const reach = this.#phases.at(this.#fn, n);
    if (onlyAtStart(this.#fn, n)) {
      this.#exempt('start-up', n);
      return;
    }
    if (!reach.request && !reach.likely && !reach.api) return;
    const hot = provenHot(this.#fn, n) ?? provenRequest(this.#fn, n);
    const [loop] = Phases.of(program).turns(this.#fn, n);
    const when = `at every call, of what \`${this.#fn.fact.owner}\` holds`;
    this.#emit(n, hot, loop, 'built', { ...data, when }, []);
  }

  /** A part of what the method belongs to and does not change, or of an element of that: `&rule.pattern`. */
  #isOwn(root: NodeId): boolean {
    const { code, fact } = this.#fn;
    if (fact.receiver === '' || fact.receiverMutable || !fact.receiverByReference) return false;
    const scope = Values.of(this.#fn.package.program).scope(this.#fn);
    let owned = 0;
    for (let n = root; n < code.after(root); n++) {
      if (code.kind(n) !== Kind.Name || this.#isConstant(n)) continue;
      const b = scope.lookup(code.name(n), code.start(n));
      if (code.name(n) === fact.receiver || (b && this.#isOfOwner(b))) owned++;
      else return false;
    }
    return owned > 0;
  }

  /** The element of a field in a loop, or in a closure that is called for each: `self.rules.iter().any(|rule| …)`. */
  #isOfOwner({ source, value, node }: Binding): boolean {
    const { code, fact } = this.#fn;
    let list = -1;
    if (source === 'element' && value >= 0) list = value;
    else {
      const closure = code.ancestor(node, (a) => code.kind(a) === Kind.Closure || code.kind(a) === Kind.Let);
      const call = code.is(closure, Kind.Closure) ? code.parent(closure) : -1;
      if (code.is(call, Kind.MethodCall) && rustPerElement.has(code.name(call)))
        list = code.child(call, Role.Object);
    }
    let fields = 0;
    for (; list >= 0; list = code.child(list, Role.Object)) {
      if (code.is(list, Kind.Name)) return fields > 0 && code.name(list) === fact.receiver;
      if (code.is(list, Kind.Field)) fields++;
      else if (code.kind(list) !== Kind.Unary && code.kind(list) !== Kind.MethodCall) return false;
    }
    return false;
  }

  /**
   * `for line in lines { for rule in rules { Regex::new(&rule.pattern) } }`: the outer loop, in whose every turn the same is
   * built of the same list; or -1.
   */
  #repeatingLoop(n: NodeId): NodeId {
    const { code } = this.#fn;
    const [inner, outer] = this.#phases.turns(this.#fn, n);
    if (inner === undefined || outer === undefined || this.#loop(n) !== inner) return -1;
    const over = code.child(inner, Role.Iter);
    if (over < 0 || this.#phases.isServiceLoop(this.#fn, outer)) return -1;
    // The list is the same in each turn, and what is built depends on its element alone.
    const names = code.all(n, Role.Arg).flatMap((a) => this.#boundIn(a, outer));
    const ofElement =
      names.length > 0 && names.every((b) => b.source === 'element' && code.within(b.node, inner));
    return ofElement && this.#boundIn(over, outer).length === 0 ? outer : -1;
  }

  /** The locals in an expression that are declared inside a loop. */
  #boundIn(root: NodeId, loop: NodeId): Binding[] {
    const { code } = this.#fn;
    const scope = Values.of(this.#fn.package.program).scope(this.#fn);
    const out: Binding[] = [];
    for (let m = root; m < code.after(root); m++) {
      const b = code.kind(m) === Kind.Name ? scope.lookup(code.name(m), code.start(m)) : undefined;
      if (b && code.within(b.node, loop)) out.push(b);
    }
    return out;
  }

  /** A text that stands in the program. */
  #isConstant(n: NodeId): boolean {
    const { code } = this.#fn;
    const kind = code.kind(n);
    if (kind === Kind.String || kind === Kind.Number) return true;
    if (kind === Kind.Unary || kind === Kind.Sequence)
      return code.children(n).every((c) => this.#isConstant(c));
    const written = kind === Kind.Name || kind === Kind.Path ? code.name(n) : '';
    return /^[A-Z][A-Z\d_]*$/.test(lastSegment(written));
  }

  // --- text

  #formatted(n: NodeId): void {
    const { code } = this.#fn;
    const up = code.parent(n);
    if (code.kind(up) === Kind.Assign && code.role(n) === Role.Value) {
      this.#concatenated(n, up);
      return;
    }
    const key = code.is(up, Kind.Let) && code.role(n) === Role.Value ? code.child(up, Role.Pattern) : -1;
    const names = code.kind(key) === Kind.Bind ? this.#uses.mentions(this.#fn, key) : [];
    // All that is done with a name of it: who keeps it somewhere needs a text of his own.
    const maps = (key < 0 ? [n] : names).map((use) => this.#lookedUpIn(use));
    const [map] = maps;
    if (map === undefined || !maps.every((m) => m !== undefined)) {
      this.#copied(n, 'format!');
      return;
    }
    const loop = this.#loop(n);
    if (loop === undefined || !this.#worthwhile(loop, n)) return;
    this.#find(n, loop, 'key', { map: textOf(this.#fn, map).slice(0, 30) }, []);
  }

  /** `out.write_all(format!("{x} {y}").as_bytes())`: `write!` puts it there at once, and a text that is kept can be filled again. */
  #copied(n: NodeId, call: string): void {
    const { code } = this.#fn;
    const up = code.parent(n);
    const bind = code.is(up, Kind.Let) && code.role(n) === Role.Value ? code.child(up, Role.Pattern) : -1;
    const uses = code.kind(bind) === Kind.Bind ? this.#uses.mentions(this.#fn, bind) : bind < 0 ? [n] : [];
    const sinks = uses.map((use) => this.#copiedInto(use));
    const [into] = sinks;
    if (into === undefined || !sinks.every((sink) => sink !== undefined)) return;
    const loop = this.#loop(n);
    if (loop === undefined) return;
    if (this.#waits(loop, undefined)) this.#exempt('waits', n);
    else if (this.#worthwhile(loop, n))
      this.#find(n, loop, 'copied', { call, into: textOf(this.#fn, into).slice(0, 30) }, []);
  }

  /** What a text is copied into that is only lent to it: the object of `out.push_str(&text)`. */
  #copiedInto(text: NodeId): NodeId | undefined {
    const { code } = this.#fn;
    let argument = text;
    for (let up = code.parent(argument); ; up = code.parent(argument)) {
      const lends = code.kind(up) === Kind.MethodCall && /^as_(str|bytes|ref)$/.test(code.name(up));
      if (!code.is(up, Kind.Unary, '&') && !(lends && code.role(argument) === Role.Object)) break;
      argument = up;
    }
    const call = code.parent(argument);
    if (argument === text || code.role(argument) !== Role.Arg) return undefined;
    const sink = code.child(call, code.kind(call) === Kind.MethodCall ? Role.Object : Role.Callee);
    return copiesText.test(callName(code, call)) || copiesWhatItIsLent(this.#fn, call, argument)
      ? sink
      : undefined;
  }

  /** The map of `map.get(&key)` or `map.contains_key(key.as_str())`. */
  #lookedUpIn(key: NodeId): NodeId | undefined {
    const { code } = this.#fn;
    let argument = key;
    while (
      code.kind(code.parent(argument)) === Kind.Unary ||
      code.is(code.parent(argument), Kind.MethodCall, 'as_str')
    )
      argument = code.parent(argument);
    const call = code.parent(argument);
    if (
      code.role(argument) !== Role.Arg ||
      code.kind(call) !== Kind.MethodCall ||
      !/^(get|get_mut|contains_key|contains|entry)$/.test(code.name(call))
    )
      return undefined;
    const object = code.child(call, Role.Object);
    const type = this.#values.typeOf(this.#fn, object);
    const owned = type && (isReference(type) ? type.args[0] : type);
    const isMap =
      owned !== undefined &&
      /^(HashMap|BTreeMap|HashSet|BTreeSet|IndexMap|DashMap|FxHashMap|AHashMap)$/.test(
        lastSegment(owned.name),
      );
    return isMap ? object : undefined;
  }

  /** `s = format!("{s}…")` for a text that was there before the loop. */
  #concatenated(n: NodeId, assign: NodeId): void {
    const { code } = this.#fn;
    const target = code.child(assign, Role.Target);
    if (code.kind(target) !== Kind.Name || !code.is(assign, Kind.Assign, '=')) return;
    const root = this.#uses.root(this.#fn, target);
    let itself = false;
    for (let i = n; i < code.after(n); i++) if (code.is(i, Kind.Name, code.name(target))) itself = true;
    const loop = this.#loop(assign);
    if (!itself || loop === undefined || !root?.binding || code.within(root.binding.node, loop)) return;
    if (this.#worthwhile(loop, assign)) this.#find(assign, loop, 'concat', { name: code.name(target) }, []);
  }

  // --- fixes

  /** Moves the declaration in front of the loop; something that grows is emptied where it was declared. */
  #hoistFix(statement: NodeId, loop: NodeId, bind: NodeId, kind: 'block' | 'fresh'): readonly Fix[] {
    if (!this.#canMove(statement, loop, bind)) return [];
    const { code } = this.#fn;
    const { file } = this.#fn.file.facts;
    const name = code.name(bind);
    const edits = (): Edit[] => {
      const declared = textOf(this.#fn, statement).replace(/;\s*$/, '');
      const before = insertBefore(this.#fn, loop, [`${declared};`]);
      if (kind === 'fresh')
        return [...before, { file, span: this.#whole(statement), newText: `${name}.clear();` }];
      const text = this.#fn.package.text(file);
      const start = text.lastIndexOf('\n', code.start(statement)) + 1;
      return [
        ...before,
        { file, span: { start, end: text.indexOf('\n', this.#whole(statement).end) + 1 }, newText: '' },
      ];
    };
    const title =
      kind === 'fresh'
        ? `Make \`${name}\` once and clear it in every turn`
        : `Make \`${name}\` once before the loop`;
    return [{ title, applicability: 'maybe-incorrect', edits }];
  }

  /** `let xs: Vec<_> = iter.collect()` becomes `xs.clear(); xs.extend(iter)`. */
  #extendFix(statement: NodeId, loop: NodeId, bind: NodeId, collect: NodeId): readonly Fix[] {
    const { code } = this.#fn;
    if (!this.#canMove(statement, loop, bind)) return [];
    const { file } = this.#fn.file.facts;
    const name = code.name(bind);
    const written = code.child(statement, Role.Type);
    const type = written >= 0 ? written : code.child(collect, Role.TypeArg);
    const made = lastSegment(code.name(type));
    const edits = (): Edit[] => {
      const annotation = written >= 0 ? `: ${textOf(this.#fn, written)}` : '';
      const text = this.#fn.package.text(file);
      const from = code.child(collect, Role.Object);
      const indent = /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', code.start(statement)) + 1))?.[0] ?? '';
      return [
        ...insertBefore(this.#fn, loop, [`let mut ${name}${annotation} = ${made}::new();`]),
        {
          file,
          span: this.#whole(statement),
          newText: `${name}.clear();\n${indent}${name}.extend(${text.slice(code.start(from), code.end(from))});`,
        },
      ];
    };
    return [
      {
        title: `Make \`${name}\` once and fill it anew in every turn`,
        applicability: 'maybe-incorrect',
        edits,
      },
    ];
  }

  /** The loop is a statement of a block, and the name means nothing else there. */
  #canMove(statement: NodeId, loop: NodeId, bind: NodeId): boolean {
    const { code } = this.#fn;
    const outer = code.parent(loop);
    if (code.kind(outer) !== Kind.Block || /^'/.test(code.name(outer))) return false;
    const text = this.#fn.package.text(this.#fn.file.facts.file);
    const line = text.slice(text.lastIndexOf('\n', code.start(statement)) + 1, code.start(statement));
    // A label stands in front of the loop and is not part of it.
    const head = text.slice(text.lastIndexOf('\n', code.start(loop)) + 1, code.start(loop));
    if (line.trim() !== '' || head.trim() !== '') return false;
    const { first: body, after } = this.#fn;
    for (let n = body; n < after; n++) if (n !== bind && code.is(n, Kind.Bind, code.name(bind))) return false;
    return true;
  }

  /** The statement with its semicolon. */
  #whole(statement: NodeId): { readonly start: number; readonly end: number } {
    const { code } = this.#fn;
    const text = this.#fn.package.text(this.#fn.file.facts.file);
    const end = code.end(statement);
    return { start: code.start(statement), end: text[end - 1] === ';' || text[end] !== ';' ? end : end + 1 };
  }

  // --- how often

  /** The innermost loop that runs a node in each of its turns. */
  #loop(n: NodeId): NodeId | undefined {
    const { code } = this.#fn;
    const [loop] = this.#phases.turns(this.#fn, n);
    if (loop === undefined) return undefined;
    const later = code.ancestor(n, (a) => code.kind(a) === Kind.Closure || code.kind(a) === Kind.AsyncBlock);
    return later >= 0 && code.within(later, loop) ? undefined : loop;
  }

  #worthwhile(loop: NodeId, n: NodeId): boolean {
    const few = this.#fewTurns(loop);
    if (few !== undefined) {
      this.#exempt('few', n, { why: few });
      return false;
    }
    if (onlyAtStart(this.#fn, n)) {
      this.#exempt('start-up', n);
      return false;
    }
    return true;
  }

  /** Why a loop has few turns: a list in the program, a small number. */
  #fewTurns(loop: NodeId): string | undefined {
    const { code } = this.#fn;
    const iter = code.child(loop, Role.Iter);
    if (iter < 0) return undefined;
    if (code.kind(iter) === Kind.Sequence && code.children(iter).length <= Number(FEW_TURNS))
      return 'a list written in the program';
    if (code.kind(iter) !== Kind.Range) return undefined;
    const high = code.child(iter, Role.High);
    const limit = high < 0 ? undefined : Constants.of(this.#fn.package.program).in(this.#fn, high);
    return limit?.value !== undefined && limit.value <= FEW_TURNS ? `at most ${limit.value}` : undefined;
  }

  // --- reporting

  #find(
    n: NodeId,
    loop: NodeId,
    message: keyof typeof messages,
    data: Readonly<Record<string, string>>,
    fixes: readonly Fix[],
  ): void {
    const hot = provenHot(this.#fn, n);
    // A small list or text a turn is nothing beside the rest of a request; in a loop of a loop it is.
    const small =
      message === 'collected' ||
      message === 'iterated' ||
      message === 'copied' ||
      (message === 'fresh' && data.size === '');
    this.#emit(n, hot && (!small || isTight(this.#fn, n)) ? hot : undefined, loop, message, data, fixes);
  }

  #emit(
    n: NodeId,
    hot: Evidence | undefined,
    loop: NodeId | undefined,
    message: keyof typeof messages,
    data: Readonly<Record<string, string>>,
    fixes: readonly Fix[],
  ): void {
    this.#report.find({
      message,
      at: this.#fn.place(n),
      severity: hot ? 'information' : 'hint',
      confidence: hot ? 'high' : 'medium',
      related: [
        ...(loop === undefined ? [] : [{ ...this.#fn.place(loop), message: 'the loop' }]),
        ...(hot ? [{ ...hot.at, message: hot.why }] : []),
      ],
      fixes,
      data,
    } as Parameters<Report['find']>[0]);
  }

  #exempt(reason: keyof typeof exemptions, n: NodeId, data: Record<string, string> = {}): void {
    this.#report.exempt({ reason, at: this.#fn.place(n), data } as Parameters<Report['exempt']>[0]);
  }
}

/** A reference, or something with a lifetime of its own, among the types of what a collection holds. */
function holdsReferences(type: TypeRef): boolean {
  return type.args.some(
    (a) =>
      isReference(a) ||
      /^(Cow|Ref|RefMut|Guard|MutexGuard|dyn|str)$/.test(lastSegment(a.name)) ||
      holdsReferences(a),
  );
}
