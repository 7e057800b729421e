import { kinds } from '../../syntax/code.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { Places } from '../places/places.ts';
import type { Fn, Package, TypeDecl } from '../program.ts';
import { type ChannelUseKind, isMakeChannel, isOptional } from './go-channels.ts';

const WANTED = kinds(Kind.FieldInit, Kind.Field, Kind.Name);

/** What one function does with a channel that is kept in a field. */
export interface FieldChannelUse {
  readonly kind: Exclude<ChannelUseKind, 'pass'>;
  readonly fn: Fn;
  /** The send, receive, loop or call; for an escape the field itself. */
  readonly node: NodeId;
  /** Another arm of its `select` may run instead. */
  readonly optional: boolean;
}

/** A channel that lives in an unexported field: its package is all there is to read. */
export interface FieldChannel {
  readonly owner: TypeDecl;
  readonly field: string;
  readonly uses: readonly FieldChannelUse[];
  /** The sizes its `make` calls ask for, 0 without one, Infinity where it is no literal. */
  readonly rooms: readonly number[];
}

/** The channels in unexported fields of a package's own types, by the key of their place. */
export function fieldChannelsOf(pkg: Package): ReadonlyMap<string, FieldChannel> {
  return pkg.program.derive(makeMemo)(pkg);
}

function makeMemo(): (pkg: Package) => ReadonlyMap<string, FieldChannel> {
  const memo = new Map<Package, ReadonlyMap<string, FieldChannel>>();
  return (pkg) => {
    let known = memo.get(pkg);
    if (!known) {
      known = read(pkg);
      memo.set(pkg, known);
    }
    return known;
  };
}

interface Draft {
  readonly owner: TypeDecl;
  readonly field: string;
  readonly uses: FieldChannelUse[];
  readonly rooms: number[];
}

function read(pkg: Package): ReadonlyMap<string, FieldChannel> {
  const out = new Map<string, Draft>();
  const names = new Set<string>();
  for (const type of pkg.types)
    for (const f of type.fact.fields)
      if (type.file.code.is(f.type, Kind.Type, 'chan') && /^[^A-Z]/.test(f.name)) names.add(f.name);
  if (names.size === 0) return out;
  const places = Places.of(pkg.program);
  const draftOf = (fn: Fn, n: NodeId): Draft | undefined => {
    const place = places.of(fn, n);
    if (place?.root !== 'field' || place.depth > 0 || !place.owner || place.field === undefined)
      return undefined;
    if (!names.has(place.field) || place.owner.file.package !== pkg) return undefined;
    let draft = out.get(place.key);
    if (!draft) {
      draft = { owner: place.owner, field: place.field, uses: [], rooms: [] };
      out.set(place.key, draft);
    }
    return draft;
  };
  for (const fn of pkg.functions) {
    if (fn.isTest) continue;
    const code = fn.code;
    const { first: body, after } = fn;
    for (let n = code.next(WANTED, body, after); n < after; n = code.next(WANTED, n + 1, after)) {
      const kind = code.kind(n);
      if (kind === Kind.FieldInit && names.has(code.name(n))) addInit(places, fn, n, out);
      const isField = kind === Kind.Field && names.has(code.name(n));
      if (!isField && kind !== Kind.Name) continue;
      const use = useAt(fn, n);
      // A plain name can only be another name of a field where it is used as a channel.
      if (kind === Kind.Name && (use.kind === 'escape' || use.kind === 'measure')) continue;
      const draft = draftOf(fn, n);
      if (!draft) continue;
      if (use.kind === 'escape' && code.role(n) === Role.Target) {
        const value = assigned(fn, n);
        if (value >= 0 && isMakeChannel(fn, value)) draft.rooms.push(roomOf(fn, value));
        else if (value < 0 || !code.is(value, Kind.Literal, 'nil')) draft.uses.push(use);
        continue;
      }
      draft.uses.push(use);
    }
  }
  return out;
}

/** `&Hub{stop: make(chan struct{})}`; whatever else a field gets, somebody else has too. */
function addInit(places: Places, fn: Fn, init: NodeId, out: Map<string, Draft>): void {
  const code = fn.code;
  const literal = code.parent(init);
  const decl = literal < 0 ? undefined : places.values.declOf(fn, literal);
  const field = decl?.fact.fields.find((f) => f.name === code.name(init));
  if (!decl || !field || !decl.file.code.is(field.type, Kind.Type, 'chan')) return;
  const key = `F:${decl.id}.${field.name}`;
  let draft = out.get(key);
  if (!draft) {
    draft = { owner: decl, field: field.name, uses: [], rooms: [] };
    out.set(key, draft);
  }
  const value = code.child(init, Role.Value);
  if (isMakeChannel(fn, value)) draft.rooms.push(roomOf(fn, value));
  else draft.uses.push({ kind: 'escape', fn, node: init, optional: false });
}

function assigned(fn: Fn, target: NodeId): NodeId {
  const code = fn.code;
  const up = code.parent(target);
  const index = code.all(up, Role.Target).indexOf(target);
  return code.all(up, Role.Value)[index] ?? -1;
}

function roomOf(fn: Fn, make: NodeId): number {
  const size = fn.code.all(make, Role.Arg)[1];
  if (size === undefined) return 0;
  return fn.code.kind(size) === Kind.Number && /^\d+$/.test(fn.code.name(size))
    ? Number(fn.code.name(size))
    : Infinity;
}

function useAt(fn: Fn, n: NodeId): FieldChannelUse {
  const code = fn.code;
  const up = code.parent(n);
  const role = code.role(n);
  const use = (kind: FieldChannelUse['kind'], node: NodeId): FieldChannelUse => ({
    kind,
    fn,
    node,
    optional: isOptional(fn, node),
  });
  if (code.is(up, Kind.Send) && role === Role.Object) return use('send', up);
  if (code.is(up, Kind.Unary, '<-')) return use('receive', up);
  if (code.is(up, Kind.Loop) && role === Role.Iter) return use('range', up);
  if (code.is(up, Kind.Call) && role === Role.Arg) {
    const callee = code.child(up, Role.Callee);
    if (code.is(callee, Kind.Name, 'close')) return use('close', up);
    if (code.is(callee, Kind.Name, 'len') || code.is(callee, Kind.Name, 'cap')) return use('measure', up);
  }
  if (code.is(up, Kind.Binary) && code.is(code.child(up, Role.Right), Kind.Literal, 'nil'))
    return use('measure', up);
  return use('escape', n);
}
