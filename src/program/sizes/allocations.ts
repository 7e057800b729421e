import { rustReading } from '../../knowledge/provenance.ts';
import {
  fillingMethods,
  goAllocations,
  goReflected,
  goRepeats,
  pictureMethods,
  rustAllocatingMethods,
  rustAllocations,
} from '../../knowledge/sizes.ts';
import { kinds } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import type { Fn, Package } from '../program.ts';
import { lastSegment } from '../types/types.ts';

const WANTED = kinds(Kind.Macro, Kind.Call, Kind.MethodCall);

/** A call that allocates as many elements as it is told. */
export interface AllocationSite {
  readonly fn: Fn;
  readonly node: NodeId;
  /** As written: `Vec::with_capacity`, `make`, `vec!`. */
  readonly verb: string;
  /** The expressions that say how many. */
  readonly sizes: readonly NodeId[];
  /** A library makes it, whose own limits nobody sees here. */
  readonly picture?: true;
}

/** All sized allocations of a package outside tests, in source order. */
export function allocationSites(pkg: Package): AllocationSite[] {
  return pkg.serviceFunctions.flatMap(allocationsIn);
}

/** The sized allocations of one function. */
export function allocationsIn(fn: Fn): AllocationSite[] {
  const out: AllocationSite[] = [];
  const code = fn.code;
  const { first: body, after } = fn;
  for (let n = code.next(WANTED, body, after); n < after; n = code.next(WANTED, n + 1, after)) {
    const site = allocationAt(fn, n);
    if (site) out.push(site);
  }
  return out;
}

/** The sized allocation that a node of a function is, or undefined. */
export function allocationAt(fn: Fn, n: NodeId): AllocationSite | undefined {
  const { code } = fn;
  const go = fn.package.language === 'go';
  switch (code.kind(n)) {
    case Kind.Macro: {
      const count = code.name(n) === 'vec' ? code.child(n, Role.Count) : -1;
      return count >= 0 ? { fn, node: n, verb: 'vec!', sizes: [count] } : undefined;
    }
    case Kind.Call: {
      const callee = code.child(n, Role.Callee);
      if (callee < 0) return undefined;
      const written = code.name(callee);
      if (go) {
        const args = code.all(n, Role.Arg);
        const type = args[0];
        if (written === 'new') {
          const length = code.is(type ?? -1, Kind.Type, 'array')
            ? code.child(type as NodeId, Role.Count)
            : -1;
          return length < 0 ? undefined : { fn, node: n, verb: 'new', sizes: [length] };
        }
        if (written !== 'make') return undefined;
        if (args.length < 2 || type === undefined || !/^(slice|map|chan)$/.test(code.name(type)))
          return undefined;
        return { fn, node: n, verb: 'make', sizes: args.slice(1) };
      }
      const index = written.includes('::') ? indexIn(rustAllocations, lastSegment(written)) : undefined;
      const size = index === undefined ? undefined : code.all(n, Role.Arg)[index];
      return size === undefined ? undefined : { fn, node: n, verb: written, sizes: [size] };
    }
    case Kind.MethodCall: {
      if (!go && pictureMethods.has(code.name(n))) {
        const sizes = code.all(n, Role.Arg).slice(0, 2);
        return sizes.length < 2 ? undefined : { fn, node: n, verb: code.name(n), sizes, picture: true };
      }
      const object = code.name(code.child(n, Role.Object));
      if (go && goRepeats.test(`${object}.${code.name(n)}`)) {
        const [, times] = code.all(n, Role.Arg);
        return times === undefined ? undefined : { fn, node: n, verb: `${object}.Repeat`, sizes: [times] };
      }
      const isReflected = go && code.is(code.child(n, Role.Object), Kind.Name, 'reflect');
      const index = go
        ? indexIn(isReflected ? goReflected : goAllocations, code.name(n))
        : (indexIn(rustAllocations, code.name(n)) ?? indexIn(rustAllocatingMethods, code.name(n)));
      if (index === undefined) return undefined;
      const args = code.all(n, Role.Arg);
      // `slices.Grow(list, n)` makes a list longer by what is mostly counted already: https://pkg.go.dev/slices#Grow
      if (go && code.is(code.child(n, Role.Object), Kind.Name, 'slices')) return undefined;
      // `cache.resize(capacity)` sets a limit, `terminal.resize(id, rows, columns)` is something else:
      // https://doc.rust-lang.org/std/vec/struct.Vec.html#method.resize takes a length and a value.
      const isOther = fillingMethods.has(code.name(n)) && args.length !== 2;
      const size = isOther ? undefined : args[index];
      return size === undefined ? undefined : { fn, node: n, verb: code.name(n), sizes: [size] };
    }
    default:
      return undefined;
  }
}

function indexIn(table: Readonly<Record<string, number>>, name: string): number | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/**
 * Rust: what is read from into the local that an allocation is bound to: the `socket` of
 * `let mut frame = vec![0; n]; socket.read_exact(&mut frame).await?`; undefined where nothing is.
 */
export function readerInto({ code, after }: Fn, made: NodeId): NodeId | undefined {
  const statement = code.parent(made);
  if (!code.is(statement, Kind.Let)) return undefined;
  const name = code.name(code.child(statement, Role.Pattern));
  for (let n = code.after(statement); n < after; n++)
    if (
      code.kind(n) === Kind.MethodCall &&
      rustReading.test(code.name(n)) &&
      code
        .all(n, Role.Arg)
        .some((a) => code.is(a, Kind.Unary, '&mut') && code.is(code.child(a, Role.Object), Kind.Name, name))
    )
      return code.child(n, Role.Object);
  return undefined;
}
