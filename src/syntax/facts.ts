import type { Span } from '../core/span.ts';
import type { NodeId } from './node.ts';

export type Language = 'rust' | 'go';

/**
 * Everything Headroom knows of one source file after parsing: plain data that can be sent to another thread or
 * stored. Offsets are UTF-16. `NodeId`s index `nodes`.
 */
export interface FileFacts {
  readonly file: string;
  readonly language: Language;
  /** Go: the package clause. Rust: empty. */
  readonly packageName: string;
  /** A `Code generated … DO NOT EDIT` / `@generated` header, or a build script's output. */
  readonly generated: boolean;
  /** The whole file is test code by its name (`_test.go`) or an inner `#![cfg(test)]`, or no build of a service has it (`//go:build ignore`, `//go:build e2e`). Folders are judged by the program. */
  readonly test: boolean;
  /** Go: only a build that asks for a tag of the project's own has the file, `//go:build nydus`. */
  readonly optional?: true;
  /** Interned names; a node's name is an index into this table. */
  readonly names: readonly string[];
  /** The lowered code, `NODE_INTS` integers a node, in preorder. */
  readonly nodes: Int32Array;
  readonly imports: readonly ImportFact[];
  readonly types: readonly TypeFact[];
  readonly functions: readonly FunctionFact[];
  readonly globals: readonly GlobalFact[];
  /** Rust `mod name;` declarations (not inline modules). */
  readonly modules: readonly {
    readonly name: string;
    /** Inline modules around it, outermost first. */
    readonly path: readonly string[];
    /** The value of a `#[path = "…"]` attribute, else empty. */
    readonly file: string;
    readonly test: boolean;
  }[];
  readonly directives: readonly DirectiveFact[];
  /** True when the parser met a syntax error; findings still come from what could be read. */
  readonly broken: boolean;
  /** Offset of the first place that was not understood, when it is known. */
  readonly brokenAt?: number;
}

/** What is known of a file without asking for its code. */
export interface FileHead extends Pick<FileFacts, 'file' | 'language' | 'packageName' | 'directives'> {
  /** A function is called `main`: a program may begin here. */
  readonly hasMain: boolean;
}

export function headOf({ file, language, packageName, directives, functions }: FileFacts): FileHead {
  const hasMain = functions.some((f) => f.name === 'main' && f.owner === '');
  return { file, language, packageName, directives, hasMain };
}

/** One name brought into scope. */
export interface ImportFact {
  /** The name in this file: `m` of `use std::mem as m`, `r` of `import r "regexp"`; Go without alias: the last path segment (without a `/vN` suffix and `go-` prefix). `*` for a glob, `.` and `_` as in Go. */
  readonly alias: string;
  /** Full path: `std::mem`, `github.com/x/y`. */
  readonly path: string;
  /** `pub use`: the name is re-exported. */
  readonly exported: boolean;
  /** Inline Rust modules around it, outermost first. */
  readonly module: readonly string[];
  readonly span: Span;
}

export interface FieldFact {
  /** Tuple fields are `0`, `1`, …; an embedded Go field has its type's last name. */
  readonly name: string;
  readonly nameSpan: Span;
  readonly span: Span;
  readonly type: NodeId;
  readonly embedded: boolean;
}

export interface TypeFact {
  readonly name: string;
  readonly kind: 'struct' | 'enum' | 'union' | 'alias' | 'trait' | 'interface' | 'defined';
  readonly module: readonly string[];
  readonly span: Span;
  readonly nameSpan: Span;
  readonly generics: readonly { readonly name: string; readonly bounds: readonly string[] }[];
  /** Struct fields; for enums the fields of all variants, named `Variant.0` or `Variant.field`. */
  readonly fields: readonly FieldFact[];
  /** Enum variants; Go interface methods; trait methods. */
  readonly members: readonly string[];
  /** `alias`: the target. Go `defined` (`type A map[string]B`): the underlying type. Else -1. */
  readonly target: NodeId;
  /** Rust attributes of the item as written without `#[]`, such as `derive(Clone, Debug)`. */
  readonly attributes: readonly string[];
  readonly exported: boolean;
  readonly test: boolean;
  /** Go: a type declared in a body, with the block it can be named in. */
  readonly local?: Span;
}

export interface FunctionFact {
  readonly name: string;
  readonly nameSpan: Span;
  readonly span: Span;
  /** The `impl` type or Go receiver type, without pointers and generic arguments; a trait's own methods have the trait's name here and in `trait`; empty for a free function. */
  readonly owner: string;
  /** Rust: the trait of `impl Trait for Owner`, or the trait itself for a default method; else empty. */
  readonly trait: string;
  /** `self`, or the Go receiver's name; empty when there is none. */
  readonly receiver: string;
  /** `&self` / `&mut self` / pointer receiver. */
  readonly receiverByReference: boolean;
  /** `&mut self` or `Pin<&mut Self>`; a Go pointer receiver. */
  readonly receiverMutable: boolean;
  /** Param nodes, without the receiver. */
  readonly params: readonly NodeId[];
  /** Type node, or -1. Go's several results: a Type named `tuple`. */
  readonly result: NodeId;
  /** Block node, or -1 (trait declaration, external). Rust's test code has an empty block. */
  readonly body: NodeId;
  /** Type parameters of the `impl` and of the function; bounds as written, a const parameter has the bound `const T`. */
  readonly generics: readonly { readonly name: string; readonly bounds: readonly string[] }[];
  readonly module: readonly string[];
  readonly isAsync: boolean;
  readonly isConst: boolean;
  readonly exported: boolean;
  /** `#[test]`, inside `#[cfg(test)]`, or Go `TestX(t *testing.T)`, benchmarks and fuzz tests in `_test.go`. */
  readonly test: boolean;
  readonly attributes: readonly string[];
  /** Index in `functions` of the enclosing function, or -1. Closures are not functions: they stay in the body. */
  readonly parent: number;
}

export interface GlobalFact {
  readonly name: string;
  readonly nameSpan: Span;
  readonly span: Span;
  /** Rust `static`/`const`, Go `var`/`const`; macros such as `lazy_static!` and `thread_local!` count as `static`. An associated const has its owner. */
  readonly kind: 'static' | 'const' | 'var';
  readonly owner: string;
  readonly module: readonly string[];
  /** Type node or -1. */
  readonly type: NodeId;
  /** Value node or -1. Go consts in a group that repeat with iota: -1. */
  readonly value: NodeId;
  readonly exported: boolean;
  readonly test: boolean;
  /** The macro it was declared in (`lazy_static`, `thread_local`), else empty. */
  readonly macro: string;
  /** Index in `functions` of the function whose body it stands in (a Rust `static` or `const` item), or -1. */
  readonly parent: number;
}

/** A comment that begins with `headroom:`. */
export interface DirectiveFact {
  /** The comment, delimiters included. */
  readonly span: Span;
  /** What follows `headroom:`, trimmed. */
  readonly text: string;
  /** Nothing but the comment stands on its line: it speaks about the next line that has code. */
  readonly alone: boolean;
}
