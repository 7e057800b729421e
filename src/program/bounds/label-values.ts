/** Vectors of Prometheus metrics whose labels somebody outside chooses: each new value is a series that stays. */
import { closedKeyWords, costlessNames, keyConversions } from '../../knowledge/keys.ts';
import {
  dropsSeries,
  freeCalls,
  freeFields,
  freeTypes,
  labelCalls,
  metricsPackages,
  rustDropsSeries,
  rustLabelCalls,
  rustLabelMacros,
} from '../../knowledge/labels.ts';
import { kinds } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { nameOf } from '../calls/call-name.ts';
import { type Author, Provenance } from '../origins/provenance.ts';
import type { Fn, Package, Program } from '../program.ts';
import { lastSegment, peel } from '../types/types.ts';
import { Values } from '../types/values.ts';

const METHOD_CALLS = kinds(Kind.MethodCall);
const MAKERS = kinds(Kind.MethodCall, Kind.Macro);

/** A label that gets what a request says. */
export interface LabelValue {
  readonly fn: Fn;
  /** The call that looks up, or makes, the series. */
  readonly node: NodeId;
  readonly vector: string;
  /** As written. */
  readonly value: string;
  readonly author: Author;
  /** What takes series out of the vector again. */
  readonly dropped: { readonly fn: Fn; readonly node: NodeId } | undefined;
}

/** The labels of a package that somebody outside chooses, in source order: the first of each vector. */
export function labelValuesOf(pkg: Package): LabelValue[] {
  const { program } = pkg;
  const isRust = pkg.language === 'rust';
  if (!isRust && !program.derive(usesMetrics)) return [];
  const authors = Provenance.of(program);
  const out: LabelValue[] = [];
  const told = new Set<string>();
  for (const fn of pkg.serviceFunctions) {
    const { code } = fn;
    for (
      let node = code.next(MAKERS, fn.first, fn.after);
      node < fn.after;
      node = code.next(MAKERS, node + 1, fn.after)
    ) {
      const isMacro = code.kind(node) === Kind.Macro;
      if (
        isRust ? !makesSeries(fn, node) : isMacro || !labelCalls.has(code.name(node)) || !isVector(fn, node)
      )
        continue;
      const vector = nameOf(code, code.child(node, isMacro ? Role.Arg : Role.Object));
      for (const value of isRust ? rustLabelsOf(fn, node) : labelsOf(fn, node)) {
        if (told.has(vector) || !(isRust ? mayBeAnything(fn, value) : isFreeText(fn, value, 0))) continue;
        const author = authors.of(fn, value);
        if (author.who !== 'outside' || author.far || author.kept || author.vague || author.named) continue;
        told.add(vector);
        const text = program.text(fn.file.facts.file).slice(code.start(value), code.end(value));
        out.push({ fn, node, vector, value: text, author, dropped: dropping(program, vector, pkg.language) });
        break;
      }
    }
  }
  return out;
}

/** Rust: `HITS.with_label_values(&[path])`, `metrics::counter!("hits", "path" => path)` */
function makesSeries(fn: Fn, node: NodeId): boolean {
  const name = fn.code.name(node);
  return fn.code.kind(node) === Kind.Macro
    ? rustLabelMacros.test(fn.file.fullPath(name))
    : rustLabelCalls.test(name);
}

function rustLabelsOf({ code }: Fn, node: NodeId): readonly NodeId[] {
  const args = code.all(node, Role.Arg);
  if (code.kind(node) === Kind.Macro) return args.filter((a) => code.kind(a) !== Kind.String);
  let list = args[0] ?? -1;
  while (code.is(list, Kind.Unary)) list = code.child(list, Role.Object);
  return code.all(list, Role.Arg);
}

/** Rust: text of a kind that exists in any number for whoever asks, such as paths and hosts; what else a request names must exist, as a rule. */
function mayBeAnything(fn: Fn, value: NodeId): boolean {
  const { code } = fn;
  let root = value;
  while (
    code.is(root, Kind.Unary) ||
    (code.is(root, Kind.MethodCall) && keyConversions.test(code.name(root)))
  )
    root = code.child(root, Role.Object);
  const kind = code.kind(root);
  if (kind !== Kind.Name && kind !== Kind.Field && kind !== Kind.MethodCall) return false;
  const type = Values.of(fn.package.program).typeOf(fn, root);
  let inner = type && peel(type).type;
  // `Path(name): Path<String>`
  if (inner?.args[0] && /(^|::)(Path|Query)$/.test(inner.name)) inner = peel(inner.args[0]).type;
  if (inner && !freeTypes.test(lastSegment(inner.name))) return false;
  const words = code.name(root).toLowerCase().split('_');
  return words.some((w) => costlessNames.has(w)) && !words.some((w) => closedKeyWords.has(w));
}

/** A part of a request that says whatever its sender likes, also by way of a name: not a kind, a version, a verdict. */
function isFreeText(fn: Fn, value: NodeId, depth: number): boolean {
  const { code } = fn;
  if (code.kind(value) === Kind.Name) {
    const b = Values.of(fn.package.program).scope(fn).lookup(code.name(value), code.start(value));
    return b?.source === 'value' && b.value >= 0 && depth < 2 && isFreeText(fn, b.value, depth + 1);
  }
  if (code.is(value, Kind.Field)) return freeFields.test(code.name(value));
  return code.is(value, Kind.MethodCall) && freeCalls.test(code.name(value));
}

/** Anything in the program imports the client library. */
function usesMetrics(program: Program): boolean {
  for (const file of program.files())
    if (file.facts.imports.some((i) => metricsPackages.has(i.path))) return true;
  return false;
}

/** A `*prometheus.CounterVec`, or what nobody knows more of than that it has a method that only vectors have. */
function isVector(fn: Fn, call: NodeId): boolean {
  const { code } = fn;
  const type = Values.of(fn.package.program).typeOf(fn, code.child(call, Role.Object));
  const map = code.child(call, Role.Arg);
  const isLabels =
    code.is(map, Kind.Composite) && /(^|\.)Labels$/.test(code.name(code.child(map, Role.Type)));
  if (!type) return isLabels || labelsAreValues(code.name(call));
  const { decl, name } = peel(type).type;
  return decl === undefined && /Vec$/.test(name);
}

/** `v.WithLabelValues(a, b)`, `v.With(prometheus.Labels{"path": a})` */
function labelsOf({ code }: Fn, call: NodeId): readonly NodeId[] {
  const args = code.all(call, Role.Arg);
  const [map] = args;
  if (map === undefined || !code.is(map, Kind.Composite)) return labelsAreValues(code.name(call)) ? args : [];
  return code.children(map).flatMap((entry) => {
    const value = code.kind(entry) === Kind.Entry ? code.child(entry, Role.Value) : -1;
    return value >= 0 ? [value] : [];
  });
}

function labelsAreValues(name: string): boolean {
  return name.endsWith('LabelValues');
}

/** `v.DeleteLabelValues(…)`, `v.Reset()` of a vector of the same name. */
function dropping(program: Program, vector: string, language: string): LabelValue['dropped'] {
  const drops = language === 'go' ? dropsSeries : rustDropsSeries;
  for (const pkg of program.packages)
    for (const fn of pkg.language === language ? pkg.serviceFunctions : []) {
      const { code } = fn;
      for (
        let n = code.next(METHOD_CALLS, fn.first, fn.after);
        n < fn.after;
        n = code.next(METHOD_CALLS, n + 1, fn.after)
      )
        if (drops.test(code.name(n)) && nameOf(code, code.child(n, Role.Object)) === vector)
          return { fn, node: n };
    }
  return undefined;
}
