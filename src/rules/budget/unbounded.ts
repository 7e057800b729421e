import type { Services } from '../../budget/services.ts';
import { defineRule } from '../../core/rule.ts';
import { limitedServices } from '../shared/manifests/services.ts';

export default defineRule({
  id: 'budget/unbounded',
  tier: 'M',
  severity: 'information',
  summary: 'A memory limit for a program that holds something without a bound',
  note: {
    why: 'No limit is large enough for what grows as long as somebody sends: raising it only moves the moment when the container is killed. The bound belongs into the code.',
    myth: 'oom-is-a-crash',
  },
  messages: {
    one: 'No limit can be sufficient: `{name}` of this program has no bound',
    several: 'No limit can be sufficient: `{name}` and {more} more of this program have no bound',
  },
  exemptions: {
    weak: 'only names suggest what runs here',
  },
  check({ services }: Services, report) {
    for (const service of limitedServices(services)) {
      const { unbounded } = service.ledger;
      const [first] = unbounded;
      if (!first) continue;
      const at = service.limit.where;
      if (service.link.confidence === 'weak') {
        report.exempt({ reason: 'weak', at, where: first.at });
        continue;
      }
      const related = unbounded
        .slice(0, 5)
        .map((u) => ({ ...u.at, message: `\`${u.name}\` has no bound (${u.rule})` }));
      if (unbounded.length === 1)
        report.find({ message: 'one', at, confidence: 'high', data: { name: first.name }, related });
      else
        report.find({
          message: 'several',
          at,
          confidence: 'high',
          data: { name: first.name, more: unbounded.length - 1 },
          related,
        });
    }
  },
});
