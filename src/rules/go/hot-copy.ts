import type { Edit, Fix } from '../../core/finding.ts';
import { defineRule, type Reporter } from '../../core/rule.ts';
import type { Place } from '../../core/span.ts';
import { GO_SMALL_TEXT } from '../../knowledge/go-copies.ts';
import { Phases } from '../../program/phases.ts';
import type { Fn, Package } from '../../program/program.ts';
import type { Binding } from '../../program/scope.ts';
import { Values } from '../../program/values.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { addImport, oneAtATime, removeImport, replaceImport, usesOfImport } from '../shared/go-imports.ts';
import {
  blockStatement,
  changeBetween,
  inClosure,
  isRead,
  isTarget,
  lastMoment,
  onlyReadField,
  onlyReads,
  packageFunction,
  rootOf,
  usesOf,
} from '../shared/go-locals.ts';
import { type Form, isByteSlice, short, TextForms, textShape, underlying } from '../shared/go-text-forms.ts';

const messages = {
  reader: '`{copy}` makes a copy that {instead} does not need',
  local: '`{name}` is a copy of `{source}` that is only read',
  missed: '`{name}` is copied from `{source}` before a lookup that needs no copy',
  argument: '`{copy}` copies `{source}` for {reader}, which only reads it',
  twice: '`{copy}` copies `{source}` twice',
  formatted: '`{copy}` formats a text and copies it; `{instead}` writes it at once',
  prepend: '`{name}` is copied whole to put an element in front',
  split: '`{copy}` makes every part to use {used}',
  runes: '`{copy}` copies `{source}` to read its runes one by one',
} as const;

const exemptions = {
  compiler: 'the compiler copies nothing here: {why}',
  kept: 'the copy is kept: {how}',
  needed: '{callee} needs the text in this form',
  'copy-changes': 'the copy is changed',
  'source-changes': '`{source}` may change while the copy is read',
  shared: 'others can change `{source}` while the copy is read',
  small: 'at most {bytes} bytes',
  'start-up': 'runs only while the program starts',
} as const;

type Messages = typeof messages;
type Exemptions = typeof exemptions;

export default defineRule({
  id: 'go/hot-copy',
  tier: 'C',
  severity: 'information',
  summary: 'Text, a slice or a map is copied on a hot path where the original could be read',
  note: {
    why: 'A copy per request or per iteration costs an allocation each time, and the garbage sets the pace of the collector: with GOGC=100 the heap may reach twice what is live.',
    arithmetic: 'bytes copied × how often it runs per second = what the collector has to keep up with',
    myth: 'fix-without-measuring',
  },
  messages,
  exemptions,
  check(pkg: Package, report) {
    if (pkg.language !== 'go') return;
    for (const file of pkg.files) {
      if (file.isTest || file.facts.generated) continue;
      const copies: Copy[] = [];
      for (const fn of file.functions)
        if (!fn.isTest && fn.fact.body >= 0) new CopyReader(fn, copies, report).read();
      reportCopies(pkg, copies, report);
    }
  },
});

/** What the fix of a copy writes. */
interface Rewrite {
  readonly title: string;
  readonly edits: Form['edits'];
  readonly gone: readonly NodeId[];
  readonly add?: string | undefined;
  readonly uses?: string | undefined;
  readonly applicability: Fix['applicability'];
}

/** A copy that nobody needs. */
interface Copy {
  readonly fn: Fn;
  readonly node: NodeId;
  readonly message: keyof Messages & string;
  readonly data: Readonly<Record<string, string>>;
  /** What is saved is small beside what happens around it: never more than a hint. */
  readonly minor: boolean;
  readonly rewrite?: Rewrite | undefined;
  readonly related?: { readonly at: Place; readonly message: string } | undefined;
}

type Report = Reporter<Messages, Exemptions>;

