import type { Edit, Fix, RelatedPlace } from '../../core/finding.ts';
import { formatBytes } from '../../core/quantity.ts';
import { defineRule, type Reporter } from '../../core/rule.ts';
import { goCompilers, goResettable, type ResetRow } from '../../knowledge/go-reuse.ts';
import { type CallSite, Calls } from '../../program/calls/calls.ts';
import { onlyAtStart } from '../../program/phases/only-at-start.ts';
import { Phases } from '../../program/phases/phases.ts';
import type { Evidence } from '../../program/phases/reach.ts';
import type { Fn, Package } from '../../program/program.ts';
import { Constants } from '../../program/sizes/constants.ts';
import type { Binding } from '../../program/types/scope.ts';
import { peel } from '../../program/types/types.ts';
import { Values } from '../../program/types/values.ts';
import { kinds } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { inCommand } from '../shared/commands.ts';
import { insertBefore, textOf } from '../shared/fixes/statements.ts';
import { type Keeping, keepingOf } from '../shared/go-kept.ts';
import { packageFunction, usesOf } from '../shared/go-locals.ts';
import { ownTransports } from '../shared/goroutines/own-transports.ts';
import { isTight, provenHot, provenRequest, readsInput } from '../shared/heat.ts';

const WANTED = kinds(Kind.Let, Kind.MethodCall, Kind.Assign, Kind.Index, Kind.Composite);

/** Messages of what takes kibibytes or more each time. */
const HEAVY: ReadonlySet<string> = new Set(['compiled', 'reset', 'transport']);

const messages = {
  transport: '`{call}` makes connections of its own {when}, which nothing uses again',
  buffer: '`{name}` is allocated anew in every turn of the loop{size}',
  lent: '`{name}` is allocated anew in every turn{size}. One would do for all if `{by}` does not keep it',
  collection: '`{name}` is filled anew in every turn of the loop, and nothing keeps it',
  reset: '`{call}` allocates {size} {when} that `Reset` would use again',
  compiled: '`{call}` compiles the same {what} {when}',
  concat: '`{name}` is copied whole in every turn to put something behind it',
  key: '`{call}` makes a text in every turn to look it up in `{map}`',
} as const;

const exemptions = {
  kept: 'what is made in the turn is kept: {how}',
  depends: 'what is compiled is another text each time',
  small: 'at most {bytes} bytes',
  cleared: 'the turn counts on zeroes',
  few: 'the loop has few turns: {why}',
  people: 'the text is for people to read, not part of the work',
  pooled: 'a pool keeps it',
  'start-up': 'runs only while the program starts',
} as const;

type Report = Reporter<typeof messages, typeof exemptions>;

/** Less than this is not worth a variable that lives longer. */
const SMALL = 512n;
/** Methods that write a value for a log or a test. */
const FOR_PEOPLE = /^(String|GoString|Error|Format|Dump|Describe|Debug\w*|debug\w*|print\w*|Print\w*)$/;
/** Functions that make something for somebody else. */
const MAKERS = /^([nN]ew|[mM]ake|[cC]reate|[gG]et|[aA]cquire|[oO]pen)/;
/** So few turns make no difference. */
const FEW_TURNS = 8;

export default defineRule({
  id: 'go/loop-allocation',
  tier: 'C',
  severity: 'information',
  summary: 'Something is allocated or compiled in every turn of a loop that could be made once',
  note: {
    why: 'Each turn makes garbage, and the garbage sets the pace of the collector: with GOGC=100 the heap grows to twice what is live before it is taken away.',
    arithmetic: 'bytes a turn × turns per second = what the collector has to keep up with',
    myth: 'fix-without-measuring',
  },
  messages,
  exemptions,
  check(pkg: Package, report) {
    if (pkg.language !== 'go') return;
    for (const fn of pkg.serviceFunctions) if (fn.fact.body >= 0) new AllocationReader(fn, report).read();
  },
});

/** What a declaration makes: a buffer with its size in bytes (-1 for one that grows), or a list or map to be filled. */
interface Made {
  readonly kind: 'buffer' | 'collection';
  readonly size: NodeId;
  /** The size is room that is reserved. */
  readonly isEmpty?: boolean;
}

/** What a finding needs besides its words. */
interface Found {
  readonly message: keyof typeof messages & string;
  readonly data: Readonly<Record<string, string>>;
  readonly fixes?: readonly Fix[];
  /** Not proven: somebody whose code is not here may need it as it is. */
  readonly doubt?: boolean;
  /** A few hundred bytes a turn. */
  readonly small?: boolean;
  /** Who feeds the loop is not in sight. */
  readonly likely?: boolean;
}

