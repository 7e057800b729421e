import { goFieldTypes, goResults, goUnderlying } from '../../knowledge/go-std.ts';
import type { SourceFile } from '../program.ts';
import type { TypeRef } from './types.ts';

/** Go's predeclared types that can be written as conversions. */
export const goPredeclared: ReadonlySet<string> = new Set(
  (
    'any bool byte comparable complex64 complex128 error float32 float64 int int8 int16 int32 int64 rune string ' +
    'uint uint8 uint16 uint32 uint64 uintptr'
  ).split(' '),
);

/** Go import paths carry a major version that does not matter: `github.com/x/y/v2` → `github.com/x/y`. */
export function withoutMajor(path: string): string {
  return path.replace(/\/v\d+(?=\/|\.|$)/g, '').replace(/\.v\d+(?=\/|\.|$)/g, '');
}

/** A type of the knowledge tables: `*net/url.URL`, `map[string][]byte`, or several separated by `, ` as a tuple. */
export function parseGoType(text: string, file: SourceFile): TypeRef {
  const parts = text.split(', ');
  if (parts.length > 1) return ref('tuple', file, ...parts.map((p) => parseGoType(p, file)));
  if (text.startsWith('*')) return ref('*', file, parseGoType(text.slice(1), file));
  if (text.startsWith('[]')) return ref('slice', file, parseGoType(text.slice(2), file));
  if (text.startsWith('chan ')) return ref('chan', file, parseGoType(text.slice(5), file));
  const array = /^\[\d+\](.*)$/.exec(text);
  if (array) return ref('array', file, parseGoType(array[1] as string, file));
  const map = /^map\[([^\]]+)\](.*)$/.exec(text);
  if (map) return ref('map', file, parseGoType(map[1] as string, file), parseGoType(map[2] as string, file));
  return ref(text, file);
}

function ref(name: string, file: SourceFile, ...args: TypeRef[]): TypeRef {
  return { name, args, decl: undefined, file, node: -1 };
}

/** What the tables say of a function outside the workspace; `first` gives the type of its first argument. */
export function knownGoFunction(
  path: string,
  name: string,
  file: SourceFile,
  first: () => TypeRef | undefined,
): TypeRef | undefined {
  const text = own(goResults, `${withoutMajor(path)}.${name}`);
  return text === '=0' ? first() : text === undefined ? undefined : parseGoType(text, file);
}

/** What the tables say of a method of a type outside the workspace. */
export function knownGoMethod(type: TypeRef, name: string): TypeRef | undefined {
  const text = own(goResults, `${type.name}.${name}`);
  return text === undefined ? undefined : parseGoType(text, type.file);
}

/** What the tables say of a field of a type, or of a variable of a package, outside the workspace. */
export function knownGoField(of: string, name: string, file: SourceFile): TypeRef | undefined {
  const text = own(goFieldTypes, `${of}.${name}`);
  return text === undefined ? undefined : parseGoType(text, file);
}

/** What a defined type outside the workspace is underneath, or undefined. */
export function knownGoUnderlying(type: TypeRef): TypeRef | undefined {
  const text = own(goUnderlying, type.name);
  return text === undefined ? undefined : parseGoType(text, type.file);
}

function own(table: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
