import {
  bytesText,
  ITEM_CLASSES,
  NOT_COUNTED,
  rangeText,
  settingsText,
  summaryOf,
} from '../budget/describe.ts';
import type { Service } from '../budget/services.ts';
import type { Place } from '../core/span.ts';
import type { FileSystem } from '../host/file-system.ts';
import { absolute } from '../host/node-file-system.ts';
import { formulas } from '../knowledge/budget.ts';
import { measuredText } from '../measure/describe.ts';
import { gradeOf, peakOf } from '../measure/measurement.ts';
import { Places } from './reporters/report.ts';
import { visible } from './reporters/text.ts';
import { readPaths } from './scan-command.ts';
import { visibleUnit } from './services-command.ts';
import { colorsFor, type Terminal } from './terminal.ts';

export interface BudgetOptions {
  readonly format: 'text' | 'json' | 'markdown';
  readonly service?: string;
}

/** `headroom budget`: the ledger of each service. Answers the exit code. */
export async function budgetCommand(
  terminal: Terminal,
  fs: FileSystem,
  paths: readonly string[],
  options: BudgetOptions,
): Promise<number> {
  const { workspace, missing } = await readPaths(terminal, fs, paths, { profile: 'default' });
  if (missing.length === paths.length) return 2;
  // What has no bound is what the rules about growth say.
  workspace.check();
  const places = new Places(absolute('.', terminal.cwd), (file) => workspace.text(file));
  const all = workspace.services.services;
  const wanted =
    options.service === undefined ? all : all.filter((s) => isNamed(s, options.service as string));
  if (wanted.length === 0 && options.format !== 'json') {
    const known = [...new Set(all.map((s) => s.unit.name ?? s.review.executable.name))].sort();
    terminal.error(
      options.service === undefined || known.length === 0
        ? 'headroom: no container here runs a program of this workspace; `headroom services` says why\n'
        : `headroom: no service is called "${options.service}". There are ${known.join(', ')}\n`,
    );
    return options.service === undefined ? 0 : 2;
  }
  const view = new View(places);
  switch (options.format) {
    case 'json':
      terminal.out(
        `${JSON.stringify(
          wanted.map((s) => view.json(s)),
          undefined,
          2,
        )}\n`,
      );
      break;
    case 'markdown':
      terminal.out(`${wanted.map((s) => view.markdown(s)).join('\n')}\n`);
      break;
    default:
      terminal.out(
        `${[...wanted.map((s) => view.text(s, colorsFor(terminal))), ...view.notes(colorsFor(terminal))].join('\n\n')}\n`,
      );
  }
  return missing.length > 0 ? 2 : 0;
}

function isNamed({ unit, review }: Service, name: string): boolean {
  const workload = unit.kind === 'container' ? unit.workload : undefined;
  return [unit.name, workload, review.executable.name].includes(name);
}

class View {
  readonly #places: Places;
  /** Where a ledger was told; one program with one environment takes the same in each container. */
  readonly #told = new Map<string, string>();
  /** Formulas in the order in which items named them: a note's number is one more. */
  readonly #formulas: (keyof typeof formulas)[] = [];

  constructor(places: Places) {
    this.#places = places;
  }

  text(service: Service, colors: ReturnType<typeof colorsFor>): string {
    const { review, link, unit } = service;
    const ledger = this.#ledger(service, colors);
    const at = `${visibleUnit(unit)} (${this.#line(unit.at)})`;
    const before = this.#told.get(ledger);
    if (before === undefined) this.#told.set(ledger, at);
    return [
      `${colors.bold(visibleUnit(unit))}  ${colors.dim(this.#line(unit.at))}`,
      `  runs ${visible(review.executable.name)} from ${this.#line(review.executable.main)} ${colors.dim(`(${link.confidence}: ${visible(link.evidence)})`)}`,
      `  ${summaryOf(service)}`,
      ...(service.measured ? [`  ${colors.cyan('measured')}: ${measuredText(service.measured)}`] : []),
      before === undefined ? ledger : colors.dim(`  item by item as in ${before}`),
    ].join('\n');
  }

