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
  // A negated group says what must not be asked for.
  return written
    .replace(/!\s*\([^)]*\)/g, '')
    .split('||')
    .every(asksForTests);
}

function asksForTests(alternative: string): boolean {
  return alternative.split('&&').some((term) => LEFT_OUT.test(term.replace(/[()\s]/g, '')));
}
