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
  raiseLimit,
  relatedItems,
  relatedLimit,
  severityOf,
  sumLow,
  unitLabel,
} from '../shared/manifests/services.ts';

export default defineRule({
  id: 'budget/over',
  tier: 'M',
  severity: 'error',
  summary: 'A program that writes more memory at start than its container may use',
  note: {
    why: 'What a program writes while it starts counts at once. More than the limit cannot be there: the kernel kills the container before it serves, again and again.',
    arithmetic: 'base of the runtime + Σ of what is written at start > limit',
    silence:
      'the sizes come from configuration that is not read here, or the memory is only reserved and not yet written',
    myth: 'high-memory-means-leak',
  },
  messages: {
    limit: 'Written at start: {bytes} ({items}), more than the limit {limit}. The container cannot start',
    code: '`{name}` takes {bytes} at start, and {unit} is limited to {limit} in all',
  },
  exemptions: {
    configured: '{bytes} written at start exceed the limit only with a default that configuration may change',
    'not-written': 'the {bytes} of `{name}` are address space until they are written',
  },
  check({ manifests, services }: Services, report) {
    const code: { service: LimitedService; item: LedgerItem }[] = [];
    for (const service of deployedServices(manifests, services)) {
      const { ledger, limit } = service;
      const at = limit.where;
      const items = certainItems(ledger, ['committed']);
      const bytes = ledger.base.low + sumLow(items);
      if (items.length === 0 || bytes <= Number(limit.bytes)) {
        const all = ledger.items.filter((i) => i.class === 'committed');
        const reserved = ledger.items.find(
          (i) => i.class === 'reserved' && i.bytes.low > Number(limit.bytes),
        );
        if (ledger.base.low + sumLow(all) > Number(limit.bytes)) {
          report.exempt({ reason: 'configured', at, data: { bytes: mi(ledger.base.low + sumLow(all)) } });
        } else if (reserved) {
          const data = { name: reserved.name, bytes: mi(reserved.bytes.low) };
          report.exempt({ reason: 'not-written', at, where: reserved.at, data });
        }
        continue;
      }
      const most = mostOf(items);
      report.find({
        message: 'limit',
        at,
        confidence: service.link.confidence === 'weak' ? 'medium' : 'high',
        severity: severityOf(service, 'error'),
        data: { bytes: mi(bytes), items: listOf(items), limit: limit.text },
        related: relatedItems(most),
        fixes: possible(raiseLimit(manifests, service, ledger.total.high)),
      });
      for (const item of most) code.push({ service, item });
    }
    for (const { service, item } of bySmallestLimit(code))
      report.find({
        message: 'code',
        at: item.at,
        confidence: service.link.confidence === 'weak' ? 'medium' : 'high',
        severity: severityOf(service, 'error'),
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
