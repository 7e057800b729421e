import type { Edit, Fix } from '../../core/finding.ts';
import { defineRule } from '../../core/rule.ts';
import { goSizeClass } from '../../knowledge/go-size-classes.ts';
import type { Package, TypeDecl } from '../../program/program.ts';
import { type Bulk, BulkTypes } from '../../program/sizes/bulk-types.ts';
import { type FieldLayout, Layouts, type StructLayout } from '../../program/sizes/layouts.ts';
import { Kind, Role } from '../../syntax/node.ts';

/** Waste below this share of a struct is not worth another order. */
const SHARE = 0.25;

/** What is made once, at the start, stays: so much of nothing counts there, too. */
const LARGE_WASTE = 1n << 20n;

export default defineRule({
  id: 'go/struct-padding',
  tier: 'C',
  severity: 'information',
  summary: 'The order of the fields wastes a quarter of a struct that exists in large numbers',
  note: {
    why: 'gc keeps the fields in the order as written and fills the gaps that alignment leaves; what each value wastes is wasted as often as there are values.',
    arithmetic: '(bytes now − bytes in the best order) × number of values that live at the same time',
    myth: 'fix-without-measuring',
  },
  messages: {
    padding: '`{name}` has {size} bytes, in another order {best}. Padding takes {waste} bytes{count}',
  },
  exemptions: {
    few: 'nothing makes many of `{name}`',
    class:
      'each `{name}` is allocated alone: the allocator gives it {bytes} bytes, and {best} in another order',
    layout: 'the layout is meant: {why}',
    'start-up': 'many are made only while the program starts',
  },
  check(pkg: Package, report) {
    if (pkg.language !== 'go') return;
    const layouts = Layouts.of(pkg.program);
    for (const decl of pkg.types) {
      if (decl.isTest || decl.file.facts.generated || decl.fact.fields.length < 3) continue;
      const layout = layouts.structOf(decl);
      if ('why' in layout || layout.size - layout.best < layout.size * SHARE) continue;
      const at = decl.file.place(decl.fact.nameSpan);
      const { name } = decl.fact;
      const meant = meantLayout(decl);
      if (meant !== undefined) {
        report.exempt({ reason: 'layout', at, data: { why: meant } });
        continue;
      }
      const bulk = BulkTypes.of(pkg.program).of(decl);
      if (!bulk) {
        report.exempt({ reason: 'few', at, data: { name } });
        continue;
      }
      const waste = BigInt(layout.size - layout.best) * (bulk.room ?? 0n);
      if (bulk.onlyAtStart && !bulk.refilled && waste < LARGE_WASTE) {
        report.exempt({ reason: 'start-up', at, where: bulk.at });
        continue;
      }
      const [size, best] = bulk.alone
        ? [goSizeClass(layout.size), goSizeClass(layout.best)]
        : [layout.size, layout.best];
      if (size - best < size * SHARE) {
        report.exempt({ reason: 'class', at, where: bulk.at, data: { name, bytes: size, best } });
        continue;
      }
      report.find({
        message: 'padding',
        at,
        severity: bulk.hot || bulk.refilled ? 'information' : 'hint',
        confidence: bulk.hot ? 'high' : 'medium',
        related: [
          { ...bulk.at, message: bulk.why },
          ...(bulk.hot ? [{ ...bulk.hot.at, message: bulk.hot.why }] : []),
        ],
        fixes: reorderFix(decl, layout, bulk),
        data: {
          name,
          size,
          best,
          waste: size - best,
          count: bulk.count === undefined ? '' : ` × \`${bulk.count}\``,
        },
      });
    }
  },
});

/** Why somebody wants the fields where they are. */
function meantLayout(decl: TypeDecl): string | undefined {
  const { fields } = decl.fact;
  if (fields.some((f) => f.name === '_')) return 'it has blank fields';
  const { imports } = decl.file.facts;
  if (imports.some((i) => i.path === 'C')) return 'the file talks to C';
  const fixed = imports.find((i) => i.path === 'unsafe' || i.path === 'structs');
  if (fixed) return `the file uses \`${fixed.path}\``;
  const binary = imports.find((i) => i.path === 'encoding/binary');
  return binary && inOrder(decl.file, binary.alias)
    ? 'the file reads and writes fields in their order'
    : undefined;
}

/** `binary.Read(r, order, &header)` goes by the order of the fields, `binary.BigEndian.Uint64(b)` knows none: https://pkg.go.dev/encoding/binary */
function inOrder({ code, functions }: TypeDecl['file'], alias: string): boolean {
  return functions.some(({ first, after }) => {
    for (let n = first; n < after; n++)
      if (
        code.is(n, Kind.MethodCall) &&
        /^(Read|Write|Size|Append|Encode|Decode)$/.test(code.name(n)) &&
        code.is(code.child(n, Role.Object), Kind.Name, alias)
      )
        return true;
    return false;
  });
}

/** Fields that are declared on one line: they move together. */
interface Unit {
  readonly start: number;
  readonly end: number;
  readonly first: FieldLayout;
}

/** Moves whole lines, with their tags and the comments above and behind them. */
function reorderFix(decl: TypeDecl, layout: StructLayout, bulk: Bulk): readonly Fix[] {
  if (bulk.unkeyed) return [];
  const { file } = decl.file.facts;
  const text = decl.file.package.text(file);
  const units: Unit[] = [];
  for (const f of layout.fields) {
    const { span } = f.field;
    if (units.at(-1)?.start === span.start) continue;
    units.push({ start: span.start, end: span.end, first: f });
  }
  const open = text.indexOf('{', decl.fact.nameSpan.end);
  const lineEnd = (at: number) => {
    const end = text.indexOf('\n', at);
    return end < 0 ? text.length : end + 1;
  };
  const chunks: string[] = [];
  let from = lineEnd(open);
  const bodyStart = from;
  for (const u of units) {
    const to = lineEnd(u.end);
    // Two fields, or a field and a brace, on one line.
    if (u.start < from || to > decl.fact.span.end) return [];
    chunks.push(text.slice(from, to));
    from = to;
  }
  const rank = ({ first }: Unit) => (first.size === 0 ? Number.POSITIVE_INFINITY : first.align);
  const order = units
    .map((_, i) => i)
    .sort((a, b) => {
      const [x, y] = [rank(units[a] as Unit), rank(units[b] as Unit)];
      return x === y ? a - b : y > x ? 1 : -1;
    });
  const newText = order.map((i) => (chunks[i] as string).replace(/^(?:[ \t]*\r?\n)+/, '')).join('');
  const edits = (): Edit[] => [{ file, span: { start: bodyStart, end: from }, newText }];
  // Tags may fix an order of output; a blank line or a lock may say that what follows belongs together.
  const plain = !chunks.some((c) => c.includes('`') || /^[ \t]*\r?\n/.test(c) || /\bsync\.|\/\//.test(c));
  return [
    {
      title: `Order the fields by alignment: ${layout.best} instead of ${layout.size} bytes`,
      applicability: plain ? 'machine-applicable' : 'maybe-incorrect',
      edits,
    },
  ];
}
