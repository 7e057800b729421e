/** What `rust/untrusted-capacity` and `go/untrusted-capacity` share: allocations that input sizes. */

import type { Fix, RelatedPlace } from '../../core/finding.ts';
import type { Reporter } from '../../core/rule.ts';
import { contains, type Place } from '../../core/span.ts';
import { peerIdentities } from '../../knowledge/provenance.ts';
import { inMemory } from '../../knowledge/readers.ts';
import { Calls } from '../../program/calls/calls.ts';
import { isService } from '../../program/linkage.ts';
import { Origins } from '../../program/origins/origins.ts';
import { comesFromStranger, onlyIfSeen } from '../../program/origins/outsiders.ts';
import type { Author } from '../../program/origins/provenance.ts';
import { Phases } from '../../program/phases/phases.ts';
import type { Reach } from '../../program/phases/reach.ts';
import type { Fn, Package } from '../../program/program.ts';
import { type AllocationSite, allocationSites, readerInto } from '../../program/sizes/allocations.ts';
import { peel } from '../../program/types/types.ts';
import { Values } from '../../program/types/values.ts';
import { Kind, type NodeId, Role } from '../../syntax/node.ts';
import { authorExemptions, confidenceInInput, fedByLog, insideReason, LOG, placeOfName } from './authors.ts';
import { commandExemption, inCommand } from './commands.ts';
import { elementBytes } from './entry-bytes.ts';
import { chooseLimit, wrap } from './fixes/limit-fix.ts';

export const capacityMessages = {
  input: '`{verb}` allocates what input asks for: {what}{bytes}',
} as const;

export const capacityExemptions = {
  bounded: 'bounded by {by}',
  'start-up-only': 'bounded by `{fn}` running only while the program starts',
  ...commandExemption,
} as const;

/** Input is followed to whoever wrote it. */
export const authoredCapacityExemptions = { ...capacityExemptions, ...authorExemptions } as const;

/** Calls away from a request. */
const NEAR = 3;

/** Reports every allocation of a package whose size comes from input without a limit. */
export function checkCapacity(
  pkg: Package,
  report: Reporter<typeof capacityMessages, typeof authoredCapacityExemptions>,
): void {
  const origins = Origins.of(pkg.program);
  const phases = Phases.of(pkg.program);
  /** Numbers that were spoken of: one test of each is enough for all that it sizes. */
  const told = new Set<string>();
  for (const site of allocationSites(pkg)) {
    const at = site.fn.placeOfMethod(site.node);
    for (const size of site.sizes) {
      const origin = origins.ofSize(site.fn, size, site.node);
      if (origin.kind === 'unknown') continue;
      if (origin.kind === 'bounded') {
        if (origin.plain !== 'written' && origin.plain !== 'length')
          report.exempt({ reason: 'bounded', at, where: origin.where, data: { by: origin.by } });
        continue;
      }
      const reach = phases.at(site.fn, site.node);
      if (!reach.request && !reach.likely && !reach.api && reach.startup && !isOfferedParser(site.fn)) {
        report.exempt({ reason: 'start-up-only', at, data: { fn: site.fn.label } });
        continue;
      }
      const { author } = origin;
      const inside = isOfAnyServer(pkg, author) ? undefined : insideReason(author);
      if (author && inside) {
        report.exempt({ reason: inside, at, where: author.at, data: { by: author.why } });
        break;
      }
      const log = fedByLog(site.fn);
      if (log) {
        report.exempt({ reason: 'own-data', at, where: placeOfName(log), data: { by: LOG } });
        break;
      }
      const command = inCommand(site.fn, site.node);
      if (command) {
        report.exempt({ ...command, at });
        break;
      }
      const number = `${site.fn.id}:${origin.at.file}:${origin.at.span.start}`;
      if (told.has(number)) break;
      told.add(number);
      const related: RelatedPlace[] = [{ ...origin.at, message: `the size is ${origin.what}` }];
      if (author && author.who !== 'unknown')
        related.push({ ...author.at, message: `written by ${author.why}` });
      // Many calls away from what they ask it is as likely the answer of a server that was asked for them.
      const isNear = (reach.calls ?? 0) <= NEAR;
      const sure = onlyIfSeen(
        confidenceInInput(site.fn, reach, author),
        isNear &&
          !site.picture &&
          isFilledByPeer(site) &&
          !isOfKnownPeer(site) &&
          // What a server says that the program has chosen is mostly true.
          (pkg.language === 'go' || (isWithin(site.fn, origin.at) && comesFromStranger(reach))),
      );
      report.find({
        message: 'input',
        at,
        // So many parts are few where the parts are large; a number that is parsed out of text was mostly checked before.
        confidence:
          (origin.handed && isFar(reach)) || isFarText(origin.form, site.fn, reach)
            ? 'low'
            : (origin.divided || origin.announced || origin.handed || origin.form === 'text') &&
                sure === 'high'
              ? 'medium'
              : sure,
        related,
        fixes: clampFix(site, size),
        data: { verb: site.verb, what: origin.what, bytes: elementBytes(site) },
      });
      break;
    }
  }
}

