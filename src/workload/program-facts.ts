/** What the code of a program says about how it runs: its allocator, its threads, and what it sets by itself. */

import type { Place } from '../core/span.ts';
import { goConnectionLimits, goServers, rustServers, type ServerRow } from '../knowledge/servers.ts';
import type { Package, SourceFile } from '../program/program.ts';
import { withoutMajor } from '../program/types/go-types.ts';
import { lastSegment } from '../program/types/types.ts';
import { Kind, type NodeId, Role } from '../syntax/node.ts';
import type { Executable } from './executables.ts';

export type Allocator = 'jemalloc' | 'mimalloc' | 'other';

export interface ProgramFacts {
  /** Go: the language version of `go.mod`, such as `1.22`; empty when unknown. */
  readonly goVersion: string;
  /** Go: where the program gives itself a memory limit: automemlimit or `debug.SetMemoryLimit`. */
  readonly ownMemoryLimit:
    | { readonly by: 'automemlimit' | 'debug.SetMemoryLimit'; readonly at: Place }
    | undefined;
  /** Go: where the collector is switched off by `debug.SetGCPercent(-1)`, when no other call switches it on again. */
  readonly collectorOff: Place | undefined;
  /** Go: where automaxprocs or `runtime.GOMAXPROCS` is used. */
  readonly ownProcessors: Place | undefined;
  /** Go: where a package uses C. */
  readonly cgo: Place | undefined;
  /** Go: it serves HTTP. */
  readonly servesHttp: boolean;
  /** A server that starts something for each connection or call, and where it begins. */
  readonly server: (ServerRow & { readonly at: Place }) | undefined;
  /** Go: where the number of connections is limited. */
  readonly connectionLimit: Place | undefined;
  /** Rust: the global allocator, with its place where one is set in the code. */
  readonly allocator:
    | { readonly kind: Allocator; readonly name: string; readonly at: Place | undefined }
    | undefined;
  /** Rust: a jemalloc crate that reads `MALLOC_CONF` instead of `_RJEM_MALLOC_CONF`. */
  readonly unprefixedJemalloc: boolean;
  /** Rust: where the program configures jemalloc itself (`malloc_conf`, the mallctl crate, a background thread). */
  readonly ownAllocatorSettings: Place | undefined;
  /** Rust: what makes it run on several threads. */
  readonly threads: { readonly what: string; readonly at: Place } | undefined;
  /** Rust: where the number of worker threads is set in the code. */
  readonly ownWorkers: Place | undefined;
}

const ALLOCATOR_CRATES: Readonly<Record<string, Allocator>> = {
  'tikv-jemallocator': 'jemalloc',
  jemallocator: 'jemalloc',
  'jemallocator-global': 'jemalloc',
  mimalloc: 'mimalloc',
  mimalloc_rust: 'mimalloc',
  'snmalloc-rs': 'other',
  rpmalloc: 'other',
  tcmalloc: 'other',
  'tcmalloc-better': 'other',
  dlmalloc: 'other',
};

/** Reads the facts of a program from the packages that are compiled into it. */
export function programFacts(
  executable: Executable,
  packages: readonly Package[],
  isHere: (file: string) => boolean,
): ProgramFacts {
  const files = packages.flatMap((p) => p.files).filter((f) => !f.isTest && isHere(f.facts.file));
  return executable.language === 'go' ? goFacts(executable, files) : rustFacts(packages, files);
}

const NONE: ProgramFacts = {
  goVersion: '',
  ownMemoryLimit: undefined,
  collectorOff: undefined,
  ownProcessors: undefined,
  cgo: undefined,
  servesHttp: false,
  server: undefined,
  connectionLimit: undefined,
  allocator: undefined,
  unprefixedJemalloc: false,
  ownAllocatorSettings: undefined,
  threads: undefined,
  ownWorkers: undefined,
};

