/** What `rust/startup-spike` and `go/startup-spike` share: much memory before the first request is answered. */
import type { Confidence, Fix } from '../../core/finding.ts';
import { formatBytes, MI } from '../../core/quantity.ts';
import type { Reporter } from '../../core/rule.ts';
import { PICTURE } from '../../knowledge/readers.ts';
import { initialisersOf } from '../../program/initialisers.ts';
import { Readers, type WholeReadSite, wholeReadsIn } from '../../program/origins/readers.ts';
import {
  embeddedCopies,
  inFolderLoop,
  recordLoads,
  tableLoads,
  useOfFile,
} from '../../program/origins/start-loads.ts';
import { Phases } from '../../program/phases/phases.ts';
import { type Start, Starts } from '../../program/phases/starts.ts';
import type { Fn, Package } from '../../program/program.ts';
import { type AllocationSite, allocationsIn } from '../../program/sizes/allocations.ts';
import { Footprints } from '../../program/sizes/footprint.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { inCommand } from './commands.ts';
import { replace } from './fixes/limit-fix.ts';
import { textOf } from './fixes/statements.ts';

export const spikeMessages = {
  spike: '{what} {when}',
} as const;

export const spikeExemptions = {
  small: 'not much: {bytes}',
  configuration: 'not much: what is read is configuration, a key or a short text',
  limited: 'bounded by {by}',
  command: 'no service: the program that runs it ends when it is done',
} as const;

type SpikeReporter = Reporter<typeof spikeMessages, typeof spikeExemptions>;

/** Less than this is lost in the noise of a service with a limit of a few hundred MiB. */
const NOTABLE = 32n * MI;
const LARGE = 64n * MI;

const WHEN: Readonly<Record<Exclude<Start['kind'], 'command'>, string>> = {
  main: 'before the service answers',
  init: 'before `main` begins',
  once: 'when it is first used',
  constructor: 'when it is made',
};

/** Reports what a package loads or allocates at once while it starts. */
export function checkStart(pkg: Package, report: SpikeReporter): void {
  const starts = Starts.of(pkg.program);
  for (const fn of [...pkg.functions, ...initialisersOf(pkg)]) {
    if (fn.isTest || fn.file.facts.generated) continue;
    const reader = new StartReader(fn, starts, report);
    for (const site of allocationsIn(fn)) reader.allocation(site);
    for (const site of wholeReadsIn(fn))
      if (site.way !== 'decode' && site.way !== 'message') reader.read(site);
    reader.queries();
    reader.records();
    reader.copies();
  }
}

class StartReader {
  readonly #fn: Fn;
  readonly #starts: Starts;
  readonly #report: SpikeReporter;

  constructor(fn: Fn, starts: Starts, report: SpikeReporter) {
    this.#fn = fn;
    this.#starts = starts;
    this.#report = report;
  }