class AllocationReader {
  readonly #fn: Fn;
  readonly #report: Report;
  readonly #values: Values;
  readonly #phases: Phases;

  constructor(fn: Fn, report: Report) {
    this.#fn = fn;
    this.#report = report;
    this.#values = Values.of(fn.package.program);
    this.#phases = Phases.of(fn.package.program);
  }

  read(): void {
    const { code } = this.#fn;
    const { first: body, after } = this.#fn;
    for (let n = code.next(WANTED, body, after); n < after; n = code.next(WANTED, n + 1, after)) {
      switch (code.kind(n)) {
        case Kind.Let:
          this.#declared(n);
          break;
        case Kind.MethodCall:
          this.#method(n);
          break;
        case Kind.Assign:
          this.#concatenated(n);
          break;
        case Kind.Index:
          this.#key(n);
          break;
        case Kind.Composite:
          this.#transport(n);
          break;
      }
    }
  }

  // --- what a turn declares

  #declared(statement: NodeId): void {
    const { code } = this.#fn;
    const patterns = code.all(statement, Role.Pattern);
    const [pattern] = patterns;
    if (patterns.length !== 1 || pattern === undefined || code.kind(code.parent(statement)) !== Kind.Block)
      return;
    const made = this.#made(statement);
    if (!made) return;
    const loop = this.#loop(statement);
    if (loop === undefined) return;
    const name = code.name(pattern);
    const binding = this.#values.scope(this.#fn).lookup(name, code.end(statement));
    if (!binding || binding.node !== pattern) return;
    if (made.size >= 0 && !this.#isFixedIn(made.size, loop)) return;
    if (made.kind === 'collection' && !this.#grows(binding)) return;
    const keeping = keepingOf(this.#values, this.#fn, binding);
    if (keeping.kind === 'kept') {
      this.#exempt('kept', pattern, { how: keeping.how });
      return;
    }
    if (made.kind === 'collection') {
      // A list that somebody unknown sees is not worth a guess.
      if (keeping.kind === 'lent' && this.#worthwhile(loop, pattern))
        this.#find(pattern, loop, { message: 'collection', data: { name } });
      return;
    }
    this.#buffer(statement, loop, binding, made, keeping);
  }

  #buffer(
    statement: NodeId,
    loop: NodeId,
    binding: Binding,
    { size, isEmpty }: Made,
    keeping: Keeping,
  ): void {
    const { name, node } = binding;
    // Of what grows as it is filled, nobody knows whether it is worth one that lives longer.
    if (size < 0 && keeping.kind === 'unsure') return;
    const uses = usesOf(this.#values, this.#fn, binding);
    if (size >= 0 && !isEmpty && !this.#isFilled(uses)) {
      this.#exempt('cleared', node);
      return;
    }
    const amount = size < 0 ? undefined : Constants.of(this.#fn.package.program).in(this.#fn, size);
    if (amount?.value !== undefined && amount.exact && amount.value < SMALL) {
      this.#exempt('small', node, { bytes: String(amount.value) });
      return;
    }
    if (!this.#worthwhile(loop, node)) return;
    const bytes =
      amount?.value === undefined ? '' : `: ${amount.exact ? '' : 'up to '}${formatBytes(amount.value)}`;
    const fixes = size < 0 ? [] : this.#hoist(statement, loop, name, isEmpty ? `${name} = ${name}[:0]` : '');
    this.#find(
      node,
      loop,
      keeping.kind === 'unsure'
        ? { message: 'lent', data: { name, size: bytes, by: keeping.by }, fixes, doubt: true }
        : { message: 'buffer', data: { name, size: bytes }, fixes },
    );
  }

  /** What a declaration makes that may be worth a word. */
  #made(statement: NodeId): Made | undefined {
    const { code, file } = this.#fn;
    const value = code.child(statement, Role.Value);
    if (value < 0) {
      const type = code.child(statement, Role.Type);
      if (code.is(type, Kind.Type, 'slice')) return { kind: 'collection', size: -1 };
      const named = this.#values.types.at(file, type);
      return named?.name === 'bytes.Buffer' ? { kind: 'buffer', size: -1 } : undefined;
    }
    if (code.kind(value) === Kind.Composite) {
      const type = code.child(value, Role.Type);
      const empty = code.children(value).length === 1;
      return empty && /^(slice|map)$/.test(code.name(type)) ? { kind: 'collection', size: -1 } : undefined;
    }
    if (code.kind(value) !== Kind.Call || !code.is(code.child(value, Role.Callee), Kind.Name, 'make'))
      return undefined;
    const [type, length, capacity] = code.all(value, Role.Arg);
    if (type === undefined || code.kind(type) !== Kind.Type) return undefined;
    if (code.name(type) === 'map') return { kind: 'collection', size: -1 };
    if (code.name(type) !== 'slice' || length === undefined) return undefined;
    const isEmpty = code.is(length, Kind.Number, '0');
    const ofBytes = /^(byte|uint8)$/.test(code.name(code.child(type, Role.TypeArg)));
    if (isEmpty && ofBytes && capacity !== undefined) return { kind: 'buffer', size: capacity, isEmpty };
    if (isEmpty) return { kind: 'collection', size: -1 };
    return capacity === undefined && ofBytes ? { kind: 'buffer', size: length } : undefined;
  }

  /** Something fills the buffer before it is read: it need not begin with zeroes. */
  #isFilled(uses: readonly NodeId[]): boolean {
    const { code } = this.#fn;
    return uses.some((use) => {
      let at = use;
      while (code.kind(code.parent(at)) === Kind.Slice && code.role(at) === Role.Object) at = code.parent(at);
      const call = code.parent(at);
      if (code.role(at) !== Role.Arg) return false;
      const name =
        code.kind(call) === Kind.MethodCall ? code.name(call) : code.name(code.child(call, Role.Callee));
      return (
        (/^(Read|Recv|Receive)/.test(name) && name !== 'ReadFile') ||
        (name === 'copy' && code.child(call, Role.Arg) === at) ||
        /^(Encode|Put|Append|Marshal\w*To|CopyBuffer)/.test(name)
      );
    });
  }

  /** The declared list or map is added to in the turn: an empty one allocates nothing. */
  #grows(binding: Binding): boolean {
    const { code } = this.#fn;
    return usesOf(this.#values, this.#fn, binding).some((use) => {
      const up = code.parent(use);
      if (code.kind(up) === Kind.Index && code.role(use) === Role.Object)
        return code.role(up) === Role.Target;
      return code.is(code.child(up, Role.Callee), Kind.Name, 'append');
    });
  }