  #ledger({ ledger }: Service, colors: ReturnType<typeof colorsFor>): string {
    const out = [
      `  ${colors.cyan('base')}: ${rangeText(ledger.base)} ${colors.dim('what an empty program of its kind takes')}`,
    ];
    for (const [which, title] of ITEM_CLASSES) {
      const items = ledger.items.filter((i) => i.class === which);
      if (items.length === 0) continue;
      out.push(`  ${colors.cyan(which)} ${colors.dim(`(${title})`)}`);
      for (const item of items) {
        const bytes =
          which === 'unknown'
            ? visible(item.why)
            : `${rangeText(item.bytes)}${item.atLeast ? ' or more' : ''}`;
        out.push(`    ${colors.bold(bytes)}  ${visible(item.name)}  ${this.#line(item.at)}`);
        const notes = [item.arithmetic, settingsText(item)].filter((t) => t !== '').join('; ');
        out.push(`      ${notes === '' ? '' : `${notes} `}${colors.dim(`[${this.#note(item.formula)}]`)}`);
      }
    }
    if (ledger.tmpfs > 0)
      out.push(`  ${colors.cyan('tmpfs')}: ${bytesText(ledger.tmpfs)} ${colors.dim(formulas.tmpfs.what)}`);
    if (ledger.pacing > 0)
      out.push(
        `  ${colors.cyan('between collections')}: up to ${bytesText(ledger.pacing)} more before Go collects (GOGC, GOMEMLIMIT)`,
      );
    if (ledger.unbounded.length > 0) {
      out.push(`  ${colors.yellow('without a bound')}`);
      for (const u of ledger.unbounded)
        out.push(`    ${visible(u.name)}  ${this.#line(u.at)} ${colors.dim(`[${u.rule}]`)}`);
    }
    out.push(colors.dim(`  ${NOT_COUNTED}`));
    return out.join('\n');
  }

  /** What the numbers behind items refer to: how they were reckoned, and who says so. */
  notes(colors: ReturnType<typeof colorsFor>): string[] {
    const lines = this.#formulas.map((f, i) => `[${i + 1}] ${formulas[f].what} (${formulas[f].source})`);
    return lines.length === 0 ? [] : [colors.dim(lines.join('\n'))];
  }

  #note(formula: keyof typeof formulas): number {
    const at = this.#formulas.indexOf(formula);
    return at >= 0 ? at + 1 : this.#formulas.push(formula);
  }

  markdown(service: Service): string {
    const { ledger, review, link, unit } = service;
    const cell = (text: string) => visible(text).replaceAll('|', '\\|');
    const out = [
      `## ${cell(visibleUnit(unit))}`,
      '',
      `${cell(summaryOf(service))}. ${service.measured ? `Measured: ${cell(measuredText(service.measured))}. ` : ''}Runs \`${cell(review.executable.name)}\` (${cell(this.#line(review.executable.main))}; ${link.confidence}: ${cell(link.evidence)}).`,
      '',
      '| Class | Bytes | What | Where | Formula | Source |',
      '| --- | --- | --- | --- | --- | --- |',
      `| base | ${rangeText(ledger.base)} | the program itself | | ${formulas.base.what} | ${cell(formulas.base.source)} |`,
    ];
    for (const item of ledger.items) {
      const bytes =
        item.class === 'unknown'
          ? cell(item.why)
          : `${rangeText(item.bytes)}${item.atLeast ? ' or more' : ''}`;
      const formula = [item.arithmetic, settingsText(item)].filter((t) => t !== '').join('; ');
      out.push(
        `| ${item.class} | ${bytes} | \`${cell(item.name)}\` | ${cell(this.#line(item.at))} | ${cell(formula)} | ${cell(formulas[item.formula].source)} |`,
      );
    }
    if (ledger.tmpfs > 0)
      out.push(
        `| filled | ${bytesText(ledger.tmpfs)} | tmpfs | | ${formulas.tmpfs.what} | ${formulas.tmpfs.source} |`,
      );
    for (const u of ledger.unbounded)
      out.push(`| without a bound | – | \`${cell(u.name)}\` | ${cell(this.#line(u.at))} | ${u.rule} | |`);
    out.push('', `${NOT_COUNTED.charAt(0).toUpperCase()}${NOT_COUNTED.slice(1)}.`, '');
    return out.join('\n');
  }

  json(service: Service): unknown {
    const { ledger, review, link, unit, limit, others, measured } = service;
    return {
      service: unit.name ?? null,
      workload: unit.kind === 'container' ? (unit.workload ?? null) : null,
      ...this.#at(unit.at),
      program: {
        name: review.executable.name,
        language: review.executable.language,
        ...this.#at(review.executable.main),
      },
      link: { confidence: link.confidence, evidence: link.evidence },
      limit: limit ? { bytes: Number(limit.bytes), text: limit.text, ...this.#at(limit.where) } : null,
      measured: measured
        ? {
            ...this.#at(measured.at),
            grade: gradeOf(measured),
            peak: peakOf(measured)?.bytes ?? null,
            sources: measured.measurements,
          }
        : null,
      total: ledger.total,
      base: ledger.base,
      committed: ledger.committed,
      filled: ledger.filled,
      tmpfs: ledger.tmpfs,
      reserved: ledger.reserved,
      betweenCollections: ledger.pacing,
      items: ledger.items.map((item) => ({
        name: item.name,
        ...this.#at(item.at),
        class: item.class,
        bytes: item.bytes,
        atLeast: item.atLeast,
        certainty: item.certainty,
        arithmetic: item.arithmetic,
        settings: item.settings.map((s) => ({
          kind: s.kind,
          name: s.name,
          default: s.fallback === undefined ? null : Number(s.fallback),
        })),
        ...(item.why === '' ? {} : { why: item.why }),
        formula: formulas[item.formula].what,
        source: formulas[item.formula].source,
      })),
      unbounded: ledger.unbounded.map((u) => ({ name: u.name, rule: u.rule, ...this.#at(u.at) })),
      alsoRunsIn: others.map((o) => ({ name: visibleUnit(o), ...this.#at(o.at) })),
      notCounted: NOT_COUNTED,
    };
  }

  #line(place: Place): string {
    return `${visible(this.#places.name(place.file))}:${this.#places.range(place.file, place.span).start.line}`;
  }

  #at(place: Place): { readonly file: string; readonly line: number } {
    return {
      file: this.#places.name(place.file),
      line: this.#places.range(place.file, place.span).start.line,
    };
  }
}
