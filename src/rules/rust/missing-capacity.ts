import type { Edit, Fix } from '../../core/finding.ts';
import { defineRule, type Reporter } from '../../core/rule.ts';
import { rustExactAdaptors, rustMeasured } from '../../knowledge/rust-fills.ts';
import { RustUses } from '../../program/ownership/rust-uses.ts';
import { onlyAtStart } from '../../program/phases/only-at-start.ts';
import type { Fn, Package } from '../../program/program.ts';
import { Constants } from '../../program/sizes/constants.ts';
import { isKnown, Layouts } from '../../program/sizes/layouts.ts';
import { isReference, RustValues } from '../../program/types/rust-values.ts';
import { lastSegment, type TypeRef } from '../../program/types/types.ts';
import { kinds } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { type Skipped, skippedIn } from '../shared/every-turn.ts';
import { replace } from '../shared/fixes/limit-fix.ts';
import { textOf } from '../shared/fixes/statements.ts';
import { awaits, provenHot } from '../shared/heat.ts';

const LETS = kinds(Kind.Let);

const messages = {
  grows: '`{name}` grows step by step to a known length: {length}',
} as const;

const exemptions = {
  conditional: 'some turns of the loop add nothing',
  'ends-early': 'the loop may end before it has seen everything',
  unknown: 'how much is added is not known before',
  emptied: '`{name}` is emptied or replaced on the way',
  small: 'at most {count} elements',
  'start-up': 'runs only while the program starts',
} as const;

type Report = Reporter<typeof messages, typeof exemptions>;

/** A `Vec` begins with room for four, a map with three: eight elements take two steps. */
const FEW = 8n;

/** Methods that add one element, by the collection's name. */
const ADDING: Readonly<Record<string, string>> = {
  Vec: 'push',
  VecDeque: 'push_back',
  BinaryHeap: 'push',
  HashMap: 'insert',
  HashSet: 'insert',
};
/** What else changes how much a collection holds. */
const CHANGING =
  /^(clear|drain|truncate|pop\w*|remove\w*|retain|split_off|append|extend\w*|resize\w*|swap_remove|take|as_mut\w*)$/;

export default defineRule({
  id: 'rust/missing-capacity',
  tier: 'C',
  severity: 'information',
  summary: 'A collection is filled in a loop of known length without room made for it',
  note: {
    why: 'A `Vec` that grows is allocated and copied again at 4, 8, 16 … elements, and up to half of what it holds in the end stays unused; a map is hashed anew at every step.',
    arithmetic:
      'all steps together ≈ 2 × length × size of an element, at the last step old and new at once; with room made first, 1 × and one allocation',
    myth: 'fix-without-measuring',
  },
  messages,
  exemptions,
  check(pkg: Package, report) {
    if (pkg.language !== 'rust') return;
    for (const fn of pkg.serviceFunctions) if (fn.fact.body >= 0) readFunction(fn, report);
  },
});

/** So many elements: the expression that says it, and what it measures. */
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
    if (code.kind(code.parent(n)) !== Kind.Block) continue;
    const value = code.child(n, Role.Value);
    const pattern = code.child(n, Role.Pattern);
    if (value < 0 || code.kind(pattern) !== Kind.Bind) continue;
    const collection = emptyCollection(fn, value);
    if (collection !== undefined) new Filling(fn, n, pattern, value, collection, report).read();
  }
}

/** The collection that an expression makes empty: `Vec::new()`, `vec![]`, `HashMap::new()`, `Vec::<T>::default()`. */
function emptyCollection(fn: Fn, value: NodeId): string | undefined {
  const { code } = fn;
  if (code.kind(value) === Kind.Macro)
    return code.name(value) === 'vec' && code.children(value).length === 0 ? 'Vec' : undefined;
  if (code.kind(value) !== Kind.Call || code.child(value, Role.Arg) >= 0) return undefined;
  const callee = code.child(value, Role.Callee);
  if (callee < 0 || code.kind(callee) !== Kind.Path) return undefined;
  const segments = fn.file.fullPath(code.name(callee)).split('::');
  const name = segments.at(-2) ?? '';
  if (!/^(new|default)$/.test(segments.at(-1) as string) || !Object.hasOwn(ADDING, name)) return undefined;
  // A type of the workspace may have a name of std's.
  if (fn.package.typesNamed(name).length > 0) return undefined;
  return segments.at(-1) === 'default' && /^Hash/.test(name) ? undefined : name;
}

class Filling {
  readonly #fn: Fn;
  readonly #statement: NodeId;
  readonly #bind: NodeId;
  readonly #value: NodeId;
  readonly #collection: string;
  readonly #report: Report;
  readonly #uses: RustUses;
  readonly #values: RustValues;

  constructor(fn: Fn, statement: NodeId, bind: NodeId, value: NodeId, collection: string, report: Report) {
    this.#fn = fn;
    this.#statement = statement;
    this.#bind = bind;
    this.#value = value;
    this.#collection = collection;
    this.#report = report;
    this.#uses = RustUses.of(fn.package.program);
    this.#values = RustValues.of(fn.package.program);
  }

