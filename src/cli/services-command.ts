import type { FileSystem } from '../host/file-system.ts';
import { absolute } from '../host/node-file-system.ts';
import type { LinkedUnit } from '../workload/link.ts';
import { unitName } from '../workload/unit-name.ts';
import type { Unit } from '../workload/units.ts';
import { Places } from './reporters/report.ts';
import { visible } from './reporters/text.ts';
import { readPaths } from './scan-command.ts';
import { colorsFor, type Terminal } from './terminal.ts';

export interface ServicesOptions {
  readonly format: 'text' | 'json';
  readonly all?: boolean;
}

/** `headroom services`: what runs where, and what could not be told. Answers the exit code. */
export async function servicesCommand(
  terminal: Terminal,
  fs: FileSystem,
  paths: readonly string[],
  options: ServicesOptions,
): Promise<number> {
  const { workspace, missing } = await readPaths(terminal, fs, paths, { profile: 'default' });
  if (missing.length === paths.length) return 2;
  const places = new Places(absolute('.', terminal.cwd), (file) => workspace.text(file));
  const { units, executables } = workspace.links;
  if (options.format === 'json') {
    terminal.out(
      `${JSON.stringify(
        units.map((u) => unitJson(u, places)),
        undefined,
        2,
      )}\n`,
    );
    return missing.length > 0 ? 2 : 0;
  }
  const colors = colorsFor(terminal);
  const out: string[] = [];
  const place = ({ unit }: LinkedUnit) => colors.dim(lineOf(unit.at, places));
  for (const linked of units) {
    if (linked.links.length === 0) continue;
    out.push(`${colors.bold(visibleUnit(linked.unit))}  ${place(linked)}`);
    for (const { executable, confidence, evidence, where } of linked.links) {
      const at = where && where !== linked.unit.at ? colors.dim(` (${lineOf(where, places)})`) : '';
      out.push(
        `  runs ${visible(executable.name)} from ${lineOf(executable.main, places)}`,
        `  ${colors.green(confidence)}: ${visible(evidence)}${at}`,
      );
    }
    out.push('');
  }
  const open = units.filter((u) => u.links.length === 0 && (!u.foreign || options.all));
  if (open.length > 0) out.push(colors.bold('Not linked'), '');
  for (const linked of open) {
    out.push(`${visibleUnit(linked.unit)}  ${place(linked)}`);
    if (linked.unit.image) out.push(`  image ${visible(linked.unit.image)}`);
    out.push(`  ${colors.yellow('why')}: ${visible(linked.problem ?? '')}`, '');
  }
  const used = new Set(units.flatMap((u) => u.links.map((l) => l.executable.id)));
  const idle = executables.filter((e) => !used.has(e.id));
  if (idle.length > 0) {
    out.push(colors.bold('Programs that no container here runs'), '');
    for (const e of idle) out.push(`  ${visible(e.name)}  ${colors.dim(lineOf(e.main, places))}`);
    out.push('');
  }
  const counted = units.filter((u) => u.links.length > 0).length;
  const foreign = units.filter((u) => u.links.length === 0 && u.foreign).length;
  const more = foreign > 0 && !options.all ? `; ${foreign} run images from elsewhere (--all lists them)` : '';
  out.push(`${counted} of ${units.length} containers run a program of this workspace${more}`);
  if (open.some((u) => !u.foreign))
    out.push(
      'To say what a container runs: the annotation `headroom.dev/source: ./cmd/api` on its workload, or `services:` in headroom.yaml',
    );
  terminal.out(`${out.join('\n')}\n`);
  return missing.length > 0 ? 2 : 0;
}

/** The name of a unit, for a terminal. */
export function visibleUnit(unit: Unit): string {
  return visible(unitName(unit));
}

function lineOf(place: { file: string; span: { start: number; end: number } }, places: Places): string {
  return `${visible(places.name(place.file))}:${places.range(place.file, place.span).start.line}`;
}

function unitJson({ unit, links, problem, foreign }: LinkedUnit, places: Places): unknown {
  const at = (place: { file: string; span: { start: number; end: number } }) => ({
    file: places.name(place.file),
    line: places.range(place.file, place.span).start.line,
  });
  return {
    name: unit.name ?? null,
    workload: unit.kind === 'container' ? (unit.workload ?? null) : null,
    kind: unit.kind,
    ...at(unit.at),
    image: unit.image ?? null,
    programs: links.map(({ executable, confidence, evidence, where }) => ({
      name: executable.name,
      language: executable.language,
      ...at(executable.main),
      confidence,
      evidence,
      ...(where ? { evidenceAt: at(where) } : {}),
    })),
    ...(links.length === 0 ? { why: problem ?? '', foreign } : {}),
  };
}
