import type { LedgerItem } from '../../budget/ledger.ts';
import type { Services } from '../../budget/services.ts';
import { defineRule } from '../../core/rule.ts';
import { possible } from '../../manifest/fixes.ts';
import {
  bySmallestLimit,
  certainItems,
  deployedServices,
  type LimitedService,
  listOf,
  mi,
  mostOf,
  percentOf,
  raiseLimit,
  relatedItems,
  relatedLimit,
  severityOf,
  sumHigh,
  sumLow,
  unitLabel,
} from '../shared/manifests/services.ts';

export default defineRule({
  id: 'budget/tight',
  tier: 'M',
  severity: 'warning',
  summary: 'Bounded buffers and caches that leave no room below the limit when they are full',
  note: {
    why: 'A bound protects only when the container can hold it: queues fill when the consumer is slow, caches fill always. What is full stays full, and everything else the program needs comes on top.',
    arithmetic: 'base + Σ written at start + Σ of what fills + tmpfs > limit / 1.25',
    silence:
      'the sizes come from configuration that is not read here, or what is known of them is small beside the limit',
    myth: 'fix-without-measuring',
  },
  messages: {
    limit: 'If all bounded buffers fill: {bytes} of {limit} ({percent} %). Largest are {items}',
    code: '`{name}` may take {bytes} when it is full, and {unit} is limited to {limit}',
  },
  exemptions: {
    configured: '{bytes} fill only with a default that configuration may change',
    room: 'what fills leaves {percent} % of the limit',
  },
  check({ manifests, services }: Services, report) {
    const code: { service: LimitedService; item: LedgerItem }[] = [];
    for (const service of deployedServices(manifests, services)) {
      const { ledger, limit } = service;
      const bytes = Number(limit.bytes);
      const at = limit.where;
      const items = certainItems(ledger, ['committed', 'filled']);
      const committed = ledger.base.low + sumLow(certainItems(ledger, ['committed']));
      // What is over at the start is no question of what fills.
      if (committed > bytes) continue;
      const room = 1 + manifests.headroom(at.file) / 100;
      const full = ledger.base.low + sumLow(items) + ledger.tmpfs;
      const isTight = full > bytes / room && sumLow(items) > bytes / 4;
      if (!isTight) {
        const all = ledger.items.filter((i) => i.class === 'committed' || i.class === 'filled');
        if (ledger.base.low + sumLow(all) + ledger.tmpfs > bytes / room && sumLow(all) > bytes / 4)
          report.exempt({ reason: 'configured', at, data: { bytes: mi(sumLow(all)) } });
        else if (sumLow(items) > 0)
          report.exempt({ reason: 'room', at, data: { percent: 100 - percentOf(full, service) } });
        continue;
      }
      const most = mostOf(items);
      const high = ledger.base.low + sumHigh(items) + ledger.tmpfs;
      const range = mi(full) === mi(high) ? mi(full) : `${mi(full)}–${mi(high)}`;
      report.find({
        message: 'limit',
        at,
        confidence: service.link.confidence === 'weak' ? 'medium' : 'high',
        severity: severityOf(service, 'warning'),
        data: { bytes: range, limit: limit.text, percent: percentOf(full, service), items: listOf(most) },
        related: relatedItems(most),
        fixes: possible(raiseLimit(manifests, service, full)),
      });
      for (const item of most) code.push({ service, item });
    }
    for (const { service, item } of bySmallestLimit(code))
      report.find({
        message: 'code',
        at: item.at,
        confidence: service.link.confidence === 'weak' ? 'medium' : 'high',
        severity: severityOf(service, 'warning'),
        data: {
          name: item.name,
          bytes: mi(item.bytes.low),
          unit: unitLabel(service),
          limit: service.limit.text,
        },
        related: relatedLimit(service, item),
      });
  },
});