function goFacts({ project }: Executable, files: readonly SourceFile[]): ProgramFacts {
  const imported = (pattern: RegExp): Place | undefined => {
    for (const file of files)
      for (const i of file.facts.imports) if (pattern.test(withoutMajor(i.path))) return file.place(i.span);
    return undefined;
  };
  const called = (path: string, name: string): Place | undefined => {
    for (const file of files) {
      const alias = file.facts.imports.find((i) => i.path === path)?.alias;
      const at = alias === undefined ? -1 : callOf(file, alias, name);
      if (at >= 0) return file.place(file.code.span(at));
    }
    return undefined;
  };
  const automemlimit = imported(/(^|\/)automemlimit(\/|$)/);
  const setLimit = called('runtime/debug', 'SetMemoryLimit');
  return {
    ...NONE,
    goVersion: project?.goVersion ?? '',
    ownMemoryLimit: automemlimit
      ? { by: 'automemlimit', at: automemlimit }
      : setLimit && { by: 'debug.SetMemoryLimit', at: setLimit },
    collectorOff: collectorOff(files),
    ownProcessors: imported(/(^|\/)automaxprocs(\/|$)/) ?? called('runtime', 'GOMAXPROCS'),
    cgo: imported(/^C$/),
    servesHttp: imported(/^net\/http$/) !== undefined,
    server: goServer(files),
    connectionLimit: firstOf(Object.entries(goConnectionLimits), ([path, name]) => called(path, name)),
  };
}

/** The one call of `debug.SetGCPercent`, when it switches the collector off. */
function collectorOff(files: readonly SourceFile[]): Place | undefined {
  let found: Place | undefined;
  for (const file of files) {
    const alias = file.facts.imports.find((i) => i.path === 'runtime/debug')?.alias;
    if (alias === undefined) continue;
    const { code } = file;
    for (let n = 0; n < code.size; n++) {
      if (code.kind(n) !== Kind.MethodCall || code.name(n) !== 'SetGCPercent') continue;
      const object = code.child(n, Role.Object);
      if (object < 0 || code.name(object) !== alias) continue;
      const arg = code.child(n, Role.Arg);
      const span = arg < 0 ? undefined : code.span(arg);
      if (!span || found || file.package.text(file.facts.file).slice(span.start, span.end) !== '-1')
        return undefined;
      found = file.place(code.span(n));
    }
  }
  return found;
}

/** Where a Go program begins to serve: a function of the package, or a method of its server. */
function goServer(files: readonly SourceFile[]): ProgramFacts['server'] {
  for (const file of files)
    for (const [path, { names, ...row }] of Object.entries(goServers)) {
      const alias = file.facts.imports.find((i) => i.path === path)?.alias;
      if (alias === undefined) continue;
      const { code } = file;
      for (let n = 0; n < code.size; n++) {
        if (code.kind(n) !== Kind.MethodCall || !names.includes(code.name(n))) continue;
        const object = code.child(n, Role.Object);
        // Anything may have a method `Serve`; few but HTTP servers have one called `ListenAndServe`.
        const isOwn = object >= 0 && code.name(object) === alias;
        if (isOwn || /^ListenAndServe/.test(code.name(n))) return { ...row, at: file.place(code.span(n)) };
      }
    }
  return undefined;
}

