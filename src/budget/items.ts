/** From the places that take memory to the items of a ledger: how often, how large, how sure. */

import type { Steps } from '../core/steps.ts';
import type { FormulaId } from '../knowledge/budget.ts';
import type { Fn, Package, Program } from '../program/program.ts';
import { Constants, type Environment } from '../program/sizes/constants.ts';
import type { Executable } from '../workload/executables.ts';
import { InstanceCounter, type Instances } from './instances.ts';
import type { Bytes, Certainty, LedgerItem } from './ledger.ts';
import { isOtherProgram, packagesOf } from './reach.ts';
import { permitsAt } from './sites/permits.ts';
import type { Site } from './sites/site.ts';
import { sitesOf } from './sites/sites.ts';

/** Smaller items do not matter to a limit, and a ledger of hundreds of them cannot be read. */
const SMALLEST = 16 * 1024;
/** Whoever writes more than this does not mean a size. */
const LARGEST = 2 ** 46;

/** What the code of a program takes, and what of the environment decides it. */
export interface ItemsOfProgram {
  readonly items: readonly LedgerItem[];
  /** Variables that sizes depend on. */
  readonly variables: ReadonlySet<string>;
}

/** Everything of a size that the code of a program tells, as one container's environment sets it; a package a step. */
export function* itemsOf(
  program: Program,
  executable: Executable,
  all: readonly Executable[],
  environment: Environment | undefined,
): Steps<ItemsOfProgram> {
  const constants = environment ? new Constants(program, environment) : Constants.of(program);
  const packages = packagesOf(program, executable);
  const isHere = (file: string) => !isOtherProgram(file, executable, all);
  const inside = new Set(packages);
  const counter = new InstanceCounter(
    program,
    constants,
    (fn: Fn) => inside.has(fn.package) && isHere(fn.file.facts.file),
  );
  const items: LedgerItem[] = [];
  const variables = new Set<string>();
  for (const pkg of packages) {
    yield;
    for (const site of environment ? sitesOf(pkg, constants) : knownSites(pkg)) {
      for (const s of site.amount?.settings ?? []) if (s.kind === 'env') variables.add(s.name);
      if (!isHere(site.at.file)) continue;
      const instances =
        site.fn && site.node >= 0
          ? counter.at(site.fn, site.node)
          : { count: 1, exact: true, perProcessor: false };
      const item = instances ? itemOf(site, instances) : heldItem(site, constants);
      if (item) items.push(item);
    }
  }
  return { items, variables };
}

/** The sites of a package as no environment changes them: several programs may share it. */
function knownSites(pkg: Package): readonly Site[] {
  const known = pkg.program.derive(makeSites);
  let sites = known.get(pkg);
  if (!sites) {
    sites = sitesOf(pkg, Constants.of(pkg.program));
    known.set(pkg, sites);
  }
  return sites;
}

function makeSites(_: Program): Map<Package, readonly Site[]> {
  return new Map();
}

function itemOf(site: Site, instances: Instances): LedgerItem | undefined {
  const { amount, element } = site;
  const base = {
    name: site.name,
    at: site.at,
    formula: site.formula satisfies FormulaId,
    onHeap: site.onHeap,
    perProcessor: instances.perProcessor,
    settings: amount?.settings ?? [],
    sources: amount && !samePlace(amount.at, site.at) ? [amount.at] : [],
  };
  const why = whyUnknown(site);
  if (why !== undefined) {
    // A small thing of unknown size is no news; a count that is known and large is.
    const count = amount?.value;
    if (count === undefined && (amount?.settings.length ?? 0) === 0) return undefined;
    if (count !== undefined && count * BigInt(instances.count) < 1000n) return undefined;
    return {
      ...base,
      class: 'unknown',
      arithmetic: count === undefined ? '' : `${grouped(Number(count))} elements`,
      bytes: { low: 0, high: 0 },
      atLeast: true,
      certainty: certaintyOf(site),
      why,
    };
  }
  const count = amount ? Number(amount.value) : 1;
  const one = site.bytes(count, element && typeof element !== 'string' ? element.bytes : { low: 0, high: 0 });
  const bytes: Bytes = {
    low: Math.round(one.low * instances.count),
    high: Math.round(one.high * instances.count),
  };
  if (bytes.high < SMALLEST || bytes.high > LARGEST) return undefined;
  return {
    ...base,
    class: site.class,
    arithmetic: arithmeticOf(site, count, instances),
    bytes,
    atLeast: !instances.exact || (element !== undefined && typeof element !== 'string' && element.atLeast),
    certainty: certaintyOf(site),
    why: '',
  };
}

/** What each holds that has taken a permit: there are as many of it as permits, while the service is busy. */
function heldItem(site: Site, constants: Constants): LedgerItem | undefined {
  const { fn, node, amount } = site;
  if (!fn || site.class === 'reserved' || amount?.value === undefined) return undefined;
  const permits = permitsAt(fn, node);
  const count = permits && constants.inFile(permits.file, permits.count);
  if (count?.value === undefined || !count.exact) return undefined;
  const settings = [...amount.settings, ...count.settings];
  // What comes and goes is no heap that stays.
  const held: Site = { ...site, formula: 'held-buffers', class: 'filled', onHeap: false };
  return itemOf(
    { ...held, amount: { ...amount, settings } },
    { count: Number(count.value), exact: true, perProcessor: false },
  );
}

function whyUnknown(site: Site): string | undefined {
  if (typeof site.element === 'string') return site.element;
  if (!site.amount) return undefined;
  const { value, why, exact } = site.amount;
  if (value === undefined) return why || 'its size is not known here';
  if (!exact) return `at most ${grouped(Number(value))}: the number itself is computed`;
  return value < 0n ? 'its size is not known here' : undefined;
}

function certaintyOf({ amount }: Site): Certainty {
  if (!amount || amount.given || amount.settings.length === 0) return 'fixed';
  return amount.settings.every((s) => s.kind !== 'field') ? 'default' : 'configured';
}

function arithmeticOf(site: Site, count: number, instances: Instances): string {
  const parts: string[] = [];
  if (instances.count !== 1) parts.push(`${grouped(instances.count)} of them`);
  if (site.amount) parts.push(grouped(count));
  const { element } = site;
  if (element && typeof element !== 'string') {
    const { low, high } = element.bytes;
    const size = low === high ? grouped(low) : `${grouped(low)}–${grouped(high)}`;
    if (high === 1 && site.amount && !element.atLeast) parts[parts.length - 1] += ' bytes';
    else parts.push(`${size} bytes${element.atLeast ? ' and more on the heap' : ''}`);
  } else if (site.amount) parts[parts.length - 1] += ' bytes';
  return parts.join(' × ');
}

function grouped(n: number): string {
  return Math.round(n)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');
}

function samePlace(a: { file: string; span: { start: number; end: number } }, b: typeof a): boolean {
  return a.file === b.file && a.span.start >= b.span.start && a.span.end <= b.span.end;
}
