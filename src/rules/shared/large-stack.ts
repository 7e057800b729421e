/** What `rust/large-stack` and `go/large-stack` share: when a frame counts, parsers that go down, and how an array moves to the heap. */
import type { Edit, Fix } from '../../core/finding.ts';
import type { Reporter } from '../../core/rule.ts';
import { Phases } from '../../program/phases/phases.ts';
import type { Evidence } from '../../program/phases/reach.ts';
import type { Fn, Package } from '../../program/program.ts';
import { descents } from '../../program/sizes/recursion.ts';
import type { StackArray } from '../../program/sizes/stacks.ts';
import { Values } from '../../program/types/values.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { textOf } from './fixes/statements.ts';
import { usesOf } from './go-locals.ts';

export const descentMessages = {
  descent: '`{fn}` needs a frame for each level that a request nests, and counts none of them',
} as const;

export const descentExemptions = {
  counted: 'bounded by `{by}`, which speaks of how deep it goes',
} as const;

/** A parser that calls itself with what a request nests: where the stack ends, the process does. */
export function checkDescents(
  pkg: Package,
  report: Reporter<typeof descentMessages, typeof descentExemptions>,
): void {
  for (const { fn, site, counted } of descents(pkg)) {
    const { request } = Phases.of(pkg.program).of(fn);
    if (!request || request.administrative) continue;
    const at = site.fn.placeOfMethod(site.node);
    if (counted) {
      const where = counted.fn.place(counted.node);
      report.exempt({ reason: 'counted', at, where, data: { by: counted.fn.code.name(counted.node) } });
      continue;
    }
    report.find({
      message: 'descent',
      at,
      confidence: 'medium',
      related: [{ ...request.at, message: request.why }],
      data: { fn: fn.label },
    });
  }
}

/** How sure it is that a frame is entered by many threads or tasks, with what says so; `once` for start-up code. */
export function entered(
  fn: Fn,
  node: NodeId,
): { readonly often: 'request' | 'maybe' | 'once'; readonly evidence?: Evidence } {
  const reach = Phases.of(fn.package.program).at(fn, node);
  if (reach.request) return { often: 'request', evidence: reach.request };
  return { often: reach.startup && !reach.likely && !reach.api ? 'once' : 'maybe' };
}

/** The array becomes a list on the heap, where every use of its name reads the same with one. */
export function heapFix(array: StackArray): readonly Fix[] {
  const { fn, node, name } = array;
  const isGo = fn.package.language === 'go';
  const declared = isGo ? node : fn.code.parent(node);
  if (name === '' || (!isGo && fn.code.child(declared, Role.Type) >= 0)) return [];
  const values = Values.of(fn.package.program);
  const binding = values.scope(fn).lookup(name, fn.code.end(declared));
  if (!binding || !usesOf(values, fn, binding).every((n) => n === binding.node || readsAsList(fn, n)))
    return [];
  const edits = isGo ? goEdits(array) : rustEdits(fn, node);
  if (edits.length === 0) return [];
  return [{ title: `Keep \`${name}\` on the heap`, applicability: 'maybe-incorrect', edits: () => edits }];
}

function readsAsList(fn: Fn, n: NodeId): boolean {
  const code = fn.code;
  const up = code.parent(n);
  const kind = code.kind(up);
  if (kind === Kind.Index || kind === Kind.Slice || kind === Kind.MethodCall)
    return code.role(n) === Role.Object;
  if (kind === Kind.Loop) return fn.package.language === 'go' && code.role(n) === Role.Iter;
  // `read(&mut buffer)` takes a slice of either.
  if (kind === Kind.Unary)
    return /^&(mut)?/.test(code.name(up)) && code.kind(code.parent(up)) === Kind.MethodCall;
  const callee = kind === Kind.Call ? code.child(up, Role.Callee) : -1;
  return fn.package.language === 'go' && callee >= 0 && /^(len|cap)$/.test(code.name(callee));
}

function rustEdits(fn: Fn, array: NodeId): readonly Edit[] {
  const start = fn.code.start(array);
  return [{ file: fn.file.facts.file, span: { start, end: start }, newText: 'vec!' }];
}

/** `var buffer [n]T` as `buffer := make([]T, n)`. */
function goEdits({ fn, node, name }: StackArray): readonly Edit[] {
  const code = fn.code;
  const type = code.child(node, Role.Type);
  if (!code.is(node, Kind.Let, 'var') || type < 0) return [];
  const text = /^\[([^\]]+)\](.*)$/s.exec(textOf(fn, type));
  if (!text) return [];
  const [, length, element] = text;
  const all = fn.package.text(fn.file.facts.file);
  const from = all.lastIndexOf('var', code.start(node) + 3);
  const start = from >= 0 && /^var\s+$/.test(all.slice(from, code.start(node))) ? from : code.start(node);
  const isAlone = /^var\s/.test(all.slice(start));
  return isAlone
    ? [
        {
          file: fn.file.facts.file,
          span: { start, end: code.end(type) },
          newText: `${name} := make([]${element}, ${length})`,
        },
      ]
    : [];
}
