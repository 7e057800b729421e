import type { Workspace } from '../analysis/workspace.ts';
import type { Service } from '../budget/services.ts';
import { variableOf } from '../budget/services.ts';
import { applyEdits } from '../core/edits.ts';
import type { Edit, Fix } from '../core/finding.ts';
import { bytesOf, writeQuantity } from '../core/quantity.ts';
import { overlaps } from '../core/span.ts';
import type { FileSystem } from '../host/file-system.ts';
import { absolute } from '../host/node-file-system.ts';
import { effectiveOrDefault } from '../manifest/chart-resources.ts';
import { goMemoryLimitFor, setEnv } from '../manifest/fixes.ts';
import { parseGoMemoryLimit } from '../manifest/gomemlimit.ts';
import type { Effective, Manifests } from '../manifest/manifests.ts';
import type { MeasuredService } from '../manifest/measured.ts';
import { measuredLimit, setOwnMemory } from '../manifest/measured-fixes.ts';
import type { Container } from '../manifest/model.ts';
import { isAlwaysPatched } from '../manifest/overlay.ts';
import { measuredText } from '../measure/describe.ts';
import { gapsOf, gradeOf, needed, peakOf, roomFor, steadyRequest } from '../measure/measurement.ts';
import { containerUnit } from '../workload/units.ts';
import { writeEdits } from './apply-fixes.ts';
import { Places } from './reporters/report.ts';
import { visible } from './reporters/text.ts';
import { readPaths } from './scan-command.ts';
import { visibleUnit } from './services-command.ts';
import { colorsFor, type Terminal } from './terminal.ts';

export interface SizeOptions {
  readonly service?: string;
  /** Edit the manifests. */
  readonly write?: boolean;
  /** Request the steady use instead of the limit. */
  readonly burstable?: boolean;
}

/** One container with what follows from its measurement. */
interface Sized {
  readonly container: Container;
  readonly measured: MeasuredService;
  /** The service, where the program that runs in it is in the workspace. */
  readonly service: Service | undefined;
  readonly limit: Value;
  readonly request: Value;
  /** Only for Go programs that do not set it themselves. */
  readonly goLimit: Value | undefined;
}

/** What a setting is and what it should be. */
interface Value {
  readonly now: string | undefined;
  /** Undefined where what is there is fine, or where nothing can be told. */
  readonly better: string | undefined;
  readonly why: string;
}

/** A limit of more than this many times what was measured to be enough is lowered, where the measurement is good. */
const MUCH = 2n;

/** `headroom size`: what was measured of each container → its limit, request and GOMEMLIMIT. Answers the exit code. */
export async function sizeCommand(
  terminal: Terminal,
  fs: FileSystem,
  paths: readonly string[],
  options: SizeOptions,
): Promise<number> {
  const { workspace, missing } = await readPaths(terminal, fs, paths, { profile: 'default' });
  if (missing.length === paths.length) return 2;
  for (const notice of workspace.notices) terminal.error(`headroom: ${notice.file}: ${notice.message}\n`);
  const all = sizedContainers(workspace, options);
  const wanted = all.filter(({ container, measured }) => isNamed(container, measured, options.service));
  if (wanted.length === 0) {
    terminal.error(
      all.length === 0
        ? 'headroom: nothing here was measured; import it with `headroom measure FILE --service NAME`\n'
        : `headroom: no measured service is called "${options.service}". There are ${[...new Set(all.map((s) => s.measured.name))].sort().join(', ')}\n`,
    );
    return options.service === undefined ? 0 : 2;
  }
  const places = new Places(absolute('.', terminal.cwd), (file) => workspace.text(file));
  terminal.out(`${wanted.map((s) => view(s, workspace.manifests, places, terminal)).join('\n\n')}\n`);
  const open = wanted.filter((s) => [s.limit, s.request, s.goLimit].some((v) => v?.better !== undefined));
  if (!options.write) {
    if (open.length > 0) terminal.out('\n`--write` edits the manifests\n');
    return missing.length > 0 ? 2 : 0;
  }
  const { files, problems } = write(workspace, fs, wanted, options);
  for (const problem of problems) terminal.error(`headroom: ${problem}\n`);
  const names = files.map((file) => places.name(file));
  terminal.out(names.length === 0 ? '\nNothing was changed\n' : `\nChanged ${names.join(', ')}\n`);
  return missing.length > 0 || problems.length > 0 ? 2 : 0;
}

function isNamed(container: Container, measured: MeasuredService, name: string | undefined): boolean {
  return name === undefined || [measured.name, container.name, container.workload.object.name].includes(name);
}

