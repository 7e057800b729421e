import type { Edit, Fix } from '../../core/finding.ts';
import { defineRule, type Reporter } from '../../core/rule.ts';
import { goMessageHeaders } from '../../knowledge/parts.ts';
import { onlyAtStart } from '../../program/phases/only-at-start.ts';
import type { Evidence } from '../../program/phases/reach.ts';
import type { Fn, Package } from '../../program/program.ts';
import { Constants } from '../../program/sizes/constants.ts';
import { isKnown, Layouts } from '../../program/sizes/layouts.ts';
import type { Binding } from '../../program/types/scope.ts';
import { container, peel } from '../../program/types/types.ts';
import { Values } from '../../program/types/values.ts';
import { type Code, kinds } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { type Skipped, skippedIn } from '../shared/every-turn.ts';
import { textOf } from '../shared/fixes/statements.ts';
import { changeBetween, rootOf } from '../shared/go-locals.ts';
import { provenHot } from '../shared/heat.ts';

const LETS = kinds(Kind.Let);

const messages = {
  grows: '`{name}` grows step by step to a known length: {length}',
} as const;

const exemptions = {
  conditional: 'some turns of the loop add nothing',
  'ends-early': 'the loop may end before it has seen everything',
  unknown: 'how much is added is not known before',
  repeats: 'keys may repeat: the number of turns is not the number of keys',
  emptied: '`{name}` is emptied or replaced on the way',
  small: 'at most {count} elements',
  'start-up': 'runs only while the program starts',
} as const;

type Report = Reporter<typeof messages, typeof exemptions>;

/** A list of eight needs four steps, a map of eight one bucket: nothing to win. */
const FEW = 8n;

export default defineRule({
  id: 'go/missing-capacity',
  tier: 'C',
  severity: 'information',
  summary: 'A slice or map is filled in a loop of known length without room made for it',
  note: {
    why: 'A slice that grows is allocated and copied again at 1, 2, 4, 8 … elements: what it held before is garbage until the next collection, and up to half of what it holds in the end stays unused.',
    arithmetic:
      'Σ of all the steps ≈ 2 × length × size of an element, of which 1 × is garbage; with room made first, 1 × and one allocation',
    myth: 'fix-without-measuring',
  },
  messages,
  exemptions,
  check(pkg: Package, report) {
    if (pkg.language !== 'go') return;
    for (const fn of pkg.serviceFunctions) if (fn.fact.body >= 0) readFunction(fn, report);
  },
});

/** An empty collection: how it is written, and what it holds. */
interface Empty {
  readonly shape: 'slice' | 'map';
  readonly type: NodeId;
  /** The value that is replaced, or -1 for `var xs []T`. */
  readonly value: NodeId;
}

/** So many elements: the expression that says it, and whether it can be written at the declaration. */
interface Term {
  readonly text: string;
  /** What the expression measures, or -1 for a number. */
  readonly operand: NodeId;
  readonly loop: NodeId;
  readonly count: bigint | undefined;
}

function readFunction(fn: Fn, report: Report): void {
  const { code } = fn;
  const { first: body, after } = fn;
  for (let n = code.next(LETS, body, after); n < after; n = code.next(LETS, n + 1, after)) {
    const empty = emptyAt(fn, n);
    if (empty) new Filling(fn, n, empty, report).read();
  }
}

