/**
 * What people believe about memory in containers and what is so. Hovers attach a myth to the lines that invite it;
 * each number carries its source, and what is marked as measured was measured with glibc 2.36, rustc 1.95 and
 * Go 1.19.8 on 2 CPUs.
 */

/** Something a myth's truth rests on. */
export interface MythFact {
  readonly text: string;
  /** A project's documentation or source, an issue, or `measured`. */
  readonly source: string;
}

export interface Myth {
  /** What people say, as a sentence without its full stop. */
  readonly belief: string;
  /** What is so, in two sentences. */
  readonly truth: string;
  /** The measurement that would settle it for the reader's own service. */
  readonly measurement: string;
  readonly facts: readonly MythFact[];
}

export type MythId =
  | 'high-memory-means-leak'
  | 'rust-less-than-go'
  | 'average-for-limits'
  | 'low-heap-is-safe'
  | 'memory-falls-after-load'
  | 'oom-is-a-crash'
  | 'rust-unpredictable'
  | 'tighter-is-better'
  | 'optimise-once'
  | 'fix-without-measuring';

export const myths: Readonly<Record<MythId, Myth>> = {
  'high-memory-means-leak': {
    belief: 'High memory means a leak',
    truth:
      'Memory that is high and flat is what the service uses, keeps for the next burst, or has not yet returned. Only memory that goes on growing under the same load, with nothing that bounds it, is a leak.',
    measurement:
      'Run the same load for several hours and compare the peak of the first hour with the peak of the last: equal peaks are a working set, a slope is growth.',
    facts: [
      {
        text: '64 threads allocated 8 MiB each and freed all but 3 %: 528 MiB resident before, 527 MiB after',
        source: 'measured, glibc malloc',
      },
      {
        text: 'a drained Go channel of 100 000 elements keeps the pages that were filled',
        source: 'measured; runtime/chan.go',
      },
    ],
  },
  'rust-less-than-go': {
    belief: 'Rust must use less memory than Go',
    truth:
      'Both empty programs take about 2 MiB; after that the design decides: what is kept, how much of it, and how many copies. A Rust service without a bound on its cache grows exactly like a Go service without one, and no collector hurries to help it.',
    measurement:
      'Compare `memory.peak` of both containers under the same load, then the bytes each keeps per connection and per cached entry.',
    facts: [
      {
        text: "a Rust `sync_channel` of 100 000 × 1 KiB takes 98 MiB at once; Go's `make(chan)` of the same size 3 MiB",
        source: 'measured',
      },
      {
        text: 'one data set: 137 MB peak with musl, 435–465 MB with mimalloc, killed 3 of 3 times at 384 MB',
        source: 'https://github.com/rustic-rs/rustic/issues/1820',
      },
    ],
  },
  'average-for-limits': {
    belief: 'Average usage is enough to set limits',
    truth:
      'A limit is met by the highest moment, not by the mean: one start-up, burst or collection above it ends the container. Size the limit by the peak of start and load, plus 20 to 30 per cent.',
    measurement:
      'Read `memory.peak` of the container after a start and after at least one full traffic cycle (a week), and take the larger; `max_over_time` over all replicas when only scraped values exist.',
    facts: [
      {
        text: 'the kernel kills when `memory.current` meets `memory.max` and nothing can be reclaimed; no average enters',
        source: 'https://docs.kernel.org/admin-guide/cgroup-v2.html',
      },
      {
        text: '`kubectl top` and the autoscalers read samples 15–60 s apart, so a short peak need not show in them',
        source: 'https://kubernetes.io/docs/tasks/debug/debug-cluster/resource-metrics-pipeline/',
      },
    ],
  },
  'low-heap-is-safe': {
    belief: 'Low heap usage means the service is safe',
    truth:
      'The limit counts every touched page: heap, stacks, page cache that is in use, tmpfs, kernel stacks and socket buffers. A heap profile sees one of these, and of a Go heap only what is live, which the collector lets double.',
    measurement:
      'Compare `memory.current` with the heap the runtime reports, and read `anon`, `file`, `shmem`, `kernel_stack` and `sock` in `memory.stat`.',
    facts: [
      {
        text: 'with GOGC=100 the heap may reach twice what is live before the next collection',
        source: 'https://go.dev/doc/gc-guide',
      },
      {
        text: 'GOMEMLIMIT does not count the binary, cgo, mmap or kernel memory',
        source: 'https://go.dev/doc/gc-guide',
      },
      {
        text: 'an emptyDir of medium Memory is charged to the container that writes it',
        source: 'https://github.com/kubernetes/enhancements/issues/1967',
      },
    ],
  },
  'memory-falls-after-load': {
    belief: 'Memory should fall after load',
    truth:
      'Allocators and collectors keep freed memory for the next request, and maps, vectors and channels keep their capacity. Flat after load is normal, so do not scale or alert on memory falling.',
    measurement:
      'Apply the same burst twice: if the second burst does not raise `memory.current`, the first one left capacity, not a leak.',
    facts: [
      {
        text: 'an autoscaler on memory keeps replicas up, because the value does not fall',
        source: 'https://github.com/kubernetes/kubernetes/issues/78761',
      },
      {
        text: 'jemalloc returns unused pages only when the application allocates again, unless a background thread is on',
        source: 'https://github.com/jemalloc/jemalloc/blob/dev/TUNING.md',
      },
      {
        text: '64 threads that once used 0.8 MiB of stack each keep 51 MiB while they live',
        source: 'measured',
      },
    ],
  },
  'oom-is-a-crash': {
    belief: 'An OOM kill is a crash of the program',
    truth:
      'The kernel ends a process that did nothing wrong in its own eyes: no panic, no stack trace, no last log line, and no bug in the line it stood on. What is wrong is the sum: what the container may use against what its parts may take.',
    measurement:
      'Look for `OOMKilled` in the container status and for `oom_kill` in `memory.events`; the peak before it was at least the limit.',
    facts: [
      {
        text: 'the kill comes when the usage of the cgroup meets `memory.max`, not when an allocation fails',
        source: 'https://docs.kernel.org/admin-guide/cgroup-v2.html',
      },
      {
        text: 'on cgroup v2, Kubernetes 1.28 and later end all processes of the container together',
        source: 'https://github.com/kubernetes/kubernetes/pull/117793',
      },
    ],
  },
  'rust-unpredictable': {
    belief: 'Rust is unpredictable in containers',
    truth:
      'What surprises is the allocator and the machine, not the language: glibc makes arenas by the CPUs of the host, jemalloc and mimalloc keep pages for a time, and reserved stacks look large and cost nothing. Each of these is a setting with a known default.',
    measurement:
      'Compare resident with virtual memory (`VmRSS` and `VmSize` in `/proc/1/status`), then run the same load with another allocator or with its purge settings.',
    facts: [
      {
        text: '512 idle threads: 1992 MiB of address space, 4.9 MiB resident',
        source: 'measured',
      },
      {
        text: 'glibc allows 8 arenas per CPU and counts the CPUs of the host, not the CPU limit of the container',
        source: 'https://man7.org/linux/man-pages/man3/mallopt.3.html',
      },
      {
        text: '`available_parallelism` follows the CPU limit, rounded down: `cpu: 1500m` gives 1',
        source: 'https://doc.rust-lang.org/std/thread/fn.available_parallelism.html',
      },
    ],
  },
  'tighter-is-better': {
    belief: 'Tighter memory limits are better',
    truth:
      'Near the limit a Go collector takes up to half of the CPU, page cache is thrown out and read again, and the first peak kills. What a tight limit saves on the node it costs in latency and restarts; leave 20 to 30 per cent above the peak.',
    measurement:
      'Run the load test at the present limit and at 1.25 times the peak, and compare CPU time, p99 latency and restarts.',
    facts: [
      {
        text: 'Go with 200 MiB live: 0.35 s at GOMEMLIMIT=512MiB, 0.75 s at 300MiB, 2.5 s at 240MiB',
        source: 'measured, Go 1.19, 2 CPUs',
      },
      {
        text: 'the collector may take about 50 % of the CPU near the limit, and beyond that passes the limit',
        source: 'https://go.dev/doc/gc-guide',
      },
    ],
  },
  'optimise-once': {
    belief: 'Memory optimisation is done once',
    truth:
      'The peak moves with every release, library, runtime, node size and customer: allocators, collectors and Kubernetes all changed their defaults in recent years. A bound in the code stays, a number measured last year does not.',
    measurement:
      'Keep `memory.peak` per release and compare it in CI or after each roll-out; alert on the ratio of peak to limit.',
    facts: [
      {
        text: 'Go 1.25 sets GOMAXPROCS by the CPU limit; before, it counted the CPUs of the host',
        source: 'https://go.dev/doc/go1.25',
      },
      {
        text: 'in-place resize became stable in Kubernetes 1.35: a limit may change while a literal GOMEMLIMIT stays',
        source: 'https://github.com/kubernetes/enhancements/issues/1287',
      },
    ],
  },
  'fix-without-measuring': {
    belief: 'Memory can be fixed without measuring',
    truth:
      'A review finds what has no bound and what contradicts itself; only a measurement says how much is used and when. Without one, a fix may move the wrong megabyte: it can change address space and leave resident memory as it was.',
    measurement:
      'Take `memory.peak` and one heap profile before and after the change, under the same load, start included.',
    facts: [
      {
        text: 'MALLOC_ARENA_MAX=2 halved the address space (1475 to 702 MiB) and left 529 MiB resident, as before',
        source: 'measured, glibc 2.36',
      },
      {
        text: '`Vec::with_capacity` of 256 MiB takes no resident memory until it is written',
        source: 'measured',
      },
    ],
  },
};