/** The containers that were measured; of those that every kustomization patches, the patches. */
function sizedContainers(workspace: Workspace, options: SizeOptions): Sized[] {
  const { manifests } = workspace;
  const services = new Map(
    workspace.services.services.flatMap((s) =>
      s.unit.kind === 'container' && s.link.confidence !== 'weak' ? [[s.unit.container, s] as const] : [],
    ),
  );
  return manifests.containers.flatMap((container) => {
    const measured = manifests.measured(container);
    if (!measured) return [];
    const isPatch = manifests.isPatch(container);
    // A patch that says nothing of memory changes nothing of it.
    if (isPatch ? !container.resources.memoryLimit : isAlwaysPatched(manifests, container, ['limits']))
      return [];
    const [base = container] = isPatch ? manifests.basesOf(container) : [];
    return [sized(manifests, container, measured, services.get(base), options)];
  });
}

function sized(
  manifests: Manifests,
  container: Container,
  measured: MeasuredService,
  service: Service | undefined,
  { burstable = false }: SizeOptions,
): Sized {
  const limit = effectiveOrDefault(manifests, container, 'limits');
  const request = effectiveOrDefault(manifests, container, 'requests');
  const newLimit = limitFor(manifests, container, measured, limit);
  const bytes = newLimit.better ? measuredLimit(manifests, container) : known(limit);
  const newRequest = requestFor(measured, request, limit, bytes, newLimit.better, burstable);
  const goLimit =
    service && bytes !== undefined
      ? goLimitFor(manifests, container, service, bytes, newLimit.better !== undefined)
      : undefined;
  return { container, measured, service, limit: newLimit, request: newRequest, goLimit };
}

function limitFor(
  manifests: Manifests,
  container: Container,
  measured: MeasuredService,
  limit: Effective,
): Value {
  const headroom = manifests.headroom(container.workload.object.file.file);
  const [peak, need, better] = [
    peakOf(measured),
    needed(measured, headroom),
    measuredLimit(manifests, container),
  ];
  const now = limit.state === 'known' ? limit.text : undefined;
  if (!peak || need === undefined || better === undefined)
    return { now, better: undefined, why: 'no peak was measured' };
  const room = `${peak.phase === 'killed' ? 'killed at' : `${peak.phase} peak`} ${writeQuantity(BigInt(Math.ceil(peak.bytes)))} + ${roomFor(measured, headroom)} %`;
  const bytes = known(limit);
  if (limit.state === 'unknown')
    return { now, better: undefined, why: `not known here; ${room} is ${writeQuantity(better)}` };
  if (bytes === undefined || bytes < need) return { now, better: writeQuantity(better), why: room };
  if (bytes > better * MUCH && gradeOf(measured) === 'A')
    return { now, better: writeQuantity(better), why: `${room}; it is more than twice that` };
  return { now, better: undefined, why: `leaves room above ${room}` };
}

function requestFor(
  measured: MeasuredService,
  request: Effective,
  limit: Effective,
  limitBytes: bigint | undefined,
  newLimit: string | undefined,
  burstable: boolean,
): Value {
  const now = request.state === 'known' && request.source !== 'limit' ? request.text : undefined;
  const steady = steadyRequest(measured);
  if (limitBytes === undefined || request.state === 'unknown')
    return { now, better: undefined, why: 'not known here' };
  const wanted = burstable && steady !== undefined && steady < limitBytes ? steady : limitBytes;
  const why =
    wanted === limitBytes ? 'the limit: memory that is not requested may be taken away' : 'p95 + 10 %';
  const bytes = now === undefined ? undefined : known(request);
  const wasEqual = bytes !== undefined && bytes === known(limit) && newLimit !== undefined;
  const isFine = bytes !== undefined && !wasEqual && bytes <= limitBytes && bytes >= (steady ?? bytes);
  return { now, better: isFine || bytes === wanted ? undefined : writeQuantity(wanted), why };
}

