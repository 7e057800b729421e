/** Go: bodies that a framework gives, or decodes, and the servers of frameworks that limit them until somebody lifts that. */
import type { Place } from '../../core/span.ts';
import {
  type BodyReads,
  goBodyReads,
  goBodyStreams,
  goServerLimits,
  hugeBody,
} from '../../knowledge/readers.ts';
import { kinds } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { Linkage } from '../linkage.ts';
import type { Fn, Package, Program } from '../program.ts';
import { Constants } from '../sizes/constants.ts';
import { withoutMajor } from '../types/go-types.ts';
import { peel } from '../types/types.ts';
import { Values } from '../types/values.ts';

/** What a call of a framework does with the body of the request it has. */
export interface BodyRead {
  readonly way: 'gives' | 'decodes' | 'streams';
  /** The request, or what the body is a part of. */
  readonly request: NodeId;
  /** The server limits it unless somebody has lifted that. */
  readonly served: boolean;
}

const names = new RegExp(
  Object.values(goBodyReads)
    .flatMap(({ gives, decodes, streams }) => [gives, decodes, streams])
    .flatMap((way) => (way ? [way.source] : []))
    .join('|'),
);

/** The name of a method or function may be that of one which reads a body: most are not, and no type is asked for. */
export function mayReadBody(name: string): boolean {
  return names.test(name);
}

function wayOf({ gives, decodes, streams }: BodyReads, name: string): BodyRead['way'] | undefined {
  return gives?.test(name)
    ? 'gives'
    : decodes?.test(name)
      ? 'decodes'
      : streams?.test(name)
        ? 'streams'
        : undefined;
}

/** `c.GetRawData()`, `c.ShouldBindJSON(&order)`, `render.DecodeJSON(r.Body, &order)`. */
export function bodyRead(values: Values, fn: Fn, call: NodeId): BodyRead | undefined {
  const { code } = fn;
  const name = code.name(call);
  if (!mayReadBody(name)) return undefined;
  const object = code.child(call, Role.Object);
  const pkg = values.goPackage(fn, object);
  const type = pkg === undefined ? values.typeOf(fn, object) : undefined;
  const owner = pkg === undefined ? (type ? peel(type).type.name : '') : `package:${pkg}`;
  const key = withoutMajor(owner);
  const row = Object.hasOwn(goBodyReads, key) ? (goBodyReads[key] as BodyReads) : undefined;
  const way = row && wayOf(row, name);
  if (!row || !way || (way === 'decodes' && !isOfBody(values, fn, call))) return undefined;
  const first = code.child(call, Role.Arg);
  const given = code.is(first, Kind.Field, 'Body') ? code.child(first, Role.Object) : first;
  return { way, request: pkg === undefined ? object : given, served: row.served === true };
}

/** The target is no struct whose tags speak of queries, paths and forms alone: those a server limits by itself, or never reads. */
function isOfBody(values: Values, fn: Fn, call: NodeId): boolean {
  const target = fn.code.all(call, Role.Arg).at(-1);
  const decl = target === undefined ? undefined : values.declOf(fn, target);
  if (!decl) return target !== undefined;
  const { fields } = decl.fact;
  const text = decl.file.package.text(decl.file.facts.file);
  const isTagged = (tags: RegExp) => fields.some((f) => tags.test(text.slice(f.span.start, f.span.end)));
  return isTagged(/`[^`]*\b(json|xml|yaml|toml):"/) || !isTagged(/`[^`]*\b(form|query|param|uri|header):"/);
}

interface Lifted {
  readonly in: Package;
  readonly at: Place;
}

/** Where the limit of a framework's server is lifted in a program that a package is a part of. */
export function liftedServerLimit(pkg: Package): Place | undefined {
  const linkage = Linkage.of(pkg.program);
  return pkg.program.derive(liftedLimits).find((lifted) => linkage.canMeet(lifted.in, pkg))?.at;
}

const SETTINGS = kinds(Kind.FieldInit, Kind.Assign);

function liftedLimits(program: Program): readonly Lifted[] {
  const found: Lifted[] = [];
  for (const pkg of program.packages)
    for (const fn of pkg.language === 'go' ? pkg.serviceFunctions : [])
      for (let n = fn.code.next(SETTINGS, fn.first, fn.after); n < fn.after; ) {
        if (liftsServerLimit(fn, n)) found.push({ in: pkg, at: fn.place(n) });
        n = fn.code.next(SETTINGS, n + 1, fn.after);
      }
  return found;
}

/** `StreamRequestBody: true` and `BodyLimit: math.MaxInt` of a server's settings, also by assignment. */
function liftsServerLimit(fn: Fn, n: NodeId): boolean {
  const { code } = fn;
  const target = code.kind(n) === Kind.Assign ? code.child(n, Role.Target) : n;
  const name = code.name(target);
  if (name !== goBodyStreams && !limitFields.has(name)) return false;
  const owner = target === n ? code.parent(n) : code.child(target, Role.Object);
  const type = owner < 0 ? undefined : Values.of(fn.package.program).typeOf(fn, owner);
  const key = type ? withoutMajor(peel(type).type.name) : '';
  const value = code.child(n, Role.Value);
  if (value < 0 || !Object.hasOwn(goServerLimits, key)) return false;
  if (name === goBodyStreams) return code.name(value) === 'true';
  if (goServerLimits[key] !== name) return false;
  const most = Constants.of(fn.package.program).in(fn, value);
  return most.exact && most.settings.length === 0 && (most.value ?? 0n) >= hugeBody;
}

const limitFields: ReadonlySet<string> = new Set(Object.values(goServerLimits));