  /** How a node is reached, unless it is no start; a command's is recorded. */
  #start(node: NodeId): (Start & { readonly kind: keyof typeof WHEN }) | undefined {
    const start = this.#starts.of(this.#fn, node);
    if (!start) return undefined;
    // What a description of a command holds runs once as well.
    const isRun = start.kind === 'main' || start.kind === 'once';
    const command = isRun ? inCommand(this.#fn, node) : undefined;
    if (start.kind !== 'command' && !command) return { ...start, kind: start.kind };
    this.#report.exempt({
      reason: 'command',
      at: this.#fn.place(node),
      where: command?.where ?? start.from.file.place(start.from.fact.nameSpan),
    });
    return undefined;
  }

  allocation(site: AllocationSite): void {
    const fn = this.#fn;
    const footprint = Footprints.of(fn.package.program).of(site);
    if (!footprint || footprint.bytes < MI) return;
    const start = this.#start(site.node);
    if (!start) return;
    const at = fn.place(site.node);
    const bytes = `${footprint.exact ? '' : 'at least '}${formatBytes(footprint.bytes)}`;
    // A channel has room for the worst moment, and takes no page of it before that.
    if (footprint.bytes < (isChannel(site) ? LARGE : NOTABLE)) {
      this.#report.exempt({ reason: 'small', at, data: { bytes } });
      return;
    }
    const sure = footprint.bytes >= LARGE && footprint.atOnce && footprint.setting === '';
    const confidence: Confidence = sure && start.kind !== 'constructor' ? 'high' : 'medium';
    const does = isWritten(site) ? 'takes' : 'reserves';
    this.#find(`\`${site.verb}\` ${does} ${bytes}`, site.node, start, confidence, growFix(site));
  }

  read(site: WholeReadSite): void {
    // Line by line, a file is never there beside what is made of it.
    if (site.way === 'line') return;
    const fn = this.#fn;
    const readers = Readers.of(fn.package.program);
    const stream = site.path >= 0 ? undefined : readers.of(site);
    if (stream && stream.kind !== 'decoded' && stream.kind !== 'unknown' && stream.kind !== 'limited') return;
    const start = this.#start(site.node);
    if (!start || start.kind === 'constructor') return;
    const at = fn.place(site.node);
    if (stream?.kind === 'limited') {
      this.#report.exempt({ reason: 'limited', at, where: stream.where, data: { by: stream.by } });
      return;
    }
    const { use, isData, isStored } = useOfFile(site);
    if (use === 'small') {
      this.#report.exempt({ reason: 'configuration', at });
      return;
    }
    // A picture that the program has itself is as large as whoever made it wanted.
    if (stream?.kind === 'decoded' && stream.decoder === PICTURE) return;
    if (stream?.kind === 'decoded') {
      const what = `\`${site.verb}\` unpacks ${decoderName(stream.decoder)} into memory`;
      // What is unpacked later as well is unpacked piece by piece.
      const { request, likely } = Phases.of(fn.package.program).at(fn, site.node);
      this.#find(what, site.node, start, request || likely ? 'low' : 'medium');
      return;
    }
    if (site.path >= 0 && inFolderLoop(site)) {
      this.#find(`\`${site.verb}\` loads every file of a folder`, site.node, start, 'medium');
      return;
    }
    if (use === 'records') {
      const what = `\`${site.verb}\` holds all of a file that is worked off record by record`;
      this.#find(what, site.node, start, 'medium');
      return;
    }
    if (use !== 'collection' || (stream && !isData && !isStored)) return;
    const what = `\`${site.verb}\` holds all of a file beside what is made of it`;
    // How long the file is nobody sees.
    this.#find(what, site.node, start, 'medium');
  }

  queries(): void {
    for (const load of tableLoads(this.#fn)) {
      const start = this.#start(load.node);
      if (!start || start.kind === 'constructor') continue;
      const at = this.#fn.place(load.node);
      if (load.limited)
        this.#report.exempt({ reason: 'limited', at, data: { by: 'what the query asks for' } });
      else if (load.small) this.#report.exempt({ reason: 'configuration', at });
      else {
        const what = `\`${this.#fn.code.name(load.node)}\` loads all rows of \`${load.table}\``;
        // How many rows there are only the database knows.
        this.#find(what, load.node, start, 'medium');
      }
    }
  }

  records(): void {
    for (const node of recordLoads(this.#fn)) {
      const start = this.#start(node);
      if (!start || start.kind === 'constructor') continue;
      this.#find(
        '`collect` gathers all records of a file beside what is made of them',
        node,
        start,
        'medium',
      );
    }
  }

  copies(): void {
    for (const copy of embeddedCopies(this.#fn)) {
      const start = this.#start(copy.node);
      const verb = this.#fn.code.name(copy.node) || 'from';
      const what = `\`${verb}\` copies \`${copy.file}\`, which is in memory already,`;
      if (start) this.#find(what, copy.node, start, 'medium');
    }
  }

  #find(
    what: string,
    node: NodeId,
    { kind, from, aside }: Start & { readonly kind: keyof typeof WHEN },
    confidence: Confidence,
    fixes: readonly Fix[] = [],
  ): void {
    const related =
      from === this.#fn
        ? []
        : [{ ...from.file.place(from.fact.nameSpan), message: `\`${from.label}\` leads here` }];
    this.#report.find({
      message: 'spike',
      at: this.#fn.place(node),
      // Where nobody sees that it serves then, only the program says so.
      confidence: aside && confidence === 'high' ? 'medium' : confidence,
      related,
      fixes,
      data: { what, when: WHEN[kind] },
    });
  }
}

/**
 * `vec![u64::MAX; n]` writes what it allocates. Zeros and mere capacity are address space until they are used: `make` of
 * 256 MiB adds 8 MiB to the resident set of Go 1.19 (measured on Linux, x86-64).
 */
function isWritten({ fn, node, verb }: AllocationSite): boolean {
  const value = verb === 'vec!' ? fn.code.child(node, Role.Value) : -1;
  return verb === 'vec!' && !/^(0+(\.0*)?([iuf]\w+)?|false)$/.test(value < 0 ? '' : fn.code.name(value));
}

function isChannel({ fn, node, verb }: AllocationSite): boolean {
  return verb === 'make' && fn.code.is(fn.code.child(node, Role.Arg), Kind.Type, 'chan');
}

function decoderName(decoder: string): string {
  return decoder === 'an archive entry' ? decoder : `what \`${decoder}\` gives`;
}

/** A capacity is a promise that nobody needs: without it the collection grows with what arrives. */
function growFix({ fn, node, verb, sizes }: AllocationSite): readonly Fix[] {
  const code = fn.code;
  const title = 'Let it grow with what arrives';
  if (verb === 'make') {
    const type = code.child(node, Role.Arg);
    const map = code.name(type) === 'map';
    if (!map && (sizes.length < 2 || !code.is(sizes[0] as NodeId, Kind.Number, '0'))) return [];
    const edits = () => [
      replace(fn, node, map ? `make(${textOf(fn, type)})` : `make(${textOf(fn, type)}, 0)`),
    ];
    return [{ title, applicability: 'maybe-incorrect', edits }];
  }
  if (!/::with_capacity$/.test(verb)) return [];
  const edits = () => {
    const callee = code.child(node, Role.Callee);
    return [replace(fn, node, `${textOf(fn, callee).replace(/with_capacity$/, 'new')}()`)];
  };
  return [{ title, applicability: 'maybe-incorrect', edits }];
}
