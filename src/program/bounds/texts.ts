import { goTextLooks, goTextMethods, goTextWriters } from '../../knowledge/containers.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { type PlaceRef, type Places, typeOfPlace } from '../places/places.ts';
import type { Fn } from '../program.ts';
import { goText } from '../types/types.ts';

/** An expression in a function. */
interface Use {
  readonly fn: Fn;
  readonly node: NodeId;
}

/**
 * Go: where a field or global of text is given to somebody who may empty it: `bufio.NewReader(&s.buf)`. It looks at all
 * code that knows the name, so it is asked only of text that nothing else bounds.
 */
export function givenAway(places: Places, place: PlaceRef): Use | undefined {
  const file = place.owner?.file ?? place.global?.file;
  const text = goText(typeOfPlace(places.values, place));
  // A string that is given away is a copy.
  if (!file || !text || text.label === 'string') return undefined;
  const packages = /^[A-Z]/.test(place.name) ? file.package.program.packages : [file.package];
  for (const pkg of packages)
    for (const fn of pkg.functions) {
      if (fn.isTest) continue;
      for (let n = fn.first; n < fn.after; n++) {
        const kind = fn.code.kind(n);
        if ((kind !== Kind.Field && kind !== Kind.Name) || fn.code.name(n) !== place.name) continue;
        if (!staysHere(places, fn, n) && places.of(fn, n)?.key === place.key) return { fn, node: n };
      }
    }
  return undefined;
}

/** The use is a method call that is known, a write of a known function, or another value for it. */
function staysHere(places: Places, fn: Fn, n: NodeId): boolean {
  const { code } = fn;
  const pointed = code.is(code.parent(n), Kind.Unary, '&') ? code.parent(n) : n;
  const up = code.parent(pointed);
  const role = code.role(pointed);
  if (role === Role.Target) return true;
  if (code.kind(up) === Kind.Binary) return true;
  if (code.kind(up) !== Kind.MethodCall) return false;
  const name = code.name(up);
  if (role === Role.Object) return Object.hasOwn(goTextMethods, name) || goTextLooks.has(name);
  const pkg = places.values.goPackage(fn, code.child(up, Role.Object));
  return code.all(up, Role.Arg)[0] === pointed && goTextWriters.has(`${pkg}.${name}`);
}