/** Says of each copy how hot its place is, and gives it its fix. */
function reportCopies(pkg: Package, copies: readonly Copy[], report: Report): void {
  const phases = Phases.of(pkg.program);
  copies.forEach((copy, ordinal) => {
    const { fn, node } = copy;
    const at = fn.place(node);
    const hot = phases.hot(fn, node);
    if (!hot) {
      const reach = phases.at(fn, node);
      if (reach.startup && !reach.request && !reach.likely && !reach.api) {
        report.exempt({ reason: 'start-up', at });
        return;
      }
    }
    const related = [
      ...(copy.related ? [{ ...copy.related.at, message: copy.related.message }] : []),
      ...(hot ? [{ ...hot.at, message: hot.why }] : []),
    ];
    const { rewrite } = copy;
    const fixes: Fix[] = rewrite
      ? [
          {
            title: rewrite.title,
            applicability: rewrite.applicability,
            edits: () => editsOf(copy, rewrite, copies, ordinal),
          },
        ]
      : [];
    report.find({
      message: copy.message,
      at,
      severity: hot && !copy.minor ? 'information' : 'hint',
      confidence: hot ? 'high' : 'medium',
      related,
      fixes,
      data: copy.data,
    } as Parameters<Report['find']>[0]);
  });
}

/** The edits of a fix with those of the imports: what it needs is added, what nobody mentions any more goes. */
function editsOf({ fn }: Copy, rewrite: Rewrite, all: readonly Copy[], ordinal: number): Edit[] {
  const { file, code } = fn;
  const text = fn.package.text(file.facts.file);
  const edits: Edit[] = rewrite.edits.map(({ start, end, newText }) => ({
    file: file.facts.file,
    span: { start, end },
    newText,
  }));
  const others = new Set(all.flatMap((c) => c.rewrite?.gone ?? []));
  // Another fix of the file may take this import out.
  if (rewrite.uses && usesOfImport(file, rewrite.uses).every((n) => others.has(n)))
    edits.push(...oneAtATime(file, text, rewrite.uses, ordinal));
  const alias = rewrite.gone[0] === undefined ? undefined : code.name(rewrite.gone[0]);
  if (alias === undefined) return rewrite.add ? [...edits, ...addImport(file, text, rewrite.add)] : edits;
  const left = usesOfImport(file, alias).filter((n) => !rewrite.gone.includes(n));
  const stays = rewrite.edits.some((e) => e.newText.includes(`${alias}.`));
  if (left.length === 0 && !stays)
    return [
      ...edits,
      ...(rewrite.add ? replaceImport(file, text, rewrite.add, alias) : removeImport(file, text, alias)),
    ];
  if (rewrite.add) edits.push(...addImport(file, text, rewrite.add));
  // Together with the other fixes of the file this one would leave the import without a use.
  if (left.every((n) => others.has(n))) edits.push(...oneAtATime(file, text, alias, ordinal));
  return edits;
}

/** Finds the copies of one function. */
class CopyReader {
  readonly #fn: Fn;
  readonly #values: Values;
  readonly #copies: Copy[];
  readonly #report: Report;
  #forms: TextForms | undefined;

  constructor(fn: Fn, copies: Copy[], report: Report) {
    this.#fn = fn;
    this.#values = Values.of(fn.package.program);
    this.#copies = copies;
    this.#report = report;
  }

