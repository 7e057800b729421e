/** Folders that hold tests, benchmarks, examples and what they need; what lies in them runs in no service. */
export const TEST_FOLDERS: ReadonlySet<string> = new Set(
  'tests test testing docs hack unmaintained model_testing xtask benches bench examples example testdata test-data test_data fuzz mocks mock fixtures fixture testutil testutils testenv testbed testharness test_harness test-harness e2e-test e2e-tests e2e_test e2e_tests test_util test_utils test-utils test-server testserver e2e fakes fake stubs integration_tests integration-tests end-to-end-tests integrationtest integrationtests benchmark benchmarks test-fixtures __snapshots__ __tests__'.split(
    ' ',
  ),
);

/** Folders of which `tests` is one of several words: `wasm-tests`, `tests-e2e`. */
export const WITH_TESTS = /(^|[-_])tests([-_]|$)/;

/**
 * Folders that are named after what they test, or what they stand for there: `tstest`, `mockbackend`, `test-workload`; a
 * test of speed is a product, and some words only end so.
 */
export const TESTS_OF =
  /^((?!\w*(la|con|at|pro|fas|ol|new|speed)test$)[a-z]{2,12}test|mock[a-z]{3,12}|test[-_][a-z]{3,12})$/;

/** Folders of what shows how something is used, or stands beside it while it is built: nobody runs it as a service. */
export const SHOW_FOLDERS = /(^|[-_/])(demos?|samples?|playgrounds?|extras?)([-_/]|$)/;

/** Folders, crates and files of what stands in for others, or runs until something is set up. */
export const STAND_INS = /(^|[-_/])(mock(s|ed)?|fakes?|dummy|wizard|(echo|test)[-_]?servers?)([-_/.]|$)/;

/** Folders of what a person runs on their own machine, beside the service that it talks to. */
export const OWN_USER_FOLDERS = /(^|\/)(cli|kubectl-[\w-]+|desktop|gui|tui)\//;
