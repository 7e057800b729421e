/** The places of a program that take memory of a size its code tells. */
import type { Global, Package } from '../../program/program.ts';
import type { Constants } from '../../program/sizes/constants.ts';
import { declaredSites } from './declared.ts';
import { deepSize } from './elements.ts';
import { GoSites } from './go-sites.ts';
import { RustSites } from './rust-sites.ts';
import { type Site, Sizing } from './site.ts';
import { isWrittenAround } from './standing.ts';
import { runtimeSites, workOf } from './work.ts';

/** A smaller array is not worth the search for who writes it. */
const RING = 1 << 20;

/** All sites of a package outside tests, in source order. */
export function sitesOf(pkg: Package, constants: Constants): Site[] {
  const sizing = new Sizing(pkg.program, constants);
  const go = new GoSites(sizing);
  const reader = pkg.language === 'go' ? go : new RustSites(sizing);
  const sites: Site[] = [];
  for (const file of pkg.files) {
    if (file.isTest) continue;
    for (const fn of file.functions) {
      if (fn.isTest) continue;
      const { first: body, after } = fn;
      for (let n = body; n < after; n++) {
        const work = workOf(file, fn, n);
        const site = work ? undefined : reader.at(file, fn, n);
        if (work) sites.push(...work);
        else if (site) sites.push(site);
      }
    }
    for (const global of file.globals) {
      if (global.fact.test || global.fact.parent >= 0) continue;
      sites.push(...globalSites(global, sizing, go));
    }
    sites.push(...runtimeSites(file));
    declaredSites(pkg, file, sites);
  }
  return sites;
}

/** A package variable or a static: its value, and its own size where that is large. */
function globalSites(global: Global, sizing: Sizing, go: GoSites): Site[] {
  const { file, fact } = global;
  const sites: Site[] = [];
  if (fact.value >= 0 && file.facts.language === 'go')
    for (let n = fact.value; n < file.code.after(fact.value); n++) {
      const site = go.at(file, undefined, n);
      if (site) sites.push({ ...site, name: fact.name });
    }
  if (fact.type < 0 || fact.kind === 'const') return sites;
  const type = sizing.values.types.at(file, fact.type);
  if (type?.name !== 'array') return sites;
  const element = deepSize(sizing.program, type);
  if (typeof element === 'string') return sites;
  sites.push({
    name: fact.name,
    fn: undefined,
    node: -1,
    at: file.place(fact.nameSpan),
    formula: 'rust-static-array',
    class: element.bytes.low >= RING && isWrittenAround(global) ? 'filled' : 'reserved',
    amount: undefined,
    element,
    bytes: (_, e) => e,
    onHeap: false,
  });
  return sites;
}
