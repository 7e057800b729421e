/**
 * The vocabulary both languages are lowered to. A file's code is one preorder array of nodes; each rule and
 * each analysis reads this tree and never a grammar's own node types. What does not matter to memory (parentheses,
 * visibility, attributes, lifetimes) is dropped while lowering.
 */
export const Kind = {
  // --- expressions
  /** An identifier used as a value; `self` is the name `self`. Go's generic function as a value (`Map[int, string]`) has TypeArg children where the grammar can tell. */
  Name: 1,
  /**
   * Rust `a::b::C` used as a value or callee; the name is the whole path without generic arguments: `<T as Tr>::f` is
   * `T::f`, `Vec::<u8>::new` is `Vec::new`. Children: Type arguments (role TypeArg) that stand inside the path; those
   * after it (`f::<T>(x)`) are children of the Call.
   */
  Path: 2,
  /** `object.name`; also Go's `pkg.Name` and Rust's `tuple.0`. Child: Object. */
  Field: 3,
  /** `object[index]`. Children: Object, Index. */
  Index: 4,
  /** `object[lo:hi]` in Go, `object[lo..hi]` in Rust. Children: Object, then Low and High where present, then Count (the capacity in Go's `a[lo:hi:max]`). */
  Slice: 5,
  /**
   * `callee(args)`. Children: Callee, TypeArg*, Arg*. Go's `make(T, n)`: the type is the first Arg, a Type node. A Go
   * conversion to a named or generic type (`string(b)`, `ID(x)`, `List[T](x)`) is a Call too: only the program knows types.
   */
  Call: 6,
  /** `receiver.name(args)`; Go's `pkg.Fn(args)` too. Children: Object, TypeArg*, Arg*. */
  MethodCall: 7,
  /**
   * Rust `name!(…)`; the name is the path as written (`tracing::info`). Children: what could be read of the arguments
   * (role Arg): expressions, `name = value` as FieldInit, names captured in a format string (`"{x}"`) as Name, braces
   * that hold statements as Block. `vec![x; n]` has name `vec` and children Arg, Count. What else stands between the
   * delimiters (patterns, types, punctuation) is dropped.
   */
  Macro: 8,
  /** Name: the operator. Children: Left, Right. */
  Binary: 9,
  /** Name: `!`, `-`, `*`, `&`, `&mut`, `+`, `<-` (Go receive), `^`, `...` (Go: a slice spread over variadic parameters). Child: Object. */
  Unary: 10,
  /** Rust `.await`. Child: Object. */
  Await: 11,
  /** Rust `?`. Child: Object. */
  Try: 12,
  /** The text of a number literal as written is the name. */
  Number: 13,
  /** A string or byte-string literal; the name is the text between the quotes as written, cut after 200 characters. */
  String: 14,
  /** `true`, `false`, `nil`, `iota`, a character. The name is the text. */
  Literal: 15,
  /**
   * Struct or composite literal. Children: Type (role Type), then FieldInit, Entry or Arg; Rust's `..base` has role Base.
   * Where Go leaves the type of an element out, it is repeated with the span of the type it comes from, and `&T` left
   * out is a Unary `&`; inside a literal of a named type it is not known here and missing.
   */
  Composite: 16,
  /** `name: value` in a literal; Rust's shorthand `name` has a Name child. Child: Value. */
  FieldInit: 17,
  /** `key: value` of a Go map, array or slice literal. Children: Key, Value. */
  Entry: 18,
  /** Rust array `[a, b]`, `[x; n]` (roles Arg, Count), tuple `(a, b)` (name `tuple`, else `array`). */
  Sequence: 19,
  /** Closure or function literal. Name: `move` or empty. Children: Param*, Result?, Body (Block, in Rust any expression; an AsyncBlock for `async ||`). */
  Closure: 20,
  /** Rust `async {}` / `async move {}`. Name: `move` or empty. Child: Body. */
  AsyncBlock: 21,
  /** `a..b`. Children: Low?, High?. Name: `..` or `..=`. */
  Range: 22,
  /** Rust `x as T`, Go `T(x)` where T is written as a type (`[]byte(s)`), Go `x.(T)` with name `assert`. Children: Object, Type. */
  Cast: 23,
  /** A `let` used as a condition: `if let`, `while let`, let chains. Children: Pattern, Value. */
  LetCondition: 24,

  // --- statements (in Rust If, Match, Loop and Block are also values)
  /**
   * Name: `unsafe`, `const`, `try`, `gen` or a label, else empty. Children: statements (role Statement); a Rust tail
   * expression, the block's value, has role Value. Items inside a body (nested functions, types, statics, imports) are
   * facts of their own and leave nothing here; a Rust `const` stays as Let too.
   */
  Block: 30,
  /** Rust `let`, Go `:=`, `var`, `const` in a body, one node a line of a group. Name: `:=`, `let`, `var` or `const`. Children: Pattern*, Type?, Value*, Else? (let-else block). A name on the left of `:=` that its block already declares is assigned, not declared. */
  Let: 31,
  /** Name: the operator `=`, `+=`, … Children: Target*, Value*. Go's `x++` is `+=` with Value Number `1`. */
  Assign: 32,
  /** Children: Init? (Go), Condition, Then, Else?. */
  If: 33,
  /** Rust match, Go switch and type switch (name `type`). Children: Init?, Pattern? (the name a type switch binds), Subject?, Arm*. */
  Match: 34,
  /** Children: Pattern* (Go: the case's expressions or Types), for a select Comm (Go: statement, Rust: the awaited expression), Guard?, Body. A default (`else` in Rust's select) has no Pattern. */
  Arm: 35,
  /** Go select, Rust `tokio::select!`/`futures::select!`. Children: Arm*. */
  Select: 36,
  /** Name: `for` (over Iter), `while` (Condition; Go's `for cond` and three-part for), `loop` (no condition). Children: Init?, Pattern* (or Target*: Go's `for k, v = range`), Iter?, Condition?, Update?, Body. A label is not kept; in Go a labelled loop, switch or select is the only statement of a Block with the label's name. */
  Loop: 37,
  /** Children: Value*. */
  Return: 38,
  /** Name: label or empty. Rust `break value` has a Value child. */
  Break: 39,
  Continue: 40,
  /** Go defer. Child: Object (the call). */
  Defer: 41,
  /** Go `go f()`. Child: Object (the call). */
  Spawn: 42,
  /** Go `ch <- v`. Children: Object, Value. */
  Send: 43,

  // --- patterns
  /** Binds a name. `mut` is dropped; with `ref` the span begins at that word, else it covers the name. Rust `x @ p` has the child pattern. A Rust name that begins with a capital (`None`, `MAX`) is a constant: a Destructure without children. */
  Bind: 50,
  /** `_` and `..`. */
  Wildcard: 51,
  /** Name: the type path, or `tuple`/`slice`/`or`/`ref`. Children: patterns; for struct patterns FieldPattern. */
  Destructure: 52,
  /** `name: pattern` or shorthand `name` (then the child is a Bind). */
  FieldPattern: 53,

  // --- types
  /**
   * Name: the type's path as written without generic arguments (`HashMap`, `std::sync::Arc`, `sync.Map`), or one of
   * `&`, `&mut`, `*` (pointer), `array` (element, Count), `slice`, `tuple`, `map` (Go: key, value), `chan`, `fn`, `dyn`,
   * `impl`, `struct` (anonymous), `interface`, `union` and `~` (Go constraints), `never`, `_`. Children: arguments in order (role TypeArg; an array's length has role Count).
   * Rust: `dyn A + B` and `impl A + B` have one child a trait; `Fn(A) -> R` is named `Fn` with TypeArg and Result;
   * Go: `fn` has Param children and a Result; a `tuple` of named results has Params with role TypeArg; `struct` and
   * `interface` have FieldDecl children, an interface's embedded ones are TypeArg; a channel's direction is not kept.
   * `Item = T` among the arguments is a FieldDecl with role TypeArg; `()` is an empty `tuple`.
   */
  Type: 60,
  /** A parameter or result name with its type. Children: Pattern?, Type?. Go's `...T` has name `variadic`. */
  Param: 61,
  /** Field of an anonymous struct type, method of an anonymous interface. Name: the field. Child: Type. */
  FieldDecl: 62,

  /** Something the grammar knows and Headroom does not need; children are kept. Name: the grammar's node type. */
  Other: 70,
  /** A syntax error; children that could be lowered are kept. */
  Error: 71,
} as const;
export type Kind = (typeof Kind)[keyof typeof Kind];

/** What a child is to its parent. */
export const Role = {
  None: 0,
  Object: 1,
  Index: 2,
  Low: 3,
  High: 4,
  Callee: 5,
  Arg: 6,
  TypeArg: 7,
  Left: 8,
  Right: 9,
  Type: 10,
  Key: 11,
  Value: 12,
  Base: 13,
  Count: 14,
  Param: 15,
  Result: 16,
  Body: 17,
  Pattern: 18,
  Else: 19,
  Target: 20,
  Init: 21,
  Condition: 22,
  Then: 23,
  Subject: 24,
  Arm: 25,
  Guard: 26,
  Comm: 27,
  Iter: 28,
  Update: 29,
  Statement: 30,
} as const;
export type Role = (typeof Role)[keyof typeof Role];

/** Index of a node in a file's array; `-1` where there is none. */
export type NodeId = number;

/**
 * Integers per node: kind | role << 7 | (name index + 1) << 12, start, end, parent (-1: root), index after the subtree.
 * A workspace has millions of nodes; only `Code` and `NodeWriter` know how they are packed.
 */
export const NODE_INTS = 5;
export const KIND_BITS = 7;
export const NAME_SHIFT = 12;
