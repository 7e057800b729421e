import {
  adaptors,
  chunks,
  configurationFields,
  configurationLocals,
  topologyNames,
} from '../../knowledge/counts.ts';
import type { Code } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { Effects } from '../places/effects.ts';
import { local, Places } from '../places/places.ts';
import type { Fn } from '../program.ts';
import type { Binding } from '../types/scope.ts';
import { lastSegment, peel } from '../types/types.ts';

/** Why a loop runs a number of times that the program's author or its configuration chose, or undefined. */
export function chosenCount(fn: Fn, loop: NodeId): string | undefined {
  const code = fn.code;
  const iter = code.child(loop, Role.Iter);
  if (iter < 0) {
    const condition = code.child(loop, Role.Condition);
    // `while let`, `for rows.Next()`: as often as there is something.
    if (condition >= 0 && compares(code, condition) && !mentionsLength(fn, condition))
      return 'a loop that counts to a chosen number';
    return undefined;
  }
  return chosenLength(fn, iter);
}

/** Why a collection has as many elements as the program's author or its configuration chose, or undefined. */
export function chosenLength(fn: Fn, iter: NodeId, depth = 0): string | undefined {
  const code = fn.code;
  const places = Places.of(fn.package.program);
  if (code.kind(iter) === Kind.Range)
    return mentionsLength(fn, iter) || code.child(iter, Role.High) < 0
      ? undefined
      : 'a loop over a chosen range';
  if (
    code.kind(iter) === Kind.Composite ||
    code.kind(iter) === Kind.Sequence ||
    code.kind(iter) === Kind.Macro ||
    code.kind(iter) === Kind.Number
  )
    return 'a list written in the program';
  for (let n = iter; n < code.after(iter); n++) {
    const name = code.name(n);
    // `values.chunks(values.len() / threads)`: as many as the divisor says.
    const part = code.kind(n) === Kind.MethodCall && chunks.test(name) ? code.child(n, Role.Arg) : -1;
    if (mentionsLength(fn, part) || isShare(fn, part)) return `\`${name}\``;
    if (code.kind(n) === Kind.Range && !mentionsLength(fn, n)) return 'a loop over a chosen range';
    const kind = code.kind(n);
    if (
      (kind === Kind.Name && configurationLocals.test(name)) ||
      ((kind === Kind.Name || kind === Kind.Field) && configurationFields.test(name))
    )
      return 'configuration';
    if (topologyNames.test(name)) return `the number of ${name}, which the deployment fixes`;
  }
  if (code.kind(iter) === Kind.Name && isConstant(fn, iter)) return 'a constant';
  if (isChosenMinimum(fn, iter, depth)) return 'a minimum with a chosen number';
  if (code.kind(iter) === Kind.Name && depth < 2) {
    const b = bindingAt(fn, iter);
    // `eps := c.Endpoints()`: the name stands for what it was bound to, unless something is added to it.
    if (b && b.source === 'value' && b.value >= 0 && !isFilled(fn, b)) {
      const chosen = chosenLength(fn, b.value, depth + 1);
      if (chosen) return chosen;
    }
    // `for some in names.chunks(10)`
    const from = b?.source === 'element' ? b.value : -1;
    if (from >= 0 && code.kind(from) === Kind.MethodCall && chunks.test(code.name(from)))
      return `\`${code.name(from)}\``;
  }
  const type = places.values.typeOf(fn, iter);
  if (type && peel(type).type.name === 'array') return 'an array of fixed length';
  if (
    type &&
    fn.package.language === 'go' &&
    /^(int|uint|int64|uint64|int32|uint32)$/.test(peel(type).type.name)
  )
    return 'a loop that counts to a chosen number';
  let over = iter;
  while (code.kind(over) === Kind.MethodCall && adaptors.test(code.name(over)))
    over = code.child(over, Role.Object);
  const place = places.of(fn, over);
  if (place?.global?.fact.kind !== undefined) return `the global \`${place.name}\``;
  if (place?.root === 'field' && fn.fact.owner === place.owner?.fact.name)
    return `\`${place.name}\`, part of \`${fn.fact.owner}\``;
  return undefined;
}

function isFilled(fn: Fn, b: Binding): boolean {
  return Effects.of(fn.package.program)
    .on(local(fn, b))
    .some((e) => e.kind === 'grow');
}

function compares(code: Code, condition: NodeId): boolean {
  for (let n = condition; n < code.after(condition); n++)
    if (code.kind(n) === Kind.Binary && /^([<>]=?|[!=]=)$/.test(code.name(n))) return true;
  return false;
}

/** A length is named in an expression, or held by a name in it: `n := len(urls)`. */
export function mentionsLength(fn: Fn, root: NodeId, depth = 0): boolean {
  if (root < 0) return false;
  const code = fn.code;
  for (let n = root; n < code.after(root); n++) {
    // `min(workers, len(items))`: not more than somebody chose.
    if (isChosenMinimum(fn, n, depth)) {
      n = code.after(n) - 1;
      continue;
    }
    // A field named `size` is what somebody chose; a method of that name counts.
    const isField = code.kind(n) === Kind.Field && /^[sS]ize$/.test(code.name(n));
    if (!isField && /^(len|Len|size|Size|count)$/.test(code.name(n))) return true;
    if (code.kind(n) !== Kind.Name || depth > 1) continue;
    const b = bindingAt(fn, n);
    if (b && b.value >= 0 && b.source === 'value' && mentionsLength(fn, b.value, depth + 1)) return true;
  }
  return false;
}

/** `rows * WIDTH` where `rows` is `HEIGHT.div_ceil(workers)`: a part for each of those that something is divided by. */
function isShare(fn: Fn, root: NodeId, depth = 0): boolean {
  const { code } = fn;
  for (let n = root; n >= 0 && n < code.after(root); n++) {
    const divides = code.is(n, Kind.Binary, '/') || code.is(n, Kind.MethodCall, 'div_ceil');
    const by = divides ? code.child(n, code.is(n, Kind.Binary) ? Role.Right : Role.Arg) : -1;
    if (by >= 0 && code.kind(by) !== Kind.Number && !isConstant(fn, by)) return true;
    const b = depth < 2 && code.is(n, Kind.Name) ? bindingAt(fn, n) : undefined;
    if (b?.source === 'value' && isShare(fn, b.value, depth + 1)) return true;
  }
  return false;
}

function isConstant(fn: Fn, name: NodeId): boolean {
  return fn.package
    .globalsNamed(lastSegment(fn.code.name(name)))
    .some((g) => g.fact.kind === 'const' && !g.fact.test);
}

function bindingAt(fn: Fn, name: NodeId): Binding | undefined {
  return Places.of(fn.package.program).values.scope(fn).lookup(fn.code.name(name), fn.code.start(name));
}

function isChosenMinimum(fn: Fn, n: NodeId, depth: number): boolean {
  const code = fn.code;
  return (
    depth < 2 &&
    code.kind(n) === Kind.Call &&
    code.is(code.child(n, Role.Callee), Kind.Name, 'min') &&
    code.all(n, Role.Arg).some((a) => !mentionsLength(fn, a, depth + 1))
  );
}