  /** The expression has the same value in every turn. */
  #isFixedIn(n: NodeId, loop: NodeId): boolean {
    const { code } = this.#fn;
    for (let i = n; i < code.after(n); i++) {
      const kind = code.kind(i);
      // What is called may give another number each time; `len` is looked through.
      if (kind === Kind.MethodCall) return false;
      if (kind === Kind.Call && !code.is(code.child(i, Role.Callee), Kind.Name, 'len')) return false;
      if (kind !== Kind.Name) continue;
      const b = this.#values.scope(this.#fn).lookup(code.name(i), code.start(i));
      if (b && code.within(b.node, loop)) return false;
      if (b && this.#isAssignedIn(b, loop)) return false;
    }
    return true;
  }

  #isAssignedIn(b: Binding, loop: NodeId): boolean {
    const { code } = this.#fn;
    for (let n = loop; n < code.after(loop); n++)
      if (code.kind(n) === Kind.Assign && code.all(n, Role.Target).some((t) => code.is(t, Kind.Name, b.name)))
        return true;
    return false;
  }

  /** Moves the declaration in front of the loop; what is `left` takes its place. */
  #hoist(statement: NodeId, loop: NodeId, name: string, left: string): readonly Fix[] {
    const { code } = this.#fn;
    const outer = code.parent(loop);
    if (code.kind(outer) !== Kind.Block || code.name(outer) !== '') return [];
    const scope = this.#values.scope(this.#fn);
    // Outside, the name may mean something else, or be declared once more.
    if (
      scope.lookup(name, code.start(loop)) ||
      [...scope.all()].some((b) => b.name === name && !code.within(b.node, loop))
    )
      return [];
    const { file } = this.#fn.file.facts;
    const text = this.#fn.package.text(file);
    const lineStart = text.lastIndexOf('\n', code.start(statement)) + 1;
    const lineEnd = text.indexOf('\n', code.end(statement)) + 1;
    const alone =
      text.slice(lineStart, code.start(statement)).trim() === '' &&
      text.slice(code.end(statement), lineEnd).trim() === '';
    if (!alone || lineEnd === 0) return [];
    const rest =
      left === ''
        ? { file, span: { start: lineStart, end: lineEnd }, newText: '' }
        : { file, span: code.span(statement), newText: left };
    const edits = (): Edit[] => [...insertBefore(this.#fn, loop, [textOf(this.#fn, statement)]), rest];
    return [{ title: `Make \`${name}\` once before the loop`, applicability: 'maybe-incorrect', edits }];
  }

  // --- calls

  #method(n: NodeId): void {
    const called = packageFunction(this.#values, this.#fn, n);
    if (!called) {
      if (this.#isTemplate(n)) this.#compiled(n, 'template');
      return;
    }
    const key = `${called.path}.${called.name}`;
    const resettable = Object.hasOwn(goResettable, key) ? goResettable[key] : undefined;
    if (resettable) {
      this.#resettable(n, resettable);
      return;
    }
    const what = Object.hasOwn(goCompilers, key) ? goCompilers[key] : undefined;
    if (what !== undefined) this.#compiled(n, what);
  }

  /** `template.New("page").Funcs(…).Parse(text)`. */
  #isTemplate(n: NodeId): boolean {
    const { code } = this.#fn;
    if (code.name(n) !== 'Parse') return false;
    let at = code.child(n, Role.Object);
    while (code.kind(at) === Kind.MethodCall && code.kind(code.child(at, Role.Object)) === Kind.MethodCall)
      at = code.child(at, Role.Object);
    const made = at < 0 ? undefined : packageFunction(this.#values, this.#fn, at);
    return made?.name === 'New' && /^(text|html)\/template$/.test(made.path);
  }

  #resettable(n: NodeId, { bytes, heavy, asMade }: ResetRow): void {
    const { code } = this.#fn;
    const loop = this.#loop(n);
    if (this.#isPooled(n)) {
      this.#exempt('pooled', n);
      return;
    }
    if (loop === undefined) {
      if (heavy && (MAKERS.test(this.#fn.fact.name) || code.kind(code.parent(n)) === Kind.Return)) {
        this.#exempt('kept', n, { how: 'it is made for somebody else' });
        return;
      }
      if (heavy && this.#isUsedAgain(n)) {
        this.#exempt('kept', n, { how: 'a loop uses it again with `Reset`' });
        return;
      }
      if (heavy)
        this.#perRequest(n, () => ({ message: 'reset', data: this.#resetData(n, bytes, 'each time') }));
      return;
    }
    if (asMade && code.all(n, Role.Arg).some((a) => !this.#isFixedIn(a, loop))) return;
    const statement = code.ancestor(n, (a) => code.kind(a) === Kind.Let || code.kind(a) === Kind.Block);
    if (code.kind(statement) !== Kind.Let) {
      this.#exempt('kept', n, { how: 'it becomes part of something' });
      return;
    }
    const pattern = code.child(statement, Role.Pattern);
    const binding = this.#values.scope(this.#fn).lookup(code.name(pattern), code.end(statement));
    const keeping: Keeping =
      binding?.node === pattern ? keepingOf(this.#values, this.#fn, binding) : { kind: 'unsure', by: '' };
    if (keeping.kind !== 'lent') {
      this.#exempt('kept', n, {
        how: keeping.kind === 'kept' ? keeping.how : `\`${keeping.by}\` may keep it`,
      });
      return;
    }
    if (this.#worthwhile(loop, n))
      this.#find(n, loop, {
        message: 'reset',
        data: this.#resetData(n, bytes, 'in every turn'),
        small: bytes > 0 && bytes < SMALL,
      });
  }

  /** `zw := gzip.NewWriter(&buf)` before `for … { zw.Reset(&buf) }`. */
  #isUsedAgain(made: NodeId): boolean {
    const { code, after, first } = this.#fn;
    const statement = code.parent(made);
    const name = code.is(statement, Kind.Let) ? code.name(code.child(statement, Role.Pattern)) : '';
    for (let n = code.after(statement); name !== '' && n < after; n++)
      if (
        code.is(n, Kind.MethodCall, 'Reset') &&
        code.is(code.child(n, Role.Object), Kind.Name, name) &&
        code.ancestor(n, (a) => code.kind(a) === Kind.Loop) >= first
      )
        return true;
    return false;
  }

  /** The function takes from a pool or gives back to one, or it is made for one: `sync.Pool{New: func() any { … }}`. */
  #isPooled(made: NodeId): boolean {
    const { code } = this.#fn;
    const { first: body, after } = this.#fn;
    if (code.ancestor(made, (a) => code.is(a, Kind.FieldInit, 'New')) >= body) return true;
    for (let n = body; n < after; n++)
      if (code.is(n, Kind.MethodCall, 'Put') && code.all(n, Role.Arg).length === 1) return true;
    return false;
  }

  #resetData(n: NodeId, bytes: number, when: string): Record<string, string> {
    return { call: this.#called(n), size: bytes > 0 ? formatBytes(BigInt(bytes)) : 'buffers', when };
  }

  /** `regexp.MustCompile("…")` in a loop, or in a function that runs per request. */
  #compiled(n: NodeId, what: string): void {
    const { code } = this.#fn;
    const name = code.name(n);
    const args = name.startsWith('Match') ? code.all(n, Role.Arg).slice(0, 1) : code.all(n, Role.Arg);
    if (!args.every((a) => this.#isConstant(a))) {
      const around = this.#loopAroundList(n, args);
      if (around === undefined) this.#ofKeptText(n, args, what);
      else if (this.#worthwhile(around, n))
        this.#find(n, around, {
          message: 'compiled',
          data: { call: this.#called(n), what, when: 'again in every turn of the outer loop' },
        });
      return;
    }
    const loop = this.#loop(n);
    const found = (when: string): Found => ({
      message: 'compiled',
      data: { call: this.#called(n), what, when },
      fixes: this.#globalFix(n),
    });
    if (loop !== undefined) {
      if (this.#worthwhile(loop, n)) this.#find(n, loop, found('in every turn'));
    } else if (!this.#perRequest(n, () => found('at every call')) && !onlyAtStart(this.#fn, n)) {
      const site = this.#repeatedSite();
      if (site)
        this.#emit(n, linesAround(site), [calledInLoop(site)], { ...found('at every call'), likely: true });
    }
  }

  /** `client := &http.Client{Transport: &http.Transport{}}` that is the same each time, and gone after the turn. */
  #transport(n: NodeId): void {
    const { code, package: pkg } = this.#fn;
    const type = code.child(n, Role.Type);
    if (type < 0 || code.name(type) !== 'http.Transport') return;
    const statement = code.ancestor(n, (a) => code.kind(a) === Kind.Let || code.kind(a) === Kind.Block);
    if (!code.is(statement, Kind.Let) || !this.#isFixedIn(n, this.#fn.fact.body)) return;
    const pattern = code.child(statement, Role.Pattern);
    const binding = this.#values.scope(this.#fn).lookup(code.name(pattern), code.end(statement));
    if (!binding || keepingOf(this.#values, this.#fn, binding).kind === 'kept') return;
    // What leaves its connections open is another rule's.
    if (ownTransports(pkg).some((t) => t.fn === this.#fn && t.node === n)) return;
    const found = (when: string): Found => ({
      message: 'transport',
      data: { call: 'http.Transport', when },
      likely: true,
    });
    const loop = this.#loop(n);
    if (loop === undefined) this.#perRequest(n, () => found('at every call'));
    else if (this.#worthwhile(loop, n)) this.#find(n, loop, found('in every turn'));
  }

  /** `regexp.MatchString(r.Pattern, path)`: the text stands in what the method belongs to, which could hold the compiled one. */
  #ofKeptText(n: NodeId, texts: readonly NodeId[], what: string): void {
    const { code, fact } = this.#fn;
    if (!texts.every((t) => this.#isKeptText(t, 0))) {
      this.#exempt('depends', n);
      return;
    }
    const statement = code.ancestor(n, (a) =>
      [Kind.Let, Kind.Assign, Kind.Return].includes(code.kind(a) as never),
    );
    const binding =
      statement >= 0 && code.is(statement, Kind.Let)
        ? this.#values
            .scope(this.#fn)
            .lookup(code.name(code.child(statement, Role.Pattern)), code.end(statement))
        : undefined;
    const isGiven =
      statement >= this.#fn.first && !code.is(statement, Kind.Let) && code.role(n) === Role.Value;
    if (!code.name(n).startsWith('Match')) {
      const keeping = binding && keepingOf(this.#values, this.#fn, binding);
      if (isGiven || keeping?.kind === 'kept' || MAKERS.test(fact.name)) {
        this.#exempt('kept', n, {
          how: keeping?.kind === 'kept' ? keeping.how : 'it is made for somebody else',
        });
        return;
      }
    }
    if (onlyAtStart(this.#fn, n)) return;
    const evidence = provenRequest(this.#fn, n);
    const around = evidence ? { ...evidence.at, message: evidence.why } : this.#repeatedCall();
    if (around)
      this.#emit(n, undefined, [around], {
        message: 'compiled',
        data: { call: this.#called(n), what, when: 'at every call' },
      });
  }

  /** Made of texts in the program and of what the receiver of the method, or the package, holds. */
  #isKeptText(n: NodeId, depth: number): boolean {
    const { code, fact } = this.#fn;
    if (depth > 4 || n < 0) return false;
    if (this.#isConstant(n)) return true;
    const next = (m: NodeId) => this.#isKeptText(m, depth + 1);
    switch (code.kind(n)) {
      case Kind.Binary:
        return next(code.child(n, Role.Left)) && next(code.child(n, Role.Right));
      case Kind.Field:
        return (
          this.#values.goPackage(this.#fn, code.child(n, Role.Object)) === undefined &&
          next(code.child(n, Role.Object))
        );
      case Kind.Index:
        return next(code.child(n, Role.Object));
      case Kind.MethodCall:
        // `regexp.QuoteMeta(r.prefix)`, `fmt.Sprintf("^%s$", r.Pattern)`
        return packageFunction(this.#values, this.#fn, n) !== undefined && code.all(n, Role.Arg).every(next);
      case Kind.Name: {
        const name = code.name(n);
        const b = this.#values.scope(this.#fn).lookup(name, code.start(n));
        if (!b) return name === fact.receiver || this.#fn.package.globalsNamed(name).length > 0;
        return (b.source === 'element' || b.source === 'value') && b.value >= 0 && next(b.value);
      }
      default:
        return false;
    }
  }

  /** `for … { for _, r := range rules { regexp.MustCompile(r.Pattern) } }`: the outer loop, which has no part in the texts. */
  #loopAroundList(n: NodeId, texts: readonly NodeId[]): NodeId | undefined {
    const { code } = this.#fn;
    const [inner, outer] = this.#phases.turns(this.#fn, n);
    if (inner === undefined || outer === undefined || this.#loop(n) !== inner) return undefined;
    const list = code.child(inner, Role.Iter);
    if (list < 0 || !this.#isFixedIn(list, outer)) return undefined;
    const scope = this.#values.scope(this.#fn);
    let isElement = false;
    for (const text of texts)
      for (let i = text; i < code.after(text); i++) {
        if (code.kind(i) === Kind.MethodCall || code.kind(i) === Kind.Call) return undefined;
        const b = code.kind(i) === Kind.Name ? scope.lookup(code.name(i), code.start(i)) : undefined;
        if (!b) continue;
        const isOfList = b.source === 'element' && b.value === list;
        if (isOfList) isElement = true;
        else if (code.within(b.node, outer) || this.#isAssignedIn(b, outer)) return undefined;
      }
    return isElement ? outer : undefined;
  }

  /** A call of the function in a loop. */
  #repeatedCall(): RelatedPlace | undefined {
    const site = this.#repeatedSite();
    return site && calledInLoop(site);
  }

  #repeatedSite(): CallSite | undefined {
    const sites = Calls.of(this.#fn.package.program).sitesOf(this.#fn);
    return sites.find(
      ({ kind, guess, fn, node }) =>
        kind === 'call' &&
        !guess &&
        !fn.isTest &&
        this.#phases.turns(fn, node).length > 0 &&
        !onlyAtStart(fn, node),
    );
  }

  /** A text that stands in the program. */
  #isConstant(n: NodeId): boolean {
    const { code } = this.#fn;
    const kind = code.kind(n);
    if (kind === Kind.String || kind === Kind.Number) return true;
    if (kind === Kind.Binary)
      return this.#isConstant(code.child(n, Role.Left)) && this.#isConstant(code.child(n, Role.Right));
    if (kind === Kind.Name) {
      if (this.#values.scope(this.#fn).lookup(code.name(n), code.start(n))) return false;
      return this.#fn.package.globalsNamed(code.name(n)).some((g) => g.fact.kind === 'const');
    }
    return false;
  }

  /** `MustCompile` of a literal can become a package variable; the name is that of the local it is bound to. */
  #globalFix(n: NodeId): readonly Fix[] {
    const { code } = this.#fn;
    if (!code.name(n).startsWith('Must')) return [];
    const statement = code.parent(n);
    const bound =
      code.kind(statement) === Kind.Let && code.all(statement, Role.Pattern).length === 1
        ? code.name(code.child(statement, Role.Pattern))
        : '';
    const base =
      bound === '' || bound.length < 3
        ? `${this.#fn.fact.name.charAt(0).toLowerCase()}${this.#fn.fact.name.slice(1)}Pattern`
        : `${bound}Pattern`;
    const pkg = this.#fn.package;
    if (pkg.globalsNamed(base).length > 0 || pkg.functionsNamed(base).length > 0) return [];
    const { file } = this.#fn.file.facts;
    const text = pkg.text(file);
    // Above the function, and above its comment.
    let at = text.lastIndexOf('\n', this.#fn.fact.span.start - 1) + 1;
    for (
      let line = text.lastIndexOf('\n', at - 2) + 1;
      at > 0 && text.startsWith('//', line);
      line = text.lastIndexOf('\n', at - 2) + 1
    )
      at = line;
    const edits = (): Edit[] => [
      { file, span: { start: at, end: at }, newText: `var ${base} = ${textOf(this.#fn, n)}\n\n` },
      { file, span: code.span(n), newText: base },
    ];
    return [{ title: `Compile it once as \`${base}\``, applicability: 'machine-applicable', edits }];
  }

  // --- text

  /** `s += x` in a loop, where `s` was there before. */
  #concatenated(n: NodeId): void {
    const { code } = this.#fn;
    const target = code.child(n, Role.Target);
    if (code.kind(target) !== Kind.Name) return;
    const value = code.child(n, Role.Value);
    const plus = code.is(n, Kind.Assign, '+=');
    const itself =
      code.is(n, Kind.Assign, '=') &&
      code.is(value, Kind.Binary, '+') &&
      code.is(leftmost(this.#fn, value), Kind.Name, code.name(target));
    if (!plus && !itself) return;
    const type = this.#values.typeOf(this.#fn, target);
    if (!type || peel(type).type.name !== 'string') return;
    const loop = this.#loop(n);
    if (loop === undefined) return;
    const b = this.#values.scope(this.#fn).lookup(code.name(target), code.start(target));
    if (!b || code.within(b.node, loop) || this.#saidBefore(n, loop, b.name)) return;
    if (FOR_PEOPLE.test(this.#fn.fact.name)) {
      this.#exempt('people', n);
      return;
    }
    if (this.#worthwhile(loop, n)) this.#find(n, loop, { message: 'concat', data: { name: b.name } });
  }

  /** The same name was added to further up in the loop: one word about it is enough. */
  #saidBefore(n: NodeId, loop: NodeId, name: string): boolean {
    const { code } = this.#fn;
    for (let m = loop; m < n; m++)
      if (code.is(m, Kind.Assign, '+=') && code.is(code.child(m, Role.Target), Kind.Name, name)) return true;
    return false;
  }

  /** `m[fmt.Sprintf("%s/%s", a, b)]`, read or counted up: only what is put in needs a text of its own. */
  #key(n: NodeId): void {
    const { code } = this.#fn;
    if (code.role(n) === Role.Target && code.is(code.parent(n), Kind.Assign, '=')) return;
    const index = code.child(n, Role.Index);
    const call = this.#sprintf(index);
    if (call < 0) return;
    const object = code.child(n, Role.Object);
    const type = this.#values.typeOf(this.#fn, object);
    if (!type || peel(type).type.name !== 'map') return;
    const loop = this.#loop(n);
    if (loop === undefined || !this.#worthwhile(loop, n)) return;
    this.#find(n, loop, {
      message: 'key',
      data: { call: this.#called(call), map: textOf(this.#fn, object).slice(0, 30) },
    });
  }

  #sprintf(n: NodeId): NodeId {
    if (n < 0) return -1;
    const { code } = this.#fn;
    const at =
      code.kind(n) === Kind.Name
        ? (this.#values.scope(this.#fn).lookup(code.name(n), code.start(n))?.value ?? -1)
        : n;
    if (at < 0 || code.kind(at) !== Kind.MethodCall) return -1;
    const called = packageFunction(this.#values, this.#fn, at);
    return called?.path === 'fmt' && /^Sprintf?$/.test(called.name) ? at : -1;
  }

  // --- how often

  /** The innermost loop that runs a node in each of its turns. */
  #loop(n: NodeId): NodeId | undefined {
    const { code } = this.#fn;
    const [loop] = this.#phases.turns(this.#fn, n);
    if (loop === undefined) return undefined;
    // A function literal in between runs when it is called.
    const closure = code.ancestor(n, (a) => code.kind(a) === Kind.Closure);
    return closure >= 0 && code.within(closure, loop) ? undefined : loop;
  }

  /** False, with the reason recorded, for loops that turn seldom or only at the start. */
  #worthwhile(loop: NodeId, n: NodeId): boolean {
    const few = this.#fewTurns(loop);
    if (few !== undefined) {
      this.#exempt('few', n, { why: few });
      return false;
    }
    if (!provenHot(this.#fn, n) && onlyAtStart(this.#fn, n)) {
      this.#exempt('start-up', n);
      return false;
    }
    return true;
  }

  /** Why a loop has few turns: a list in the program, a small number, attempts. */
  #fewTurns(loop: NodeId): string | undefined {
    const { code } = this.#fn;
    const iter = code.child(loop, Role.Iter);
    if (iter >= 0 && code.kind(iter) === Kind.Composite && code.children(iter).length <= FEW_TURNS + 1)
      return 'a list written in the program';
    const condition = code.child(loop, Role.Condition);
    if (condition < 0 || !code.is(condition, Kind.Binary, '<')) return undefined;
    const limit = Constants.of(this.#fn.package.program).in(this.#fn, code.child(condition, Role.Right));
    if (limit.value !== undefined && limit.value <= BigInt(FEW_TURNS)) return `at most ${limit.value}`;
    return /^(attempt|retry|retries|try|tries)\w*$/i.test(code.name(code.child(condition, Role.Left)))
      ? 'it tries again'
      : undefined;
  }

  /** Reports what is heavy enough to matter once per request; false where nothing shows that it runs per request. */
  #perRequest(n: NodeId, found: () => Found): boolean {
    const evidence = provenHot(this.#fn, n) ?? provenRequest(this.#fn, n);
    if (!evidence) {
      if (onlyAtStart(this.#fn, n)) this.#exempt('start-up', n);
      return false;
    }
    this.#emit(n, evidence, [], found());
    return true;
  }

  #find(n: NodeId, loop: NodeId, found: Found): void {
    // What is heavy matters once per message as well: the loop may be the one that waits for them.
    const hot = provenHot(this.#fn, n) ?? (HEAVY.has(found.message) ? provenRequest(this.#fn, n) : undefined);
    // A small list or text a turn is nothing beside the rest of a request; in a loop of a loop it is.
    const small =
      found.small || found.message === 'collection' || (found.message === 'buffer' && found.data.size === '');
    const counts = hot && !found.doubt && (!small || isTight(this.#fn, n));
    this.#emit(n, counts ? hot : undefined, [{ ...this.#fn.place(loop), message: 'the loop' }], found);
  }

  #emit(n: NodeId, hot: Evidence | undefined, around: readonly RelatedPlace[], found: Found): void {
    this.#report.find({
      message: found.message,
      at: this.#fn.place(n),
      severity: hot ? 'information' : 'hint',
      confidence: hot && !found.likely ? 'high' : found.doubt ? 'low' : 'medium',
      related: [...around, ...(hot ? [{ ...hot.at, message: hot.why }] : [])],
      fixes: found.fixes ?? [],
      data: found.data,
    } as Parameters<Report['find']>[0]);
  }

  #exempt(reason: keyof typeof exemptions, n: NodeId, data: Record<string, string> = {}): void {
    this.#report.exempt({ reason, at: this.#fn.place(n), data } as Parameters<Report['exempt']>[0]);
  }

  /** `regexp.MustCompile`: what is called, without its arguments. */
  #called(n: NodeId): string {
    const { code } = this.#fn;
    const object = code.child(n, Role.Object);
    return code.kind(object) === Kind.Name ? `${code.name(object)}.${code.name(n)}` : code.name(n);
  }
}

function calledInLoop({ fn, node }: CallSite): RelatedPlace {
  return { ...fn.place(node), message: 'called in a loop' };
}

/** The loop around a call turns as often as an input has lines, and no command runs it. */
function linesAround({ fn, node }: CallSite): Evidence | undefined {
  const loop = Phases.of(fn.package.program)
    .turns(fn, node)
    .find((l) => readsInput(fn, l));
  return loop === undefined || inCommand(fn, node)
    ? undefined
    : { why: 'a loop that turns as often as its input has lines', at: fn.place(loop) };
}

/** The first operand of a chain of additions. */
function leftmost(fn: Fn, n: NodeId): NodeId {
  let at = n;
  while (fn.code.is(at, Kind.Binary, '+')) at = fn.code.child(at, Role.Left);
  return at;
}
