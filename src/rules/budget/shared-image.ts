import type { Services } from '../../budget/services.ts';
import { defineRule } from '../../core/rule.ts';
import {
  certainItems,
  type LimitedService,
  limitedServices,
  mi,
  relatedItems,
  sumLow,
  workloadLabel,
} from '../shared/manifests/services.ts';

/** Smaller differences are a matter of taste. */
const RATIO = 2n;

export default defineRule({
  id: 'budget/shared-image',
  tier: 'M',
  severity: 'information',
  summary: 'One program under very different limits, with buffers of one size in its code',
  note: {
    why: 'Buffers and caches that the code sizes are as large in the small container as in the large one. What fits under one limit may fill the other.',
    arithmetic: 'Σ of the buffers / the smallest limit',
  },
  messages: {
    shared:
      'The same program runs in {other} with {large}. Its buffers of {bytes} take {percent} % of the {limit} here',
  },
  exemptions: {
    small: 'the buffers of the program are small beside this limit',
    environment: 'the environment gives the two other sizes',
  },
  check({ services }: Services, report) {
    const byProgram = new Map<string, LimitedService[]>();
    for (const service of limitedServices(services)) {
      if (service.link.confidence === 'weak') continue;
      const { id } = service.review.executable;
      byProgram.set(id, [...(byProgram.get(id) ?? []), service]);
    }
    for (const group of byProgram.values()) {
      const sorted = [...group].sort((a, b) => (a.limit.bytes < b.limit.bytes ? -1 : 1));
      const [small] = sorted;
      const large = sorted.at(-1);
      if (!small || !large || small.limit.bytes * RATIO > large.limit.bytes) continue;
      const items = certainItems(small.ledger, ['committed', 'filled']);
      const bytes = sumLow(items);
      const at = small.limit.where;
      if (bytes * 4 < Number(small.limit.bytes)) {
        if (bytes > 0) report.exempt({ reason: 'small', at });
        continue;
      }
      if (sumLow(certainItems(large.ledger, ['committed', 'filled'])) !== bytes) {
        report.exempt({ reason: 'environment', at, where: large.limit.where });
        continue;
      }
      report.find({
        message: 'shared',
        at,
        confidence: 'high',
        data: {
          other: workloadLabel(large),
          large: large.limit.text,
          bytes: mi(bytes),
          percent: Math.round((bytes * 100) / Number(small.limit.bytes)),
          limit: small.limit.text,
        },
        related: [
          { ...large.limit.where, message: `the same program, limited to ${large.limit.text}` },
          ...relatedItems(items),
        ],
      });
    }
  },
});
