/** Tags that only tests, their tools, what is run by hand and browsers ask for: no build of a service has such a file. */
const LEFT_OUT =
  /^(?!latest)(ignore|js|tools?|mage|wireinject|generate|requires_docker|skip_?ci|for_go_mod_tidy_only|examples?|\w*(tests?|testing|e2e|fuzz|mocks?|conformance|compat)|(integration|functional|soak|bench|benchmark|stress)\w*)\d*$/i;

/**
 * True when the build constraint in a Go file's header leaves it out of every build of a service: each alternative asks
 * for a tag of tests. https://pkg.go.dev/cmd/go#hdr-Build_constraints
 * @param header the text before the package clause
 */
export function isLeftOut(header: string): boolean {
  const written = /^\/\/go:build (.+?)\s*$/m.exec(header)?.[1];
  if (written === undefined) return /^\/\/ \+build ignore\s*$/m.test(header);
  return alternativesOf(written).every(asksForTests);
}

/**
 * True when each alternative of the build constraint asks for a tag that is neither a system, an architecture, a compiler nor
 * a release of Go: no build has such a file by itself.
 */
export function isOptional(header: string): boolean {
  const written = /^\/\/go:build (.+?)\s*$/m.exec(header)?.[1];
  return (
    written !== undefined &&
    alternativesOf(written).every((alternative) =>
      termsOf(alternative).some((t) => /^\w/.test(t) && !BY_ITSELF.test(t)),
    )
  );
}

/**
 * Tags that a build has by what it is built with and for: https://pkg.go.dev/cmd/go#hdr-Build_constraints,
 * https://go.dev/src/internal/syslist/syslist.go
 */
const BY_ITSELF =
  /^(aix|android|darwin|dragonfly|freebsd|hurd|illumos|ios|js|linux|nacl|netbsd|openbsd|plan9|solaris|wasip1|windows|zos|unix|386|amd64(p32)?|arm(be)?|arm64(be)?|loong64|mips\w*|ppc(64(le)?)?|riscv(64)?|s390x?|sparc(64)?|wasm|cgo|gc|gccgo|race|msan|asan|go1\.\d+|goexperiment\.\w+|(amd64|arm|arm64|ppc64|ppc64le|riscv64|386|mips\w*|wasm)\.\w+)$/;

/** What is written between `||`. A negated group says what must not be asked for. */
function alternativesOf(written: string): readonly string[] {
  return written.replace(/!\s*\([^)]*\)/g, '').split('||');
}

function termsOf(alternative: string): readonly string[] {
  return alternative.split('&&').map((term) => term.replace(/[()\s]/g, ''));
}

function asksForTests(alternative: string): boolean {
  return termsOf(alternative).some((term) => LEFT_OUT.test(term));
}
