/** The chapters of the handbook, and which of them says more about what a rule is about. */

export type ChapterId =
  | 'release-builds'
  | 'reducing-memory'
  | 'checklist'
  | 'debugging-and-profiling'
  | 'docker-and-kubernetes'
  | 'oom-killed-while-it-looks-fine'
  | 'sizing-limits'
  | 'rss-heap-and-allocator'
  | 'load-testing-for-spikes'
  | 'rust-against-go'
  | 'myths'
  | 'stable-by-design'
  | 'autoscaling';

/** Titles as they stand on the pages `docs/handbook/<id>.md`, in the order of reading. */
export const chapters: Readonly<Record<ChapterId, string>> = {
  'release-builds': 'Release builds',
  'reducing-memory': 'Reducing memory',
  checklist: 'Checklist',
  'debugging-and-profiling': 'Debugging and profiling',
  'docker-and-kubernetes': 'Docker and Kubernetes',
  'oom-killed-while-it-looks-fine': 'OOM-killed while it looks fine',
  'sizing-limits': 'Sizing limits',
  'rss-heap-and-allocator': 'RSS, heap and allocator',
  'load-testing-for-spikes': 'Load testing for spikes',
  'rust-against-go': 'Rust against Go',
  myths: 'Myths',
  'stable-by-design': 'Stable by design',
  autoscaling: 'Autoscaling with HPA and VPA',
};

/** The first pattern that fits a rule's id decides. Every rule but those about Headroom's own comments has a chapter. */
const READ_ON: readonly (readonly [RegExp, ChapterId])[] = [
  [/\/(hpa|vpa)-/, 'autoscaling'],
  [/\/(glibc|jemalloc|mimalloc|malloc|dead-allocator)/, 'rss-heap-and-allocator'],
  [/\/(gomaxprocs|fractional-cpu|threads-host|gogc|automemlimit|gomemlimit-missing)/, 'rust-against-go'],
  [/\/(large-stack|stack-size)/, 'release-builds'],
  [/\/(memory-emptydir|several-processes|job-oom-loop)/, 'oom-killed-while-it-looks-fine'],
  [/\/(limit-tight|limit-missing|request-missing|overcommit|gomemlimit|measured)|^budget\//, 'sizing-limits'],
  [/\/(unbounded-spawn|unbounded-concurrency)/, 'load-testing-for-spikes'],
  [/\/(leak|reference-cycle|goroutine-leak)/, 'debugging-and-profiling'],
  [/\/(unbounded-|decompression-bomb|untrusted-capacity)/, 'stable-by-design'],
  [/^(rust|go)\//, 'reducing-memory'],
  [/^(k8s|compose)\//, 'docker-and-kubernetes'],
];

/** The chapter that says more about a rule, or undefined for a rule about Headroom's own comments. */
export function chapterOf(rule: string): ChapterId | undefined {
  return READ_ON.find(([pattern]) => pattern.test(rule))?.[1];
}
