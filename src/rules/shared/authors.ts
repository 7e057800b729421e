/** What the rules about input say of who wrote it. */
import type { Confidence } from '../../core/finding.ts';
import { clusterFiles, memberCalls, memberFiles } from '../../knowledge/provenance.ts';
import { isService } from '../../program/linkage.ts';
import { type Author, readsNetwork } from '../../program/origins/provenance.ts';
import type { Evidence, Reach } from '../../program/phases/reach.ts';
import type { Fn } from '../../program/program.ts';

/** Reasons that what is read was not written by anybody outside. */
export const authorExemptions = {
  'own-data': 'written by the program itself: it comes from {by}',
  'asked-peer': 'written by a server that the program has chosen: it is {by}',
} as const;

const INSIDE: ReadonlySet<Author['who']> = new Set(['own', 'made', 'fresh']);

/** The reason that input is nobody's from outside, or undefined. */
export function insideReason(author: Author | undefined): keyof typeof authorExemptions | undefined {
  if (author?.who === 'peer') return 'asked-peer';
  return author && INSIDE.has(author.who) ? 'own-data' : undefined;
}

/** Code that reads what the members of its own cluster write to each other, by its file: they are no clients. */
export function isOfMember(fn: Fn): boolean {
  return clusterFiles.test(fn.file.facts.file.slice(fn.package.program.root.length));
}

/** Rust: a list that a member of the cluster asks another with is as long as a plan that one of them has made. */
export function isAskedByMember(evidence: Evidence | undefined): boolean {
  return evidence !== undefined && (memberFiles.test(evidence.at.file) || memberCalls.test(evidence.why));
}

/**
 * Proven input while the service runs is high, and so is what a package decodes for whoever calls it. Of other bytes
 * the file says whether they come over the network, which proves nothing; decoders of a store have them from the store.
 */
export function confidenceInInput(fn: Fn, reach: Reach, author: Author | undefined): Confidence {
  if (isOfMember(fn)) return 'low';
  const sure = reach.request ? 'high' : 'medium';
  if (author?.named) return 'medium';
  if (!author || author.who === 'outside') return sure;
  if (author.offered?.package === fn.package)
    // In a service the bytes of its own files come through such a function as well.
    return fn.package.language === 'go' &&
      isService(fn.package) &&
      !readsNetwork(fn) &&
      !/^Unmarshal/.test(author.offered.fact.name)
      ? 'low'
      : sure;
  const isUnknown = author.who === 'unknown';
  if (fn.package.language === 'rust' ? isUnknown && !reach.request : !readsNetwork(fn)) return 'low';
  return isUnknown ? 'medium' : sure;
}