/** `var xs []T`, `xs := []T{}`, `xs := make([]T, 0)`, `m := make(map[K]V)`, `m := map[K]V{}`. */
function emptyAt(fn: Fn, statement: NodeId): Empty | undefined {
  const { code } = fn;
  if (code.all(statement, Role.Pattern).length !== 1 || code.kind(code.parent(statement)) !== Kind.Block)
    return undefined;
  const values = code.all(statement, Role.Value);
  const [value] = values;
  if (value === undefined) {
    const type = code.child(statement, Role.Type);
    return code.is(type, Kind.Type, 'slice') ? { shape: 'slice', type, value: -1 } : undefined;
  }
  if (code.kind(value) === Kind.Composite) {
    const type = code.child(value, Role.Type);
    if (type < 0 || code.children(value).length !== 1 || !/^(slice|map)$/.test(code.name(type)))
      return undefined;
    return { shape: code.name(type) as Empty['shape'], type, value };
  }
  if (code.kind(value) !== Kind.Call || !code.is(code.child(value, Role.Callee), Kind.Name, 'make'))
    return undefined;
  const [type, length, ...more] = code.all(value, Role.Arg);
  if (type === undefined || more.length > 0 || code.kind(type) !== Kind.Type) return undefined;
  if (code.name(type) === 'map' && length === undefined) return { shape: 'map', type, value };
  return code.name(type) === 'slice' && length !== undefined && code.is(length, Kind.Number, '0')
    ? { shape: 'slice', type, value }
    : undefined;
}

/** The names of the types in `[]T` and `map[K]V`. */
function partNames(code: Code, type: NodeId): string[] {
  return code.all(type, Role.TypeArg).map((t) => code.name(t));
}

class Filling {
  readonly #fn: Fn;
  readonly #statement: NodeId;
  readonly #empty: Empty;
  readonly #report: Report;
  readonly #values: Values;
  readonly #name: string;
  readonly #binding: Binding | undefined;

  /** Each turn allocates what it adds: beside that the room for a pointer to it is nothing. */
  #allocates = false;

  constructor(fn: Fn, statement: NodeId, empty: Empty, report: Report) {
    this.#fn = fn;
    this.#statement = statement;
    this.#empty = empty;
    this.#report = report;
    this.#values = Values.of(fn.package.program);
    const pattern = fn.code.child(statement, Role.Pattern);
    this.#name = fn.code.name(pattern);
    const found = this.#values.scope(fn).lookup(this.#name, fn.code.end(statement));
    this.#binding = found?.node === pattern ? found : undefined;
  }

