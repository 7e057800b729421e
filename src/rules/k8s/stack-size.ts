import { type Services, variableOf } from '../../budget/services.ts';
import { bytesOf } from '../../core/quantity.ts';
import { defineRule } from '../../core/rule.ts';
import { BLOCKING_THREADS, DEFAULT_STACK } from '../../knowledge/budget.ts';
import { effectiveOrDefault } from '../../manifest/chart-resources.ts';
import { relatedValue, sourceOf } from '../shared/manifests/manifest.ts';
import { linkedContainers, mi } from '../shared/manifests/services.ts';

export default defineRule({
  id: 'k8s/stack-size',
  tier: 'M',
  severity: 'information',
  summary: 'Larger stacks for every thread of a program',
  note: {
    why: 'RUST_MIN_STACK is for every thread that the program starts. Stacks are address space, but pages that a deep call touched stay resident while the thread lives: 64 threads that once used 0.8 MiB kept 51 MiB.',
    arithmetic: 'threads × touched stack, at most threads × RUST_MIN_STACK',
    myth: 'high-memory-means-leak',
  },
  messages: {
    stacks:
      '{threads} × {stack} stacks are {total} of address space. Pages that were touched once stay, and the limit is {limit}',
  },
  exemptions: {
    small: 'stacks of {stack} are no larger than the default',
    fits: 'if all of them were touched they would fit the limit',
    unknown: 'the value is not a number of bytes that can be read here',
  },
  check({ manifests, services }: Services, report) {
    for (const { container, service, at: name } of linkedContainers(services, 'rust')) {
      const variable = variableOf(service.unit, service.link, 'RUST_MIN_STACK');
      const limit = effectiveOrDefault(manifests, container, 'limits');
      if (!variable || limit.state !== 'known') continue;
      const at = variable.inImage ? name : variable.at;
      if (variable.value === undefined || !/^\d+$/.test(variable.value)) {
        report.exempt({ reason: 'unknown', at });
        continue;
      }
      const stack = Number(variable.value);
      if (stack <= DEFAULT_STACK) {
        report.exempt({ reason: 'small', at, data: { stack: mi(stack) } });
        continue;
      }
      const threads = service.review.facts.threads?.what === 'tokio' ? BLOCKING_THREADS : 1;
      if (stack * threads <= Number(bytesOf(limit.quantity))) {
        report.exempt({ reason: 'fits', at });
        continue;
      }
      report.find({
        message: 'stacks',
        at,
        confidence: 'medium',
        data: { threads, stack: mi(stack), total: mi(threads * stack), limit: limit.text },
        related: relatedValue(limit, `the limit${sourceOf(limit)}`),
      });
    }
  },
});