/** Go: a library speaks with whatever server those who use it have it dial, and takes its word for the length of a frame. */
function isOfAnyServer(pkg: Package, author: Author | undefined): boolean {
  return pkg.language === 'go' && author?.dialed === true && !isService(pkg);
}

/** Whoever a request was handed to so far away works on what others have checked, as a rule. */
function isFar({ request, calls = 0 }: Reach): boolean {
  return request === undefined || calls > 1;
}

/** Rust: text that is parsed away from whoever handles a request is as likely the program's own, or its operator's. */
function isFarText(form: 'bytes' | 'text' | undefined, fn: Fn, reach: Reach): boolean {
  return fn.package.language === 'rust' && form === 'text' && isFar(reach);
}

/**
 * Rust: `let mut frame = vec![0; n]; socket.read_exact(&mut frame)?`: zeroed pages are address space until somebody writes them. It
 * is whoever sends that does, unless they are copied from what is in memory already.
 */
function isFilledByPeer({ fn, node, verb }: AllocationSite): boolean {
  if (fn.package.language !== 'rust' || verb !== 'vec!') return true;
  const reader = readerInto(fn, node);
  if (reader === undefined) return false;
  const type = Values.of(fn.package.program).typeOf(fn, reader);
  const name = type && peel(type).type.name;
  return name === undefined || !(name === 'slice' || inMemory.test(name));
}

/** Rust: what is decoded in one function and allocated in another may have been tested by any that lies between. */
function isWithin(fn: Fn, at: Place): boolean {
  return at.file === fn.file.facts.file && contains(fn.fact.span, at.span);
}

/** Rust: who has sent it was asked for a certificate before, which says who it is: one of those the program knows. */
function isOfKnownPeer({ fn, node }: AllocationSite): boolean {
  const { code } = fn;
  if (fn.package.language !== 'rust') return false;
  for (let n = fn.first; n < node; n++)
    if (code.kind(n) === Kind.MethodCall && peerIdentities.test(code.name(n))) return true;
  return false;
}

/** A parser that is offered to others and not called here: whoever calls it brings the bytes. */
function isOfferedParser(fn: Fn): boolean {
  return (
    fn.fact.exported &&
    (/^(parse|Parse)/.test(fn.fact.name) || takesReader(fn)) &&
    Calls.of(fn.package.program).sitesOf(fn).length === 0
  );
}

/** `pub fn load<R: Read>(from: &mut R)`, `func Load(r io.Reader)`: a stream of any kind, not a file of the program's own. */
function takesReader(fn: Fn): boolean {
  const { fact, code } = fn;
  if (fn.package.language === 'rust')
    return fact.generics.some((g) => g.bounds.some((b) => /(^|::)(Async)?(Buf)?Read$/.test(b)));
  return fact.params.some((p) => /^io\.\w*Reader$/.test(code.name(code.child(p, Role.Type))));
}

/** Where the number only sizes a capacity, a smaller one changes nothing but the first allocation. */
function clampFix({ fn, verb }: AllocationSite, size: NodeId): readonly Fix[] {
  if (fn.package.language !== 'rust' || !/(with_capacity|^reserve)$/.test(verb)) return [];
  const plain = [Kind.Name, Kind.Field, Kind.MethodCall, Kind.Call].includes(fn.code.kind(size) as never);
  const edits = () => wrap(fn, size, plain ? '' : '(', plain ? '.min(4096)' : ').min(4096)');
  return [chooseLimit('Reserve at most 4096 and let it grow with what arrives', edits)];
}