  /** Follows the statements behind the declaration: what they add, and how often. */
  read(): void {
    const { code } = this.#fn;
    if (!this.#binding) return;
    const terms: Term[] = [];
    let more = 0;
    let silent: keyof typeof exemptions | undefined;
    const block = code.parent(this.#statement);
    for (const s of code.children(block)) {
      if (code.start(s) < code.end(this.#statement)) continue;
      if (code.kind(s) === Kind.Loop) {
        const found = this.#loop(s);
        if (typeof found === 'string') silent ??= found;
        else if (found) terms.push(found);
        continue;
      }
      const added = this.#addedBy(s);
      if (added === 'replaced') break;
      more += added;
    }
    const [first] = terms;
    const at = this.#fn.place(code.child(this.#statement, Role.Pattern));
    if (!first || silent === 'emptied') {
      if (silent) this.#exempt(silent);
      return;
    }
    const counts = terms.map((t) => t.count);
    const total = counts.every((c) => c !== undefined) ? counts.reduce((a, b) => a + b, 0n) : undefined;
    if (total !== undefined && total <= FEW) {
      this.#report.exempt({ reason: 'small', at, data: { count: String(total) } });
      return;
    }
    const hot = provenHot(this.#fn, this.#statement) ?? this.#perMessage(first.loop);
    if (!hot && onlyAtStart(this.#fn, this.#statement)) {
      this.#exempt('start-up');
      return;
    }
    const capacity = [...terms.map((t) => t.text), ...(more > 0 ? [String(more)] : [])].join('+');
    this.#report.find({
      message: 'grows',
      at,
      severity:
        hot && this.#empty.shape === 'slice' && !this.#allocates && !this.#isBytes() ? 'information' : 'hint',
      confidence: 'high',
      related: [
        { ...this.#fn.place(first.loop), message: 'the loop that fills it' },
        ...(hot ? [{ ...hot.at, message: hot.why }] : []),
      ],
      fixes: this.#fix(terms, capacity),
      data: { name: this.#name, length: `\`${capacity}\`${this.#bytes()}` },
    });
  }

  /** The loop goes through the headers that come with each request. */
  #perMessage(loop: NodeId): Evidence | undefined {
    const { code } = this.#fn;
    const iter = code.child(loop, Role.Iter);
    const type = iter < 0 ? undefined : this.#values.typeOf(this.#fn, iter);
    return type && goMessageHeaders.has(peel(type).type.name)
      ? { why: 'each request brings headers', at: this.#fn.place(iter) }
      : undefined;
  }

  #exempt(reason: keyof typeof exemptions): void {
    this.#report.exempt({
      reason,
      at: this.#fn.place(this.#fn.code.child(this.#statement, Role.Pattern)),
      data: { name: this.#name, count: '' },
    } as Parameters<Report['exempt']>[0]);
  }

  /** ` × 48 bytes`, where the size of an element is known. */
  #bytes(): string {
    const { code, file } = this.#fn;
    const layouts = Layouts.of(this.#fn.package.program);
    const sizes = code.all(this.#empty.type, Role.TypeArg).map((t) => {
      const type = this.#values.types.at(file, t);
      return type ? layouts.sizeOf(type) : { why: 'it is not understood' };
    });
    const bytes = sizes.reduce((sum, s) => (isKnown(s) ? sum + s.high : Number.NaN), 0);
    return Number.isNaN(bytes) || bytes === 0 ? '' : ` × ${bytes} bytes`;
  }

  // --- what is added

  /** What a loop adds in each turn, the reason why that is not known, or undefined when it adds nothing. */
  #loop(loop: NodeId): Term | keyof typeof exemptions | undefined {
    const { code } = this.#fn;
    const body = code.child(loop, Role.Body);
    let each = 0;
    let skipped: Skipped | undefined;
    let grown = false;
    // `if ok { m[k] = v } else { m[k] = other }` adds one either way.
    const branched = new Set<NodeId>();
    for (const s of body < 0 ? [] : code.children(body))
      if (code.kind(s) === Kind.If) each += this.#eitherWay(s, branched);
    for (let n = body; n >= 0 && n < code.after(body); n++) {
      if (code.kind(n) === Kind.Unary && code.name(n) === '&' && this.#isIt(code.child(n, Role.Object)))
        return 'emptied';
      if (code.kind(n) !== Kind.Assign) continue;
      const added = this.#grownBy(n);
      if (added === undefined) {
        if (code.all(n, Role.Target).some((t) => this.#isIt(t))) return 'emptied';
        continue;
      }
      grown = true;
      if (added === 'unknown' || added === 'repeats') return added;
      if (
        branched.has(n) &&
        skippedIn(
          this.#fn,
          loop,
          code.ancestor(n, (a) => code.parent(a) === body),
        ) === undefined
      )
        continue;
      const why = skippedIn(this.#fn, loop, n);
      if (why) skipped ??= why;
      else each += added;
    }
    if (!grown) return undefined;
    if (each === 0 || skipped === 'ends-early') return skipped ?? 'unknown';
    return this.#turns(loop, each) ?? 'unknown';
  }

  /** How many elements both branches of a condition add, as many each; the assignments that do are noted. */
  #eitherWay(test: NodeId, branched: Set<NodeId>): number {
    const { code } = this.#fn;
    const adding = [code.child(test, Role.Then), code.child(test, Role.Else)].map((branch) => {
      if (branch < 0 || code.kind(branch) !== Kind.Block) return [];
      return code.children(branch).filter((s) => code.kind(s) === Kind.Assign && this.#grownBy(s) === 1);
    });
    if (!adding.every((a) => a.length === 1)) return 0;
    for (const s of adding.flat()) branched.add(s);
    return 1;
  }

  /** How many elements an assignment adds; undefined when it does not add to the collection. */
  #grownBy(assign: NodeId): number | 'unknown' | 'repeats' | undefined {
    const { code } = this.#fn;
    const [target, ...others] = code.all(assign, Role.Target);
    if (target === undefined || others.length > 0) return undefined;
    if (this.#empty.shape === 'slice')
      return this.#isIt(target) ? this.#appended(code.child(assign, Role.Value)) : undefined;
    if (code.kind(target) !== Kind.Index || !this.#isIt(code.child(target, Role.Object))) return undefined;
    const value = code.child(assign, Role.Value);
    if (code.name(assign) !== '=' || this.#mentions(value) || this.#continues(value)) return 'repeats';
    const key = code.child(target, Role.Index);
    // A set of something about the elements is there because it may repeat.
    const isSet =
      code.kind(value) === Kind.Literal ||
      (code.kind(value) === Kind.Composite && code.children(value).length === 1);
    if (isSet && code.kind(key) !== Kind.Name && code.kind(key) !== Kind.Index) return 'repeats';
    return this.#isPlainKey(key) ? 1 : 'repeats';
  }

  /** `old, ok := m[k]; m[k] = append(old, v)`: the value goes on from what the map had. */
  #continues(value: NodeId): boolean {
    const { code } = this.#fn;
    for (let n = value; n >= 0 && n < code.after(value); n++) {
      if (code.kind(n) !== Kind.Name) continue;
      const b = this.#values.scope(this.#fn).lookup(code.name(n), code.start(n));
      if (
        b &&
        b.value >= 0 &&
        code.kind(b.value) === Kind.Index &&
        this.#isIt(code.child(b.value, Role.Object))
      )
        return true;
    }
    return false;
  }

  /** A constant key, or a Boolean: the same few keys again. */
  #isPlainKey(key: NodeId): boolean {
    const { code } = this.#fn;
    const kind = code.kind(key);
    if (kind === Kind.String || kind === Kind.Number || kind === Kind.Literal) return false;
    const type = this.#values.typeOf(this.#fn, key);
    return !type || !/^(bool|byte|uint8|int8)$/.test(type.name);
  }

  /** `append(xs, a, b)` adds two; a slice that is spread adds nobody knows how many. */
  #appended(value: NodeId): number | 'unknown' | undefined {
    const { code } = this.#fn;
    if (value < 0 || code.kind(value) !== Kind.Call) return undefined;
    if (!code.is(code.child(value, Role.Callee), Kind.Name, 'append')) return undefined;
    const [list, ...items] = code.all(value, Role.Arg);
    if (list === undefined || !this.#isIt(list)) return undefined;
    if (items.some((i) => this.#isMadeInTurn(i))) this.#allocates = true;
    return items.some((i) => code.is(i, Kind.Unary, '...')) ? 'unknown' : items.length;
  }

  /** `&Item{…}`, the address of a local, or a name for one of them or for what `make` gives. */
  #isMadeInTurn(item: NodeId, named = false): boolean {
    const { code } = this.#fn;
    const local = (n: NodeId) => {
      const b =
        code.kind(n) === Kind.Name && this.#values.scope(this.#fn).lookup(code.name(n), code.start(n));
      return b && b.source === 'value' && b.from > code.start(this.#statement) ? b : undefined;
    };
    if (code.is(item, Kind.Unary, '&')) {
      const object = code.child(item, Role.Object);
      return code.kind(object) === Kind.Composite || local(object) !== undefined;
    }
    if (named)
      return code.kind(item) === Kind.Call && /^(make|new)$/.test(code.name(code.child(item, Role.Callee)));
    const value = local(item)?.value ?? -1;
    return value >= 0 && this.#isMadeInTurn(value, true);
  }

  /** A list of bytes has room for eight at once, and grows by little. */
  #isBytes(): boolean {
    const [element, ...more] = partNames(this.#fn.code, this.#empty.type);
    return more.length === 0 && element !== undefined && /^(byte|uint8|int8|bool)$/.test(element);
  }

  /** What a statement outside of loops adds for certain, or `replaced` when the collection is another one after it. */
  #addedBy(statement: NodeId): number | 'replaced' {
    const { code } = this.#fn;
    if (code.kind(statement) === Kind.Assign) {
      const added = this.#grownBy(statement);
      if (typeof added === 'number') return added;
      if (added === undefined && code.all(statement, Role.Target).some((t) => this.#isIt(t)))
        return 'replaced';
      return 0;
    }
    if (code.kind(statement) === Kind.Return) {
      const added = code.all(statement, Role.Value).map((v) => this.#appended(v));
      return added.find((a): a is number => typeof a === 'number') ?? 0;
    }
    return 0;
  }

  // --- how often a loop turns

  #turns(loop: NodeId, each: number): Term | undefined {
    const { code } = this.#fn;
    const iter = code.child(loop, Role.Iter);
    if (iter >= 0) return this.#ofRange(loop, iter, each);
    const condition = code.child(loop, Role.Condition);
    const init = code.child(loop, Role.Init);
    if (condition < 0 || init < 0 || code.kind(init) !== Kind.Let || !code.is(condition, Kind.Binary, '<'))
      return undefined;
    const counter = code.child(init, Role.Pattern);
    if (!code.is(code.child(condition, Role.Left), Kind.Name, code.name(counter))) return undefined;
    const update = code.child(loop, Role.Update);
    if (
      update < 0 ||
      !code.is(update, Kind.Assign, '+=') ||
      !code.is(code.child(update, Role.Value), Kind.Number, '1')
    )
      return undefined;
    return this.#ofCount(loop, code.child(condition, Role.Right), each);
  }

  #ofRange(loop: NodeId, iter: NodeId, each: number): Term | undefined {
    const type = this.#values.typeOf(this.#fn, iter);
    if (!type) return undefined;
    const inner = peel(type).type;
    if (!inner.decl && /^(int|int64|uint|uint64|int32|uint32)$/.test(inner.name))
      return this.#ofCount(loop, iter, each);
    const c = container(this.#values.types, type);
    const measurable =
      (c && !c.row.shared && c.label !== 'sync.Map') || /^(array|string|slice|map)$/.test(inner.name);
    if (!measurable || /^list\.|container\/list/.test(inner.name)) return undefined;
    return this.#term(`len(${this.#short(iter)})`, iter, loop, each, this.#countOf(iter));
  }

  /** The limit of a loop that counts: the length of something, or a constant. */
  #ofCount(loop: NodeId, limit: NodeId, each: number): Term | undefined {
    const { code } = this.#fn;
    if (code.kind(limit) === Kind.Call && code.is(code.child(limit, Role.Callee), Kind.Name, 'len')) {
      const operand = code.child(limit, Role.Arg);
      return this.#term(`len(${this.#short(operand)})`, operand, loop, each, this.#countOf(operand));
    }
    const amount = Constants.of(this.#fn.package.program).in(this.#fn, limit);
    if (amount.value !== undefined && amount.exact && amount.settings.length === 0)
      return this.#term(textOf(this.#fn, limit), -1, loop, each, amount.value);
    // A number that is not measured may be negative, or as large as input says.
    if (code.kind(limit) !== Kind.Name) return undefined;
    const b = this.#values.scope(this.#fn).lookup(code.name(limit), code.start(limit));
    const measured =
      b?.source === 'value' &&
      b.value >= 0 &&
      code.kind(b.value) === Kind.Call &&
      code.is(code.child(b.value, Role.Callee), Kind.Name, 'len');
    return measured ? this.#term(code.name(limit), limit, loop, each, undefined) : undefined;
  }

  #term(text: string, operand: NodeId, loop: NodeId, each: number, count: bigint | undefined): Term {
    return {
      text: each === 1 ? text : `${each}*${text}`,
      operand,
      loop,
      count: count === undefined ? undefined : count * BigInt(each),
    };
  }

  /** How many elements a list written in the program, or an array, has. */
  #countOf(n: NodeId): bigint | undefined {
    const { code } = this.#fn;
    if (code.kind(n) === Kind.Composite) {
      const type = code.child(n, Role.Type);
      // `[64]byte{}` has more than is written; `[...]string{"a", "b"}` has that.
      const counted = code.is(type, Kind.Type, 'array') ? code.child(type, Role.Count) : -1;
      return counted >= 0 ? undefined : BigInt(code.children(n).length - 1);
    }
    if (code.kind(n) === Kind.Name) {
      const b = this.#values.scope(this.#fn).lookup(code.name(n), code.start(n));
      if (b?.source === 'value' && b.value >= 0 && code.kind(b.value) === Kind.Composite)
        return this.#countOf(b.value);
      const g = b ? undefined : this.#fn.package.globalMeant(this.#fn.file, code.name(n));
      if (g && g.fact.value >= 0 && g.file.code.kind(g.fact.value) === Kind.Composite)
        return BigInt(g.file.code.children(g.fact.value).length - 1);
    }
    const type = this.#values.typeOf(this.#fn, n);
    if (type?.name !== 'array' || type.node < 0) return undefined;
    const length = type.file.code.child(type.node, Role.Count);
    return length < 0 ? undefined : Constants.of(this.#fn.package.program).inFile(type.file, length).value;
  }

  // --- the fix

  #fix(terms: readonly Term[], capacity: string): readonly Fix[] {
    const { code } = this.#fn;
    if (terms.some((t) => !this.#writable(t))) return [];
    const { value, type, shape } = this.#empty;
    const start = code.start(this.#statement);
    const text = this.#fn.package.text(this.#fn.file.facts.file);
    const before = text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
    // One line of a `var (…)` group declares; it cannot become `:=`.
    if (value < 0 && !/^\s*var\s+$/.test(before)) return [];
    const made = `make(${textOf(this.#fn, type)}, ${shape === 'slice' ? `0, ${capacity}` : capacity})`;
    const { file } = this.#fn.file.facts;
    const edits = (): Edit[] => [
      value < 0
        ? {
            file,
            span: { start: start - before.trimStart().length, end: code.end(this.#statement) },
            newText: `${this.#name} := ${made}`,
          }
        : { file, span: code.span(value), newText: made },
    ];
    const nil = value < 0 ? ': empty, no longer nil, where nothing is added' : '';
    return [
      {
        title: `Make room for \`${capacity}\`${nil}`,
        applicability: value < 0 ? 'maybe-incorrect' : 'machine-applicable',
        edits,
      },
    ];
  }

  /** What a length measures is there at the declaration, and the same as in the loop. */
  #writable({ operand, loop }: Term): boolean {
    const { code } = this.#fn;
    if (operand < 0) return true;
    const root = rootOf(this.#fn, operand);
    if (root < 0) return false;
    const b = this.#values.scope(this.#fn).lookup(code.name(root), code.start(root));
    if (b && b.from > code.start(this.#statement)) return false;
    return changeBetween(this.#values, this.#fn, operand, code.end(this.#statement), code.start(loop)) < 0;
  }

  #isIt(n: NodeId): boolean {
    const { code } = this.#fn;
    return (
      n >= 0 &&
      code.is(n, Kind.Name, this.#name) &&
      this.#values.scope(this.#fn).lookup(this.#name, code.start(n)) === this.#binding
    );
  }

  #mentions(n: NodeId): boolean {
    for (let i = n; n >= 0 && i < this.#fn.code.after(n); i++) if (this.#isIt(i)) return true;
    return false;
  }

  /** An expression on one line, cut where a person would stop reading. */
  #short(n: NodeId): string {
    const text = textOf(this.#fn, n).replace(/\s+/g, ' ');
    return rootOf(this.#fn, n) >= 0 || text.length <= 32 ? text : `${text.slice(0, 30)}…`;
  }
}