  /** Follows the mentions of the collection: the loops of its own block that add to it. */
  read(): void {
    const { code } = this.#fn;
    const block = code.parent(this.#statement);
    const loops = new Map<NodeId, NodeId[]>();
    let more = 0;
    for (const m of this.#uses.mentions(this.#fn, this.#bind)) {
      const sibling = this.#siblingAround(m, block);
      if (sibling < 0) return;
      if (code.kind(sibling) === Kind.Loop) {
        const list = loops.get(sibling);
        if (list) list.push(m);
        else loops.set(sibling, [m]);
      } else if (this.#isAdding(m) && code.parent(m) === sibling) more++;
      else if (loops.size === 0 && this.#adds(m, CHANGING)) more = 0;
    }
    const terms: Term[] = [];
    let silent: keyof typeof exemptions | undefined;
    for (const [loop, mentions] of loops) {
      const found = this.#loop(loop, mentions);
      if (typeof found === 'string') silent ??= found;
      else if (found) terms.push(found);
    }
    this.#conclude(terms, more, silent);
  }

  #conclude(terms: readonly Term[], more: number, silent: keyof typeof exemptions | undefined): void {
    const at = this.#fn.place(this.#bind);
    const [first] = terms;
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
    if (onlyAtStart(this.#fn, this.#statement)) {
      this.#exempt('start-up');
      return;
    }
    // A turn that waits for somebody costs more than all growing.
    const hot = awaits(this.#fn.code, first.loop) ? undefined : provenHot(this.#fn, this.#statement);
    const capacity = [...terms.map((t) => t.text), ...(more > 0 ? [String(more)] : [])].join(' + ');
    this.#report.find({
      message: 'grows',
      at,
      severity: hot ? 'information' : 'hint',
      confidence: hot ? 'high' : 'medium',
      related: [
        { ...this.#fn.place(first.loop), message: 'the loop that fills it' },
        ...(hot ? [{ ...hot.at, message: hot.why }] : []),
      ],
      fixes: this.#fix(terms, capacity),
      data: { name: this.#fn.code.name(this.#bind), length: `\`${capacity}\`${this.#bytes()}` },
    });
  }

  #exempt(reason: keyof typeof exemptions): void {
    this.#report.exempt({
      reason,
      at: this.#fn.place(this.#bind),
      data: { name: this.#fn.code.name(this.#bind), count: '' },
    } as Parameters<Report['exempt']>[0]);
  }

  /** ` × 24–32 bytes`, where the size of an element is known. */
  #bytes(): string {
    const type = this.#values.bound(this.#fn, this.#bind);
    const layouts = Layouts.of(this.#fn.package.program);
    const sizes = (type?.args ?? [])
      .slice(0, this.#collection === 'HashMap' ? 2 : 1)
      .map((a) => layouts.sizeOf(a));
    if (sizes.length === 0 || !sizes.every(isKnown)) return '';
    const low = sizes.reduce((sum, s) => sum + s.low, 0);
    const high = sizes.reduce((sum, s) => sum + s.high, 0);
    if (high === 0) return '';
    return ` × ${low === high ? low : `${low}–${high}`} bytes`;
  }

  /** The statement of the collection's block that a mention lies in, or -1. */
  #siblingAround(m: NodeId, block: NodeId): NodeId {
    const { code } = this.#fn;
    for (let n = m, up = code.parent(m); up >= 0; n = up, up = code.parent(up)) if (up === block) return n;
    return -1;
  }

  #isAdding(m: NodeId): boolean {
    const { code } = this.#fn;
    return code.role(m) === Role.Object && code.is(code.parent(m), Kind.MethodCall, ADDING[this.#collection]);
  }

  #adds(m: NodeId, names: RegExp): boolean {
    const { code } = this.#fn;
    const call = code.parent(m);
    return code.role(m) === Role.Object && code.kind(call) === Kind.MethodCall && names.test(code.name(call));
  }

  /** What a loop adds in each turn, or the reason why that is not known. */
  #loop(loop: NodeId, mentions: readonly NodeId[]): Term | keyof typeof exemptions | undefined {
    const { code } = this.#fn;
    let each = 0;
    let skipped: Skipped | undefined;
    let grown = false;
    for (const m of mentions) {
      const up = code.parent(m);
      if (this.#isAdding(m)) {
        grown = true;
        const why = skippedIn(this.#fn, loop, up);
        if (why) skipped ??= why;
        else each++;
      } else if (this.#fixedPart(m) > 0n) {
        grown = true;
        const why = skippedIn(this.#fn, loop, up);
        if (why) skipped ??= why;
        else each += Number(this.#fixedPart(m));
      } else if (this.#adds(m, CHANGING) || code.kind(up) === Kind.Assign || code.is(up, Kind.Unary, '&mut'))
        return 'emptied';
    }
    if (!grown) return undefined;
    if (each === 0 || skipped === 'ends-early') return skipped ?? 'unknown';
    return this.#turns(loop, each) ?? 'unknown';
  }

  /** How much `out.extend_from_slice(&row.key)`, `out.extend_from_slice(&n.to_be_bytes())` adds, when the type says it; or 0. */
  #fixedPart(m: NodeId): bigint {
    const { code } = this.#fn;
    const call = code.parent(m);
    if (code.role(m) !== Role.Object || !code.is(call, Kind.MethodCall, 'extend_from_slice')) return 0n;
    let part = code.child(call, Role.Arg);
    if (code.is(part, Kind.Unary, '&')) part = code.child(part, Role.Object);
    if (part < 0) return 0n;
    const isNumber = code.kind(part) === Kind.MethodCall && /^to_[bln]e_bytes$/.test(code.name(part));
    const type = this.#values.typeOf(this.#fn, isNumber ? code.child(part, Role.Object) : part);
    const owned = type && (isReference(type) ? type.args[0] : type);
    if (!owned) return 0n;
    if (!isNumber) return this.#arrayLength(owned) ?? 0n;
    const size = Layouts.of(this.#fn.package.program).sizeOf(owned);
    return isKnown(size) ? BigInt(size.low) : 0n;
  }

  #turns(loop: NodeId, each: number): Term | undefined {
    const { code } = this.#fn;
    let iter = code.child(loop, Role.Iter);
    if (iter < 0) return undefined;
    while (code.kind(iter) === Kind.MethodCall && rustExactAdaptors.test(code.name(iter)))
      iter = code.child(iter, Role.Object);
    if (code.kind(iter) === Kind.Unary && /^&/.test(code.name(iter))) iter = code.child(iter, Role.Object);
    if (code.kind(iter) === Kind.Range) {
      const high = code.child(iter, Role.High);
      const low = code.child(iter, Role.Low);
      return high < 0 || !code.is(low, Kind.Number, '0') ? undefined : this.#ofCount(loop, high, each);
    }
    const type = this.#values.typeOf(this.#fn, iter);
    const owned = type && (isReference(type) ? type.args[0] : type);
    if (!owned || owned.decl || !rustMeasured.has(lastSegment(owned.name))) return undefined;
    return this.#term(
      `${textOf(this.#fn, iter).replace(/\s+/g, '')}.len()`,
      iter,
      loop,
      each,
      this.#arrayLength(owned),
    );
  }

  /** The limit of a range: the length of something, or a constant. */
  #ofCount(loop: NodeId, limit: NodeId, each: number): Term | undefined {
    const { code } = this.#fn;
    if (code.is(limit, Kind.MethodCall, 'len'))
      return this.#term(textOf(this.#fn, limit), code.child(limit, Role.Object), loop, each, undefined);
    const amount = Constants.of(this.#fn.package.program).in(this.#fn, limit);
    if (amount.value !== undefined && amount.exact && amount.settings.length === 0)
      return this.#term(textOf(this.#fn, limit), -1, loop, each, amount.value);
    if (code.kind(limit) !== Kind.Name) return undefined;
    // A number that is not measured may be as large as input says.
    const root = this.#uses.root(this.#fn, limit);
    const value = root?.binding?.source === 'value' ? root.binding.value : -1;
    return value >= 0 && code.is(value, Kind.MethodCall, 'len')
      ? this.#term(code.name(limit), limit, loop, each, undefined)
      : undefined;
  }

  #term(text: string, operand: NodeId, loop: NodeId, each: number, count: bigint | undefined): Term {
    return {
      text: each === 1 ? text : `${each} * ${text}`,
      operand,
      loop,
      count: count === undefined ? undefined : count * BigInt(each),
    };
  }

  #arrayLength(type: TypeRef): bigint | undefined {
    if (lastSegment(type.name) !== 'array' || type.node < 0) return undefined;
    const length = type.file.code.child(type.node, Role.Count);
    return length < 0 ? undefined : Constants.of(this.#fn.package.program).inFile(type.file, length).value;
  }

  #fix(terms: readonly Term[], capacity: string): readonly Fix[] {
    const { code } = this.#fn;
    if (terms.some((t) => !this.#writable(t))) return [];
    const value = this.#value;
    const callee = code.child(value, Role.Callee);
    const edits = (): Edit[] => {
      const made = code.kind(value) === Kind.Macro ? 'Vec' : textOf(this.#fn, callee).replace(/::\w+$/, '');
      return [replace(this.#fn, value, `${made}::with_capacity(${capacity})`)];
    };
    return [{ title: `Make room for \`${capacity}\``, applicability: 'machine-applicable', edits }];
  }

  /** What a length measures is there at the declaration, and the same as in the loop. */
  #writable({ operand, loop }: Term): boolean {
    if (operand < 0) return true;
    const root = this.#uses.root(this.#fn, operand);
    if (!root?.direct || root.locked) return false;
    const { code } = this.#fn;
    if (root.binding && root.binding.from > code.start(this.#statement)) return false;
    return this.#uses.changed(this.#fn, root, code.end(this.#statement), code.start(loop)) < 0;
  }
}
