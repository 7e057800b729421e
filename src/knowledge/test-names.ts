/** How code is called that only tests and benchmarks use. */

/** Go packages, by the name they declare; `notTestPackages` are words that end alike. */
export const goTestPackages =
  /(^|_)(tests?|testutils?|mocks?|fakes?)$|(testing|mock|fake|stub)$|[a-z]{2}test$/;

/** Latest, contest, attest, protest, fastest, oldtest, newtest. */
export const notTestPackages = /(la|con|at|pro|fas|old|new)test$/;

/** Go files besides those that end with `_test.go`: `testing.go` holds what a package offers to the tests of others. */
export const goTestFiles = /^(mock|fake|stub|test)s?[_.]|_(mock|fake|stub)s?[_.]|(^|_)testing[_.]/;

/** Rust files, whatever module declares them. */
export const rustTestFiles =
  /(^|_)(tests?|testutils?|test_utils?|testing|mocks?|mocker|simulator)\.rs$|^(test|mock)[-_]/;

/** Go: what of `net/http/httptest` only tests use, and what a handler may use as well: https://pkg.go.dev/net/http/httptest */
export const testServers = /^(httptest\.)?(Server|New(TLS|Unstarted)?Server)$/;
export const testRequests = /^(httptest\.)?NewRequest(WithContext)?$/;

/** Functions that give something to test with. */
export const testPrefixes = /^(mock|dummy|fake)_/;

/** Names that say that they are for tests. */
export const forTests = /(_(for|in)_tests?(ing)?$|For(Unit)?Test(s|ing)?$)/;

/** Types that stand in for others in tests. */
export const testTypePrefixes = /^([mM]ock|[fF]ake|[sS]tub|Dummy|Test)[A-Z]/;

/** The same within the name or at its end: what does nothing keeps nothing, but to look at it in tests. */
export const testTypeSuffixes = /(Mock|Fake)$|(^|[a-z0-9])N(oo|oO)p([A-Z]|$)|^no[oO]p([A-Z]|$)/;

/** Rust crates that help the tests of others, or the work on the project: `test_raftstore`, `xtask`. */
export const testCrates =
  /^(x?tasks?|tests?[-_]\w+|\w+[-_]tests?|conformance|mock[-\w]*|fuzz(ing)?[-_]?\w*|\w*simulator|desim)$|[-_]bench(es|mark|marks)?([-_]|$)|(^|[-_])(integration([-_]tests?)?|test[-_]?(utils?|support|kit|helpers?([-_]\w+)?|fixtures|harness|suite)|testing|mocks?|load[-_]?gen(erator)?|e2e|dbg)$|[a-z]{2}test$/;