  get #text(): TextForms {
    this.#forms ??= new TextForms(this.#values, this.#fn);
    return this.#forms;
  }

  read(): void {
    const { code } = this.#fn;
    const [body, after] = this.#fn.range;
    for (let n = body; n < after; n++) {
      switch (code.kind(n)) {
        case Kind.Call:
          this.#call(n);
          break;
        case Kind.Cast:
          if (isByteSlice(this.#fn, code.child(n, Role.Type))) this.#toBytes(n);
          break;
        case Kind.MethodCall:
          this.#method(n);
          break;
        case Kind.Loop:
          this.#runes(n);
          break;
      }
    }
  }

  #call(n: NodeId): void {
    const { code } = this.#fn;
    const callee = code.child(n, Role.Callee);
    if (callee < 0 || code.kind(callee) !== Kind.Name) return;
    const name = code.name(callee);
    if (name === 'string') this.#toText(n);
    else if (name === 'append') this.#append(n);
    else if (name === 'copy') this.#copyInto(n);
    else if (name === 'len') this.#splitLength(n);
  }

  #method(n: NodeId): void {
    const called = packageFunction(this.#values, this.#fn, n);
    if (!called) return;
    const key = `${called.path}.${called.name}`;
    if (/^(golang\.org\/x\/exp\/)?(slices|maps)\.Clone$/.test(key) || key === 'bytes.Clone') {
      const source = this.#fn.code.child(n, Role.Arg);
      if (source >= 0) this.#clone(n, source, called.path);
    } else if (key === 'strings.Split') this.#splitIndex(n);
    else if (key === 'bytes.NewBufferString') this.#bufferString(n);
  }

  // --- between string and []byte

  /** `string(b)`. */
  #toText(n: NodeId): void {
    const { code } = this.#fn;
    const source = code.child(n, Role.Arg);
    if (source < 0 || code.all(n, Role.Arg).length !== 1) return;
    if (textShape(this.#values, this.#fn, source) !== 'bytes') return;
    const original = this.#text.textOf(source);
    const form = this.#text.ofBytes(n, original, this.#text.textOf(n), this.#isPlainBytes(source));
    if (form) this.#converted(n, source, form);
    else if (!this.#localCopy(n, source, 'text')) this.#owned(n);
  }

  /** `[]byte(s)`. */
  #toBytes(n: NodeId): void {
    const { code } = this.#fn;
    const source = code.child(n, Role.Object);
    if (source < 0) return;
    if (this.#twice(n, source) || this.#formatted(n, source) || this.#builtText(n, source)) return;
    if (textShape(this.#values, this.#fn, source) !== 'text') return;
    const literal = code.kind(source) === Kind.String;
    if (literal && code.end(source) - code.start(source) <= GO_SMALL_TEXT) {
      this.#exempt('small', n, { bytes: GO_SMALL_TEXT });
      return;
    }
    const form = this.#text.ofText(n, this.#text.textOf(source), this.#text.textOf(n));
    if (form) this.#converted(n, source, form);
    else if (!this.#localCopy(n, source, 'bytes')) this.#owned(n);
  }

  #converted(n: NodeId, source: NodeId, form: Form): void {
    if (form.free) {
      this.#exempt('compiler', n, { why: form.free });
      return;
    }
    const small = smallSize(this.#fn, source);
    if (small !== undefined) {
      this.#exempt('small', n, { bytes: small });
      return;
    }
    const { instead } = form;
    this.#find(
      n,
      'reader',
      { copy: this.#short(n), instead },
      {
        title: instead.startsWith('reading ') ? `Read ${instead.slice(8)}` : `Use ${instead}`,
        edits: form.edits,
        gone: form.gone,
        add: form.add,
        uses: form.uses,
        applicability: 'machine-applicable',
      },
      { minor: form.minor === true },
    );
  }

  /** `[]byte(string(b))`. */
  #twice(n: NodeId, source: NodeId): boolean {
    const { code } = this.#fn;
    if (code.kind(source) !== Kind.Call || !code.is(code.child(source, Role.Callee), Kind.Name, 'string'))
      return false;
    const bytes = code.child(source, Role.Arg);
    if (bytes < 0 || textShape(this.#values, this.#fn, bytes) !== 'bytes') return false;
    // Where bytes are only read, the conversion to a string already says so.
    if (this.#text.ofBytes(source, '', '', true)) return true;
    this.#find(
      n,
      'twice',
      { copy: this.#short(n), source: this.#short(bytes) },
      {
        title: 'Copy the bytes once',
        edits: [this.#replace(n, `append([]byte(nil), ${this.#text.textOf(bytes)}...)`)],
        gone: [],
        applicability: 'machine-applicable',
      },
    );
    return true;
  }

  /** `w.Write([]byte(fmt.Sprintf(…)))`. */
  #formatted(n: NodeId, source: NodeId): boolean {
    const { code } = this.#fn;
    const made = packageFunction(this.#values, this.#fn, source);
    if (made?.path !== 'fmt' || !/^Sprint(f|ln)?$/.test(made.name)) return false;
    const p = code.parent(n);
    if (code.role(n) !== Role.Arg || !code.is(p, Kind.MethodCall, 'Write')) return false;
    const writer = code.child(p, Role.Object);
    const type = this.#values.typeOf(this.#fn, writer);
    const name = type?.name === '*' ? (type.args[0]?.name ?? '') : (type?.name ?? '');
    if (
      !/^(net\/http\.ResponseWriter|io\.(Writer|WriteCloser|ReadWriter|ReadWriteCloser)|net\.Conn)$/.test(
        name,
      ) &&
      !(type?.name === '*' && /^(bufio\.Writer|bytes\.Buffer|os\.File|strings\.Builder)$/.test(name))
    )
      return false;
    const args = code.all(source, Role.Arg).map((a) => this.#text.textOf(a));
    const fprint = `${this.#text.textOf(code.child(source, Role.Object))}.F${made.name.slice(1)}`;
    const written = `${fprint}(${[this.#text.textOf(writer), ...args].join(', ')})`;
    this.#find(
      n,
      'formatted',
      { copy: this.#short(n), instead: fprint },
      {
        title: `Use \`${fprint}\``,
        edits: [this.#replace(p, written)],
        gone: [],
        applicability: 'machine-applicable',
      },
    );
    return true;
  }

  /** `w.Write([]byte(buf.String()))`: a `bytes.Buffer` has its bytes at hand. */
  #builtText(n: NodeId, source: NodeId): boolean {
    const { code } = this.#fn;
    if (!code.is(source, Kind.MethodCall, 'String') || code.role(n) !== Role.Arg) return false;
    const buffer = code.child(source, Role.Object);
    const type = this.#values.typeOf(this.#fn, buffer);
    const name = type?.name === '*' ? type.args[0]?.name : type?.name;
    const p = code.parent(n);
    const read = code.is(p, Kind.MethodCall, 'Write') || onlyReads(this.#values, this.#fn, p);
    if (name !== 'bytes.Buffer' || !read) return false;
    const bytes = `${this.#text.textOf(buffer)}.Bytes()`;
    this.#find(
      n,
      'twice',
      { copy: this.#short(n), source: this.#short(buffer) },
      {
        title: `Read \`${short(bytes)}\``,
        edits: [this.#replace(n, bytes)],
        gone: [],
        applicability: 'machine-applicable',
      },
    );
    return true;
  }

  /** `http.NewRequest(…, bytes.NewBufferString(s))`: the buffer copies the string to be read once. */
  #bufferString(n: NodeId): void {
    const { code } = this.#fn;
    const source = code.child(n, Role.Arg);
    if (source < 0 || !this.#text.consumed(n) || textShape(this.#values, this.#fn, source) !== 'text') return;
    if (code.kind(source) === Kind.Call || code.kind(source) === Kind.String) return;
    const scope = this.#values.scope(this.#fn);
    const known = this.#fn.file.facts.imports.find((i) => i.path === 'strings');
    const strings = known?.alias ?? 'strings';
    if (/^[._]$/.test(strings) || scope.lookup(strings, code.start(n))) return;
    this.#find(
      n,
      'reader',
      {
        copy: this.#short(n),
        instead: '`strings.NewReader`',
      },
      {
        title: 'Use `strings.NewReader`',
        edits: [this.#replace(n, `${strings}.NewReader(${this.#text.textOf(source)})`)],
        gone: [code.child(n, Role.Object)],
        add: known ? undefined : 'strings',
        uses: known?.alias,
        applicability: 'machine-applicable',
      },
    );
  }

  /** `for _, r := range []rune(s)`. */
  #runes(loop: NodeId): void {
    const { code } = this.#fn;
    const cast = code.child(loop, Role.Iter);
    if (cast < 0 || code.kind(cast) !== Kind.Cast) return;
    const type = code.child(cast, Role.Type);
    if (!code.is(type, Kind.Type, 'slice') || !code.is(code.child(type, Role.TypeArg), Kind.Type, 'rune'))
      return;
    const [index, ...rest] = code.all(loop, Role.Pattern);
    if (index === undefined || rest.length === 0 || code.kind(index) !== Kind.Wildcard) return;
    const source = code.child(cast, Role.Object);
    if (textShape(this.#values, this.#fn, source) !== 'text') return;
    const text = this.#text.textOf(source);
    this.#find(
      cast,
      'runes',
      { copy: this.#short(cast), source: this.#short(source) },
      {
        title: `Range over \`${short(text)}\``,
        edits: [this.#replace(cast, text)],
        gone: [],
        applicability: 'machine-applicable',
      },
    );
  }

  // --- copies in locals

  /** `k := string(b)` or `d := []byte(s)`. True when the case is decided. */
  #localCopy(n: NodeId, source: NodeId, shape: 'text' | 'bytes'): boolean {
    const { code } = this.#fn;
    const binding = this.#bindingOf(n);
    if (!binding) return false;
    const statement = code.parent(n);
    const uses = usesOf(this.#values, this.#fn, binding);
    if (uses.length === 0) return true;
    if (uses.some((u) => isTarget(this.#fn, u) || this.#isWritten(u))) {
      this.#exempt('copy-changes', n, {});
      return true;
    }
    if (uses.some((u) => inClosure(this.#fn, u, n))) {
      this.#exempt('kept', n, { how: 'a function literal holds it' });
      return true;
    }
    const plain = rootOf(this.#fn, source) >= 0;
    const conversion = this.#text.textOf(n);
    // An operand with a call is evaluated once: the name then stands for the original.
    const original = plain ? this.#text.textOf(source) : binding.name;
    const written = plain ? conversion : `${conversion.slice(0, conversion.indexOf('('))}(${binding.name})`;
    const exact = shape === 'bytes' || this.#isPlainBytes(source);
    const forms = uses.map((u) =>
      shape === 'text'
        ? this.#text.ofBytes(u, original, written, exact)
        : this.#text.ofText(u, original, written),
    );
    const open = uses.filter((_, i) => !forms[i]);
    const bound = uses.map((u) => lastMoment(this.#fn, u, statement));
    const region = { from: code.end(statement), to: Math.max(...bound) };
    const immutable = shape === 'bytes';
    if (open.length === 0) {
      if (this.#isChanged(n, source, region, immutable)) return true;
      if (shape === 'bytes' && forms.every((f) => f?.free)) {
        this.#exempt('compiler', n, { why: forms[0]?.free ?? '' });
        return true;
      }
      const small = smallSize(this.#fn, source);
      if (small !== undefined) {
        this.#exempt('small', n, { bytes: small });
        return true;
      }
      this.#find(
        n,
        'local',
        { name: binding.name, source: this.#short(source) },
        this.#readOriginal(n, source, binding, forms as Form[], plain),
        // Short text that is only compared is copied to the stack.
        { minor: forms.every((f) => f?.minor || f?.trivial || (f?.free && !f.lookup)) },
      );
      return true;
    }
    if (shape === 'bytes' || !plain || !this.#missedLookup(n, source, binding, uses, forms))
      this.#exempt('kept', n, { how: this.#use(open[0] as NodeId) });
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
      ? this.#removeStatement(statement)
      : { start: code.start(n), end: code.end(n), newText: this.#text.textOf(source) };
    const add = [...new Set(forms.flatMap((f) => (f.add ? [f.add] : [])))];
    const gone = forms.flatMap((f) => f.gone);
    if (!first || add.length > 1 || new Set(gone.map((g) => code.name(g))).size > 1) return undefined;
    return {
      title: plain
        ? `Read \`${this.#short(source)}\` instead of \`${binding.name}\``
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
    if (this.#isChanged(n, source, { from: code.end(statement), to }, false)) return true;
    if (smallSize(this.#fn, source) !== undefined) return false;
    const removed = this.#removeStatement(statement);
    const inline = uses.filter((u) => !before.includes(u));
    const conversion = this.#text.textOf(n);
    const moved: Form['edits'] =
      inline.length === 1
        ? [this.#replace(inline[0] as NodeId, conversion)]
        : [this.#insertBefore(branch.first, `${binding.name} := ${conversion}`)];
    const edits = [
      ...(removed ? [removed] : []),
      ...before.map((u) => this.#replace(u, conversion)),
      ...moved,
    ];
    this.#find(
      n,
      'missed',
      { name: binding.name, source: this.#short(source) },
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

  /** `append([]T(nil), xs...)` and `append([]T{x}, xs...)`. */
  #append(n: NodeId): void {
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
    this.#clone(n, source, undefined);
  }

  /** `c := make([]T, len(xs)); copy(c, xs)`. */
  #copyInto(n: NodeId): void {
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
    if (this.#text.textOf(code.child(size, Role.Arg)) !== this.#text.textOf(source)) return;
    const let_ = code.parent(made);
    const block = code.parent(let_);
    const statements = code.children(block);
    if (code.kind(let_) !== Kind.Let || statements[statements.indexOf(let_) + 1] !== n) return;
    this.#localClone(n, source, binding, let_, made, n);
  }

  /** A whole slice or map is copied by one expression. */
  #clone(n: NodeId, source: NodeId, path: string | undefined): void {
    const { code } = this.#fn;
    const gone = path === undefined ? [] : [code.child(n, Role.Object)];
    const binding = this.#bindingOf(n);
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
      this.#find(
        n,
        'argument',
        {
          copy: this.#short(n),
          source: this.#short(source),
          reader: `\`${short(this.#text.textOf(code.child(p, Role.Object)))}.${code.name(p)}\``,
        },
        {
          title: `Hand over \`${this.#short(source)}\``,
          edits: [this.#replace(n, this.#text.textOf(source))],
          gone,
          applicability: 'machine-applicable',
        },
      );
      return;
    }
    this.#owned(n);
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
      this.#exempt('kept', n, { how: 'a function literal holds it' });
      return;
    }
    const written = uses.find((u) => isTarget(this.#fn, u) || this.#isWritten(u));
    if (written !== undefined) {
      this.#exempt('copy-changes', n, {});
      return;
    }
    const kept = uses.find((u) => !isRead(this.#values, this.#fn, u));
    if (kept !== undefined) {
      this.#exempt('kept', n, { how: this.#use(kept) });
      return;
    }
    const from = code.end(extra < 0 ? statement : extra);
    const to = Math.max(...uses.map((u) => lastMoment(this.#fn, u, statement)));
    if (!this.#isFrozen(source)) {
      if (!this.#ownsSource(source)) {
        this.#exempt('shared', n, { source: this.#short(source) });
        return;
      }
      if (this.#isChanged(n, source, { from, to }, false) || this.#mayReach(n, source, from, to)) return;
    }
    const removed = extra < 0 ? undefined : this.#removeStatement(extra);
    if (extra >= 0 && !removed) return;
    this.#find(
      n,
      'local',
      { name: binding.name, source: this.#short(source) },
      {
        title: `Read \`${this.#short(source)}\` without copying it`,
        edits: [this.#replace(value, this.#text.textOf(source)), ...(removed ? [removed] : [])],
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
    this.#find(n, 'prepend', { name: binding.name }, this.#reverseAfter(assign, first, binding, loop));
  }

  /** Appends in the loop and turns the list round behind it, when nothing but this statement touches the list. */
  #reverseAfter(assign: NodeId, first: NodeId, binding: Binding, loop: NodeId): Rewrite | undefined {
    const { code } = this.#fn;
    const uses = usesOf(this.#values, this.#fn, binding);
    const elsewhere = uses.some((u) => code.start(u) < code.end(loop) && !code.within(u, assign));
    if (elsewhere || !this.#startsEmpty(binding) || blockStatement(this.#fn, loop) !== loop) return undefined;
    const { name } = binding;
    const indent = this.#indentOf(loop);
    const lines = [
      `for i, j := 0, len(${name})-1; i < j; i, j = i+1, j-1 {`,
      `\t${name}[i], ${name}[j] = ${name}[j], ${name}[i]`,
      '}',
    ];
    const element = this.#text.textOf(code.child(first, Role.Arg));
    return {
      title: `Append to \`${name}\` and reverse it once`,
      edits: [
        this.#replace(assign, `${name} = append(${name}, ${element})`),
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

  // --- strings.Split

  /** `strings.Split(s, ",")[0]`. */
  #splitIndex(n: NodeId): void {
    const { code } = this.#fn;
    const index = code.parent(n);
    if (code.kind(index) !== Kind.Index || code.role(n) !== Role.Object) return;
    const at = code.child(index, Role.Index);
    if (!code.is(at, Kind.Number) || !/^\d$/.test(code.name(at))) return;
    const [text, separator] = code.all(n, Role.Arg);
    if (text === undefined || separator === undefined) return;
    const count = Number(code.name(at)) + 2;
    const object = this.#text.textOf(code.child(n, Role.Object));
    const used = ['the first', 'the second', 'the third'][count - 2] ?? 'one of them';
    this.#find(
      n,
      'split',
      { copy: this.#short(n), used },
      {
        title: `Split at most ${count} parts off`,
        edits: [
          this.#replace(
            n,
            `${object}.SplitN(${this.#text.textOf(text)}, ${this.#text.textOf(separator)}, ${count})`,
          ),
        ],
        gone: [],
        applicability: 'machine-applicable',
      },
      { minor: true },
    );
  }

  /** `len(strings.Split(s, ","))`. */
  #splitLength(n: NodeId): void {
    const { code } = this.#fn;
    const split = code.child(n, Role.Arg);
    const called = split < 0 ? undefined : packageFunction(this.#values, this.#fn, split);
    if (called?.path !== 'strings' || called.name !== 'Split') return;
    const [text, separator] = code.all(split, Role.Arg);
    if (text === undefined || separator === undefined) return;
    // Without a separator Split counts runes.
    if (code.kind(separator) !== Kind.String || code.name(separator) === '') return;
    const object = this.#text.textOf(code.child(split, Role.Object));
    const counted = `${object}.Count(${this.#text.textOf(text)}, ${this.#text.textOf(separator)}) + 1`;
    const alone = code.kind(code.parent(n)) !== Kind.Binary && code.kind(code.parent(n)) !== Kind.Unary;
    const compared = /^([=!<>]=|[<>])$/.test(code.name(code.parent(n)));
    this.#find(
      split,
      'split',
      { copy: this.#short(split), used: 'their number' },
      {
        title: 'Count the separators',
        edits: [this.#replace(n, alone || compared ? counted : `(${counted})`)],
        gone: [],
        applicability: 'machine-applicable',
      },
      { minor: true },
    );
  }

  // --- what becomes of a value

  /** The local that an expression is the only value of, when a plain `x := …` or `var x = …` binds it. */
  #bindingOf(n: NodeId): Binding | undefined {
    const { code } = this.#fn;
    const let_ = code.parent(n);
    if (code.kind(let_) !== Kind.Let || code.role(n) !== Role.Value) return undefined;
    const patterns = code.all(let_, Role.Pattern);
    const only = patterns[0];
    if (patterns.length !== 1 || only === undefined || code.kind(only) !== Kind.Bind) return undefined;
    if (code.child(let_, Role.Type) >= 0) return undefined;
    const binding = this.#values.scope(this.#fn).lookup(code.name(only), code.end(let_));
    return binding?.node === only ? binding : undefined;
  }

  /** Records why a copy must be one. */
  #owned(n: NodeId): void {
    const { code } = this.#fn;
    const p = code.parent(n);
    const role = code.role(n);
    if (role === Role.Arg && (code.kind(p) === Kind.Call || code.kind(p) === Kind.MethodCall)) {
      const callee = code.kind(p) === Kind.Call ? code.child(p, Role.Callee) : -1;
      if (code.is(callee, Kind.Name, 'append')) this.#exempt('kept', n, { how: 'it is appended' });
      else this.#exempt('needed', n, { callee: `\`${this.#callName(p)}\`` });
      return;
    }
    this.#exempt('kept', n, { how: this.#use(n) });
  }

  /** How a value is used, in words. */
  #use(n: NodeId): string {
    const { code } = this.#fn;
    const p = code.parent(n);
    switch (p < 0 ? -1 : code.kind(p)) {
      case Kind.Return:
        return 'it is returned';
      case Kind.Send:
        return 'it is sent to a channel';
      case Kind.FieldInit:
      case Kind.Entry:
      case Kind.Composite:
        return 'it is stored';
      case Kind.Assign:
        return 'it is assigned';
      case Kind.Index:
        return 'a map keeps it as a key';
      case Kind.Call:
      case Kind.MethodCall:
        return `\`${this.#callName(p)}\` takes it`;
      default:
        return 'it is used further';
    }
  }

  #callName(call: NodeId): string {
    const { code } = this.#fn;
    if (code.kind(call) === Kind.MethodCall)
      return `${short(this.#text.textOf(code.child(call, Role.Object)))}.${code.name(call)}`;
    const callee = code.child(call, Role.Callee);
    return callee < 0 ? 'call' : short(this.#text.textOf(callee));
  }

  /** True for a use through which the local or its elements are written. */
  #isWritten(use: NodeId): boolean {
    const { code } = this.#fn;
    let at = use;
    for (let up = code.parent(at); up >= 0; at = up, up = code.parent(up)) {
      const kind = code.kind(up);
      if (kind === Kind.Unary && code.name(up) === '&') return true;
      if (kind === Kind.Assign) return code.role(at) === Role.Target;
      if (kind === Kind.Call) {
        const name = code.name(code.child(up, Role.Callee));
        return /^(delete|clear|copy)$/.test(name) && code.child(up, Role.Arg) === at;
      }
      if (kind === Kind.MethodCall)
        return (
          packageFunction(this.#values, this.#fn, up)?.path === 'sort' && code.name(up) !== 'SearchStrings'
        );
      if (kind !== Kind.Index && kind !== Kind.Slice && kind !== Kind.Field) return false;
      if (code.role(at) !== Role.Object) return false;
    }
    return false;
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

  #isChanged(n: NodeId, source: NodeId, region: { from: number; to: number }, immutable: boolean): boolean {
    const change = changeBetween(this.#values, this.#fn, source, region.from, region.to, immutable);
    if (change < 0) return false;
    this.#exempt('source-changes', n, { source: this.#short(source) }, this.#fn.place(change));
    return true;
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
    const [body, after] = this.#fn.range;
    for (let i = body; i < after; i++) {
      if (code.start(i) < from || code.end(i) > to) continue;
      const kind = code.kind(i);
      if (kind !== Kind.Call && kind !== Kind.MethodCall) continue;
      if (onlyReads(this.#values, this.#fn, i)) continue;
      if (code.is(code.child(i, Role.Callee), Kind.Name, 'append')) continue;
      this.#exempt('source-changes', n, { source: this.#short(source) }, this.#fn.place(i));
      return true;
    }
    return false;
  }

  #isPlainBytes(n: NodeId): boolean {
    const type = this.#values.typeOf(this.#fn, n);
    return type !== undefined && !type.decl && (type.name === 'slice' || type.name === 'array');
  }

  // --- writing

  #short(n: NodeId): string {
    return short(this.#text.textOf(n));
  }

  #replace(n: NodeId, newText: string): Form['edits'][number] {
    return { start: this.#fn.code.start(n), end: this.#fn.code.end(n), newText };
  }

  /** Takes a statement out with its line; undefined when something else stands on the line. */
  #removeStatement(statement: NodeId): Form['edits'][number] | undefined {
    const { code } = this.#fn;
    if (code.kind(code.parent(statement)) !== Kind.Block) return undefined;
    const text = this.#fn.package.text(this.#fn.file.facts.file);
    const start = text.lastIndexOf('\n', code.start(statement) - 1) + 1;
    const newline = text.indexOf('\n', code.end(statement));
    const end = newline < 0 ? text.length : newline + 1;
    const around = text.slice(start, code.start(statement)) + text.slice(code.end(statement), end);
    return around.trim() === '' ? { start, end, newText: '' } : undefined;
  }

  #insertBefore(statement: NodeId, line: string): Form['edits'][number] {
    const start = this.#fn.code.start(statement);
    return { start, end: start, newText: `${line}\n${this.#indentOf(statement)}` };
  }

  #indentOf(statement: NodeId): string {
    const text = this.#fn.package.text(this.#fn.file.facts.file);
    const start = this.#fn.code.start(statement);
    return /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', start - 1) + 1, start))?.[0] ?? '';
  }

  // --- reporting

  #find(
    node: NodeId,
    message: keyof Messages & string,
    data: Readonly<Record<string, string>>,
    rewrite: Rewrite | undefined,
    more: { readonly minor?: boolean; readonly related?: Copy['related'] } = {},
  ): void {
    this.#copies.push({
      fn: this.#fn,
      node,
      message,
      data,
      rewrite,
      minor: more.minor ?? false,
      related: more.related,
    });
  }

  #exempt(
    reason: keyof Exemptions & string,
    node: NodeId,
    data: Readonly<Record<string, string | number>>,
    where?: Place,
  ): void {
    this.#report.exempt({
      reason,
      at: this.#fn.place(node),
      data,
      ...(where ? { where } : {}),
    } as Parameters<Report['exempt']>[0]);
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

/** The size of bytes that is known and small, or undefined. */
function smallSize(fn: Fn, n: NodeId): number | undefined {
  const { code } = fn;
  if (code.kind(n) !== Kind.Slice) return undefined;
  const high = code.child(n, Role.High);
  const low = code.child(n, Role.Low);
  if (high < 0 || code.kind(high) !== Kind.Number || (low >= 0 && code.kind(low) !== Kind.Number))
    return undefined;
  const size = Number(code.name(high)) - (low < 0 ? 0 : Number(code.name(low)));
  return size <= GO_SMALL_TEXT ? size : undefined;
}