function firstOf<T, R>(items: Iterable<T>, find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A call `alias.name(…)` with an argument, or -1: `runtime.GOMAXPROCS(0)` only asks. */
function callOf(file: SourceFile, alias: string, name: string): NodeId {
  const { code } = file;
  for (let n = 0; n < code.size; n++) {
    if (code.kind(n) !== Kind.MethodCall || code.name(n) !== name) continue;
    const object = code.child(n, Role.Object);
    const arg = code.child(n, Role.Arg);
    if (object >= 0 && code.name(object) === alias && arg >= 0 && !/^(0|-1)$/.test(code.name(arg))) return n;
  }
  return -1;
}

function rustFacts(packages: readonly Package[], files: readonly SourceFile[]): ProgramFacts {
  const dependencies = new Set(packages.flatMap((p) => p.project?.dependencies ?? []));
  const features = (crate: string) => packages.flatMap((p) => p.project?.features?.[crate] ?? []);
  const written = (pattern: RegExp): Place | undefined => {
    for (const file of files)
      for (let n = 0; n < file.code.size; n++) {
        const kind = file.code.kind(n);
        if (kind !== Kind.Call && kind !== Kind.MethodCall && kind !== Kind.Macro) continue;
        const callee = kind === Kind.Call ? file.code.child(n, Role.Callee) : n;
        if (callee >= 0 && pattern.test(file.fullPath(file.code.name(callee))))
          return file.place(file.code.span(n));
      }
    return undefined;
  };
  return {
    ...NONE,
    allocator: allocatorOf(files, dependencies),
    unprefixedJemalloc: ['tikv-jemallocator', 'jemallocator', 'tikv-jemalloc-sys'].some((crate) =>
      features(crate).includes('unprefixed_malloc_on_supported_platforms'),
    ),
    ownAllocatorSettings:
      globalNamed(files, /^(_rjem_)?malloc_conf$/) ??
      written(/(^|::)(background_thread|narenas|dirty_decay_ms)::write$|(^|::)raw::write$/),
    server: firstOf(Object.entries(rustServers), ([path, row]) => {
      const at = written(new RegExp(`(^|::)${path}$`));
      return at && { ...row, at };
    }),
    threads: threadsOf(files, written),
    ownWorkers: written(/^(worker_threads|num_threads)$/),
  };
}

function globalNamed(files: readonly SourceFile[], name: RegExp): Place | undefined {
  for (const file of files)
    for (const { fact } of file.globals) if (name.test(fact.name)) return file.place(fact.nameSpan);
  return undefined;
}

function allocatorOf(
  files: readonly SourceFile[],
  dependencies: ReadonlySet<string>,
): ProgramFacts['allocator'] {
  for (const file of files)
    for (const { fact } of file.globals) {
      if (fact.kind !== 'static' || fact.type < 0) continue;
      const name = lastSegment(file.code.name(fact.type));
      const kind = /^Jemalloc/.test(name) ? 'jemalloc' : /^MiMalloc/.test(name) ? 'mimalloc' : undefined;
      const text =
        kind || /^(SnMalloc|RpMalloc|TCMalloc|GlobalDlmalloc|Alloc\w*)$/.test(name)
          ? file.package.text(file.facts.file)
          : '';
      // The attribute stands in front of the item, conditions and comments between them.
      const before = text.slice(Math.max(0, fact.span.start - 400), fact.nameSpan.start);
      const attribute = before.lastIndexOf('#[global_allocator]');
      if (attribute < 0 || /[;}]\s*$/m.test(before.slice(attribute + 19).replace(/\/\/.*$/gm, ''))) continue;
      return { kind: kind ?? 'other', name, at: file.place(fact.nameSpan) };
    }
  for (const [crate, kind] of Object.entries(ALLOCATOR_CRATES))
    if (dependencies.has(crate)) return { kind, name: crate, at: undefined };
  return undefined;
}

function threadsOf(
  files: readonly SourceFile[],
  written: (pattern: RegExp) => Place | undefined,
): ProgramFacts['threads'] {
  for (const file of files)
    for (const fn of file.functions)
      for (const attribute of fn.fact.attributes) {
        if (!/^(tokio|actix_web|actix_rt|rocket|async_std)(::\w+)?\b/.test(attribute)) continue;
        if (/current_thread/.test(attribute) || fn.isTest) continue;
        const what = attribute.startsWith('tokio::main') ? 'tokio' : (attribute.split(/[:(]/)[0] as string);
        if (/::(main|launch)\b|^rocket|^tokio::main/.test(attribute))
          return { what, at: file.place(fn.fact.nameSpan) };
      }
  const found: readonly (readonly [string, RegExp])[] = [
    ['tokio', /(^|::)(Builder::new_multi_thread|Runtime::new|new_multi_thread)$/],
    [
      'rayon',
      /^(par_iter|into_par_iter|par_iter_mut|par_chunks|par_bridge)$|(^|::)ThreadPoolBuilder::new$|^rayon::(join|scope|spawn)$/,
    ],
    ['threads', /^std::thread::(spawn|scope)$|(^|::)thread::Builder::new$/],
  ];
  for (const [what, pattern] of found) {
    const at = written(pattern);
    if (at) return { what, at };
  }
  return undefined;
}
