/** Go: keys under which entries are put in and taken out, told apart by what they are made of. */
import { changesText } from '../../knowledge/keys.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import type { Calls } from '../calls/calls.ts';
import type { Effect } from '../places/effects.ts';
import type { Fn } from '../program.ts';
import type { Values } from '../types/values.ts';

/**
 * `m[tenant+"/"+id] = v; …; delete(m, id)`, `m[r.RemoteAddr]++; …; host, _, _ := net.SplitHostPort(r.RemoteAddr); delete(m, host)`:
 * in one function, or in two that whoever calls the second gives the same values.
 */
export function takesOtherKey(calls: Calls, values: Values, e: Effect, growth: Effect): boolean {
  if (e.fn.package.language !== 'go' || e.kind !== 'remove' || e.key < 0 || growth.key < 0) return false;
  const removed = spelled(values, e.fn, e.key);
  const added = spelled(values, growth.fn, growth.key);
  if (e.fn === growth.fn) return differs(removed, added);
  const sites = calls.sitesOf(e.fn).filter((s) => !s.fn.isTest);
  const adders = calls.sitesOf(growth.fn);
  return (
    sites.length > 0 &&
    sites.every(({ fn, node, kind, guess }) => {
      const adder = adders.find((a) => a.fn === fn && a.kind === 'call');
      return (
        adder !== undefined &&
        kind === 'call' &&
        !guess &&
        differs(handed(removed, fn, node), handed(added, fn, adder.node))
      );
    })
  );
}

/** The text of a key with what its locals stand for in their place, and parameters as `$0`. */
function spelled(values: Values, fn: Fn, key: NodeId, depth = 0): string {
  const { code } = fn;
  let out = '';
  let from = code.start(key);
  for (let n = key; n < code.after(key); n++) {
    const b = code.kind(n) === Kind.Name ? values.scope(fn).lookup(code.name(n), code.start(n)) : undefined;
    if (!b) continue;
    const isMade = /^(value|part)$/.test(b.source) && b.value >= 0 && b.value < n && depth < 4;
    const put = isAssigned(fn, b.name)
      ? `?${n}`
      : b.source === 'parameter'
        ? `$${b.index}`
        : isMade
          ? spelled(values, fn, b.value, depth + 1) + (b.source === 'part' ? `#${b.index}` : '')
          : `@${b.node}`;
    out += textOf(fn, from, code.start(n)) + put;
    from = code.end(n);
  }
  return out + textOf(fn, from, code.end(key));
}

function textOf({ file }: Fn, start: number, end: number): string {
  return file.package.text(file.facts.file).slice(start, end);
}

function isAssigned({ code, first, after }: Fn, name: string): boolean {
  for (let n = first; n < after; n++)
    if (code.kind(n) === Kind.Assign && code.all(n, Role.Target).some((t) => code.is(t, Kind.Name, name)))
      return true;
  return false;
}

/** The same with what a call hands over in the place of parameters. */
function handed(key: string, fn: Fn, call: NodeId): string {
  const args = fn.code.all(call, Role.Arg);
  return key.replace(/\$(\d+)/g, (own, i) => {
    const arg = args[Number(i)];
    return arg === undefined ? own : textOf(fn, fn.code.start(arg), fn.code.end(arg));
  });
}

function differs(a: string, b: string): boolean {
  return isMadeOf(a, b) || isMadeOf(b, a);
}

/** One is put together of the other and more text, or is the other, which is no mere name, after a change. */
function isMadeOf(whole: string, part: string): boolean {
  const at = whole.indexOf(part);
  if (whole === part || at < 0 || /[\w.$@]/.test(whole.charAt(at - 1))) return false;
  if (/[\w.(@#]/.test(whole.charAt(at + part.length))) return false;
  const [, called = ''] = /^(?:\w+\.)*(\w+)\(/.exec(whole) ?? [];
  const joins = called === '' ? /"[^"]+"\s*\+|\+\s*"[^"]+"/ : /^fmt\.Sprintf\("[^"]*(%\w[^%"]|[^%"]%)/;
  return joins.test(whole) || (changesText.test(called) && /[.(]/.test(part) && !part.includes(`${called}(`));
}
