/** What can be done about a limit with the budget of the program behind it. */

import type { Fix } from '../core/finding.ts';
import { roundUpBytes, writeQuantity } from '../core/quantity.ts';
import { overlaps, type Span } from '../core/span.ts';
import { possible, setContainerMemory } from '../manifest/fixes.ts';
import type { Services } from './services.ts';

/** Offers to set the limit of the linked container at a place to what its code may take and some room: an estimate. */
export function budgetActions({ manifests, services }: Services, file: string, span: Span): Fix[] {
  for (const { unit, ledger } of services) {
    if (unit.kind !== 'container' || unit.at.file !== file) continue;
    const { container } = unit;
    const { memoryLimit } = container.resources;
    const onLimit = memoryLimit && memoryLimit !== 'unknown' && overlaps(memoryLimit.span, span);
    if (!onLimit && !overlaps(unit.at.span, span)) continue;
    // Without anything of a known size the sum is only what an empty program takes.
    if (ledger.items.every((i) => i.class !== 'committed' && i.class !== 'filled')) return [];
    const percent = manifests.headroom(file);
    const value = writeQuantity(roundUpBytes(BigInt(Math.ceil(ledger.total.high * (1 + percent / 100)))));
    if (memoryLimit && memoryLimit !== 'unknown' && memoryLimit.text === value) return [];
    const title = `Set the limit to ${value} from the budget: what the code may take plus ${percent} % (estimate)`;
    return possible(setContainerMemory(container, 'limits', value, title, 'maybe-incorrect'));
  }
  return [];
}