function goLimitFor(
  manifests: Manifests,
  container: Container,
  service: Service,
  limit: bigint,
  isNewLimit: boolean,
): Value | undefined {
  const { executable, facts } = service.review;
  if (executable.language !== 'go' || facts.ownMemoryLimit) return undefined;
  const variable =
    variableOf(containerUnit(manifests, container), service.link, 'GOMEMLIMIT') ??
    variableOf(service.unit, service.link, 'GOMEMLIMIT');
  const tmpfs = manifests.memoryVolumeBytes(container);
  const wanted = goMemoryLimitFor(limit, tmpfs);
  const why = `90 % of the limit${tmpfs > 0n ? ', less the volumes in memory' : ''}`;
  if (wanted === undefined || (variable && variable.value === undefined))
    return { now: variable ? 'set elsewhere' : undefined, better: undefined, why };
  const set = variable?.value === undefined ? undefined : parseGoMemoryLimit(variable.value);
  const best = parseGoMemoryLimit(wanted);
  // Less than 90 % may have its reasons; more has none, and what was right for another limit is not for this one.
  const isFine =
    set?.kind === 'bytes' &&
    best.kind === 'bytes' &&
    (isNewLimit ? set.bytes === best.bytes : set.bytes <= best.bytes);
  return { now: variable?.value, better: isFine ? undefined : wanted, why };
}

function known(effective: Effective): bigint | undefined {
  return effective.state === 'known' && effective.quantity.nano > 0n
    ? bytesOf(effective.quantity)
    : undefined;
}

function view(
  { container, measured, limit, request, goLimit }: Sized,
  manifests: Manifests,
  places: Places,
  terminal: Terminal,
): string {
  const colors = colorsFor(terminal);
  const { file } = container.workload.object.file;
  const { line } = places.range(file, container.at).start;
  const row = (name: string, { now, better, why }: Value) => {
    const change = better === undefined ? (now ?? 'none') : `${now ?? 'none'} → ${colors.bold(better)}`;
    return `  ${colors.cyan(name.padEnd(11))}${visible(change)}  ${colors.dim(why)}`;
  };
  const gaps = gapsOf(measured);
  return [
    `${colors.bold(visibleUnit(containerUnit(manifests, container)))}  ${colors.dim(`${visible(places.name(file))}:${line}`)}`,
    `  ${colors.cyan('measured'.padEnd(11))}${measuredText(measured)}`,
    ...(gaps.length > 0 ? [`  ${colors.yellow('not measured')}: ${gaps.join(', ')}`] : []),
    row('limit', limit),
    row('request', request),
    ...(goLimit ? [row('GOMEMLIMIT', goLimit)] : []),
  ].join('\n');
}

/** Edits the manifests as planned: first all limits, then what follows from them, each in the text as it then stands. */
function write(
  workspace: Workspace,
  fs: FileSystem,
  wanted: readonly Sized[],
  options: SizeOptions,
): { readonly files: readonly string[]; readonly problems: readonly string[] } {
  type Step = (sized: Sized, manifests: Manifests) => Fix | undefined;
  const limits: Step = ({ container, limit: { better } }, manifests) =>
    better === undefined
      ? undefined
      : setOwnMemory(manifests, container, 'limits', better, 'Set the memory limit');
  const requests: Step = ({ container, request: { better } }, manifests) =>
    better === undefined
      ? undefined
      : setOwnMemory(manifests, container, 'requests', better, 'Set the memory request');
  const goLimits: Step = ({ container, goLimit }) =>
    goLimit?.better === undefined
      ? undefined
      : setEnv(container, 'GOMEMLIMIT', goLimit.better, 'Set GOMEMLIMIT');
  const planned = new Map(wanted.map((s) => [keyOf(s.container), s]));
  const files = new Set<string>();
  const problems = new Set<string>();
  for (const step of [limits, requests, goLimits]) {
    const edits = new Map<string, Edit[]>();
    for (const { container } of sizedContainers(workspace, options)) {
      const plan = planned.get(keyOf(container));
      const own = (plan && step({ ...plan, container }, workspace.manifests)?.edits()) ?? [];
      // Containers that share a value by an anchor get it once.
      const clashes = own.some((e) => edits.get(e.file)?.some((o) => overlaps(o.span, e.span)));
      if (!clashes) for (const e of own) edits.set(e.file, [...(edits.get(e.file) ?? []), e]);
    }
    for (const [file, list] of edits) {
      const text = applyEdits(workspace.text(file), list);
      const problem = writeEdits(workspace, fs, file, list);
      if (problem !== undefined) {
        problems.add(`${file} ${problem}`);
        continue;
      }
      files.add(file);
      workspace.setText(file, text);
    }
  }
  return { files: [...files].sort(), problems: [...problems] };
}

/** The same container before and after an edit. */
function keyOf({ workload, role, name }: Container): string {
  const { file, kind, name: of } = workload.object;
  const at = file.workloads.indexOf(workload);
  return [file.file, at, kind, of, role, name].join('\0');
}
