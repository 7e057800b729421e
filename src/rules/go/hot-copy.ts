import type { Edit, Fix } from '../../core/finding.ts';
import { defineRule } from '../../core/rule.ts';
import { Phases } from '../../program/phases/phases.ts';
import type { Fn, Package } from '../../program/program.ts';
import type { Values } from '../../program/types/values.ts';
import { kinds } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import {
  addImport,
  oneAtATime,
  removeImport,
  replaceImport,
  usesOfImport,
} from '../shared/fixes/go-imports.ts';
import { Clones } from '../shared/go-copies/go-clones.ts';
import { Conversions } from '../shared/go-copies/go-conversions.ts';
import {
  type Copy,
  type CopyReport,
  CopyScene,
  copyExemptions,
  copyMessages,
  type Rewrite,
} from '../shared/go-copies/go-copies.ts';
import { copyThroughGetter } from '../shared/go-copies/go-getters.ts';
import { isByteSlice } from '../shared/go-copies/go-text-forms.ts';
import { packageFunction } from '../shared/go-locals.ts';
import { provenHot, provenRequest } from '../shared/heat.ts';

const WANTED = kinds(Kind.Call, Kind.Cast, Kind.MethodCall, Kind.Loop);

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
  messages: copyMessages,
  exemptions: copyExemptions,
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

/** Says of each copy how hot its place is, and gives it its fix. */
function reportCopies(pkg: Package, copies: readonly Copy[], report: CopyReport): void {
  const phases = Phases.of(pkg.program);
  copies.forEach((copy, ordinal) => {
    const { fn, node } = copy;
    const at = fn.place(node);
    const hot = provenHot(fn, node) ?? (copy.perRequest ? provenRequest(fn, node) : undefined);
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
    } as Parameters<CopyReport['find']>[0]);
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
  readonly #scene: CopyScene;
  readonly #fn: Fn;
  readonly #values: Values;
  // Most functions copy nothing.
  #conversionsOf: Conversions | undefined;
  #clonesOf: Clones | undefined;

  constructor(fn: Fn, copies: Copy[], report: CopyReport) {
    this.#scene = new CopyScene(fn, copies, report);
    this.#fn = fn;
    this.#values = this.#scene.values;
  }

  get #conversions(): Conversions {
    this.#conversionsOf ??= new Conversions(this.#scene);
    return this.#conversionsOf;
  }

  get #clones(): Clones {
    this.#clonesOf ??= new Clones(this.#scene);
    return this.#clonesOf;
  }

  read(): void {
    const { code } = this.#fn;
    const { first: body, after } = this.#fn;
    for (let n = code.next(WANTED, body, after); n < after; n = code.next(WANTED, n + 1, after)) {
      switch (code.kind(n)) {
        case Kind.Call:
          this.#call(n);
          break;
        case Kind.Cast:
          if (isByteSlice(this.#fn, code.child(n, Role.Type))) this.#conversions.toBytes(n);
          break;
        case Kind.MethodCall:
          this.#method(n);
          break;
        case Kind.Loop:
          this.#conversions.runes(n);
          break;
      }
    }
  }

  #call(n: NodeId): void {
    const { code } = this.#fn;
    const callee = code.child(n, Role.Callee);
    if (callee < 0 || code.kind(callee) !== Kind.Name) return;
    const name = code.name(callee);
    if (name === 'string') this.#conversions.toText(n);
    else if (name === 'append') this.#clones.append(n);
    else if (name === 'copy') this.#clones.copyInto(n);
    else if (name === 'len') this.#splitLength(n);
  }

  #method(n: NodeId): void {
    const called = packageFunction(this.#values, this.#fn, n);
    if (!called) {
      copyThroughGetter(this.#scene, n);
      return;
    }
    const key = `${called.path}.${called.name}`;
    if (/^(golang\.org\/x\/exp\/)?(slices|maps)\.Clone$/.test(key) || key === 'bytes.Clone') {
      const source = this.#fn.code.child(n, Role.Arg);
      if (source >= 0) this.#clones.clone(n, source, called.path);
    } else if (key === 'strings.Split') this.#splitIndex(n);
    else if (key === 'bytes.NewBufferString') this.#conversions.bufferString(n);
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
    const object = this.#scene.text.textOf(code.child(n, Role.Object));
    const used = ['the first', 'the second', 'the third'][count - 2] ?? 'one of them';
    this.#scene.find(
      n,
      'split',
      { copy: this.#scene.short(n), used },
      {
        title: `Split at most ${count} parts off`,
        edits: [
          this.#scene.replace(
            n,
            `${object}.SplitN(${this.#scene.text.textOf(text)}, ${this.#scene.text.textOf(separator)}, ${count})`,
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
    const object = this.#scene.text.textOf(code.child(split, Role.Object));
    const counted = `${object}.Count(${this.#scene.text.textOf(text)}, ${this.#scene.text.textOf(separator)}) + 1`;
    const alone = code.kind(code.parent(n)) !== Kind.Binary && code.kind(code.parent(n)) !== Kind.Unary;
    const compared = /^([=!<>]=|[<>])$/.test(code.name(code.parent(n)));
    this.#scene.find(
      split,
      'split',
      { copy: this.#scene.short(split), used: 'their number' },
      {
        title: 'Count the separators',
        edits: [this.#scene.replace(n, alone || compared ? counted : `(${counted})`)],
        gone: [],
        applicability: 'machine-applicable',
      },
      { minor: true },
    );
  }
}
