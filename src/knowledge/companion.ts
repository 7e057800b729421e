/** What other linters find and Headroom leaves to them, with the reason it matters for memory. */

export interface CompanionRow {
  /** The linter's own name of the check. */
  readonly name: string;
  readonly why: string;
}

/** Clippy lints that are not warnings by themselves. https://rust-lang.github.io/rust-clippy/master/ */
export const clippyLints: readonly CompanionRow[] = [
  {
    name: 'large_futures',
    why: 'a future that is moved is copied, and a spawned one is allocated, at its full size',
  },
  {
    name: 'large_stack_arrays',
    why: 'an array on the stack becomes resident once it is touched, per thread',
  },
  { name: 'large_types_passed_by_value', why: 'a large value is copied for every call' },
  { name: 'linkedlist', why: 'an allocation for each element' },
  { name: 'mem_forget', why: 'what is forgotten is never given back' },
  { name: 'needless_collect', why: 'a whole list is made to be walked once' },
  { name: 'rc_buffer', why: 'two allocations where one would do' },
  { name: 'rc_mutex', why: 'a lock that nobody but one thread can take' },
  { name: 'redundant_clone', why: 'a copy of something that is thrown away right after' },
  { name: 'str_to_string', why: 'a text is copied where it could be borrowed' },
];

/** Settings of `clippy.toml`. https://doc.rust-lang.org/clippy/lint_configuration.html */
export const clippySettings: readonly {
  readonly key: string;
  readonly value: string;
  readonly why: string;
}[] = [
  {
    key: 'future-size-threshold',
    value: '16384',
    why: 'bytes of a future above which `large_futures` speaks',
  },
  {
    key: 'array-size-threshold',
    value: '16384',
    why: 'bytes of an array above which `large_stack_arrays` speaks',
  },
  { key: 'pass-by-value-size-limit', value: '256', why: 'bytes above which a value is large' },
];

/** Linters of golangci-lint v2 that are not in its standard set. https://golangci-lint.run/docs/linters/ */
export const goLinters: readonly CompanionRow[] = [
  { name: 'bodyclose', why: 'a response body that stays open keeps its connection and buffers' },
  { name: 'contextcheck', why: 'work that ignores its context goes on after the request is gone' },
  { name: 'fatcontext', why: 'a context that grows in a loop keeps all of its parents' },
  { name: 'noctx', why: 'a request without a context can wait for ever' },
  { name: 'perfsprint', why: 'formatting that allocates where a conversion would do' },
  { name: 'rowserrcheck', why: 'rows that ended early keep their connection' },
  { name: 'sqlclosecheck', why: 'rows and statements that stay open keep their connection' },
  { name: 'spancheck', why: 'a span that is never ended is never exported, nor given back' },
];

/** Analysers of `govet` that it does not run by itself, or that must not be switched off. */
export const goVetAnalyzers: readonly CompanionRow[] = [
  { name: 'lostcancel', why: 'a context whose cancel is lost keeps its timer and its children' },
  { name: 'copylocks', why: 'a lock that is copied protects nothing, and the struct is copied with it' },
];

/** Checks of `gocritic` that are off by default. https://go-critic.com/overview.html */
export const goCriticChecks: readonly CompanionRow[] = [
  { name: 'deferInLoop', why: 'what is deferred in a loop is held until the function returns' },
];
