/** Go: keys under which entries are put in and taken out, told apart by what they are made of. */
import { changesText } from '../../knowledge/keys.ts';
import { CALLS, type Code } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { callName } from '../calls/call-name.ts';
import type { Calls } from '../calls/calls.ts';
import type { Effect } from '../places/effects.ts';
import type { Fn } from '../program.ts';
import { goPredeclared } from '../types/go-types.ts';
import type { Values } from '../types/values.ts';

/** What a key is made of, with locals followed to their values and parameters as `$0`. */
interface Form {
  readonly text: string;
  /** Everything inside it, in the same spelling. */
  readonly parts: ReadonlySet<string>;
  /** It puts its parts together with other text, so that it is none of them. */
  readonly joins: boolean;
  /** The function that changes what it is given. */
  readonly change: string;
}

/**
 * `m[tenant+"/"+id] = v; …; delete(m, id)`, `m[r.RemoteAddr]++; …; host, _, _ := net.SplitHostPort(r.RemoteAddr); delete(m, host)`:
 * in one function, or in two that whoever calls the second gives the same values.
 */
export function takesOtherKey(calls: Calls, values: Values, e: Effect, growth: Effect): boolean {
  if (e.fn.package.language !== 'go' || e.kind !== 'remove' || e.key < 0 || growth.key < 0) return false;
  const removed = formOf(values, e.fn, e.key);
  const added = formOf(values, growth.fn, growth.key);
  if (!removed || !added || removed.text === added.text) return false;
  if (e.fn === growth.fn) return differs(removed, added);
  const sites = calls.sitesOf(e.fn).filter((s) => !s.fn.isTest);
  const adders = calls.sitesOf(growth.fn);
  return (
    sites.length > 0 &&
    sites.every((s) => {
      const adder = adders.find((a) => a.fn === s.fn && a.kind === 'call');
      return (
        s.kind === 'call' &&
        !s.guess &&
        adder !== undefined &&
        differs(given(removed, s.fn, s.node), given(added, s.fn, adder.node))
      );
    })
  );
}

function differs(a: Form, b: Form): boolean {
  return isMadeOf(a, b) || isMadeOf(b, a);
}

/** One is put together of the other and more, or is the other, which is no mere name, after a change. */
function isMadeOf(whole: Form, part: Form): boolean {
  if (!whole.parts.has(part.text)) return false;
  return whole.joins || (whole.change !== '' && whole.change !== part.change && /[.(]/.test(part.text));
}

/** The form of a key with what a call hands over in the place of parameters. */
function given(form: Form, { code, file }: Fn, call: NodeId): Form {
  const args = code.all(call, Role.Arg).map((arg) => {
    const { start, end } = code.span(arg);
    return file.package.text(file.facts.file).slice(start, end);
  });
  const put = (text: string) => text.replace(/\$(\d+)/g, (_, i) => args[Number(i)] ?? '$');
  return { ...form, text: put(form.text), parts: new Set([...form.parts].map(put)) };
}

function formOf(values: Values, fn: Fn, key: NodeId): Form | undefined {
  const parts = new Set<string>();
  const text = spell(values, fn, key, parts, 0);
  if (text === undefined) return undefined;
  const { code } = fn;
  const made = writtenFor(values, fn, key);
  parts.delete(text);
  return { text, parts, joins: joinsText(code, made), change: changing(code, made) };
}

/** `id` of `id := expression`, as long as it is given no other value. */
function writtenFor(values: Values, fn: Fn, n: NodeId): NodeId {
  const { code } = fn;
  const b = code.is(n, Kind.Name) ? values.scope(fn).lookup(code.name(n), code.start(n)) : undefined;
  const isOnly = b && (b.source === 'value' || b.source === 'part') && b.value >= 0;
  return isOnly && b.value < n && !isAssigned(code, fn, b.name) ? writtenFor(values, fn, b.value) : n;
}

function isAssigned(code: Code, { first, after }: Fn, name: string): boolean {
  for (let n = first; n < after; n++)
    if (code.kind(n) === Kind.Assign && code.all(n, Role.Target).some((t) => code.is(t, Kind.Name, name)))
      return true;
  return false;
}

function spell(values: Values, fn: Fn, n: NodeId, parts: Set<string>, depth: number): string | undefined {
  const { code } = fn;
  if (n < 0 || depth > 8) return undefined;
  const kind = code.kind(n);
  const inner = (m: NodeId) => spell(values, fn, m, parts, depth + 1);
  const keep = (text: string | undefined) => {
    if (text !== undefined) parts.add(text);
    return text;
  };
  if (kind === Kind.Name) {
    const b = values.scope(fn).lookup(code.name(n), code.start(n));
    if (!b) return code.name(n) === fn.fact.receiver ? '$self' : code.name(n);
    if (isAssigned(code, fn, b.name)) return undefined;
    if (b.source === 'parameter') return keep(`$${b.index}`);
    const of = writtenFor(values, fn, n);
    const text = of === n ? `${b.name}@${b.node}` : inner(of);
    return keep(b.source === 'part' && text !== undefined ? `${text}#${b.index}` : text);
  }
  if (kind === Kind.String || kind === Kind.Number) return code.name(n);
  if (kind === Kind.Unary) return inner(code.child(n, Role.Object));
  if (kind === Kind.Field) {
    const of = inner(code.child(n, Role.Object));
    return of === undefined ? undefined : keep(`${of}.${code.name(n)}`);
  }
  if (kind === Kind.Binary && code.name(n) === '+') {
    const sides = [inner(code.child(n, Role.Left)), inner(code.child(n, Role.Right))];
    return sides.includes(undefined) ? undefined : keep(sides.join('+'));
  }
  if (CALLS[kind] !== 1) return undefined;
  const args = code.all(n, Role.Arg).map(inner);
  const isConversion = kind === Kind.Call && args.length === 1 && goPredeclared.has(callName(code, n));
  if (isConversion) return args[0];
  const of = kind === Kind.MethodCall ? inner(code.child(n, Role.Object)) : '';
  return of === undefined || args.includes(undefined)
    ? undefined
    : keep(`${of}.${callName(code, n)}(${args.join()})`);
}

/** `a + "/" + b`, `fmt.Sprintf("%s/%s", a, b)`: longer than each of its parts. */
function joinsText(code: Code, n: NodeId): boolean {
  if (code.is(n, Kind.Binary, '+'))
    return [Role.Left, Role.Right].some((role) => {
      const side = code.child(n, role);
      return (code.kind(side) === Kind.String && code.name(side).length > 2) || joinsText(code, side);
    });
  const format = code.is(n, Kind.MethodCall, 'Sprintf') ? code.child(n, Role.Arg) : -1;
  return code.is(format, Kind.String) && /%[svdqx][^%"`]|[^%"`]%[svdqx]/.test(code.name(format));
}

function changing(code: Code, n: NodeId): string {
  const name = CALLS[code.kind(n)] === 1 ? callName(code, n) : '';
  return changesText.test(name) ? name : '';
}
