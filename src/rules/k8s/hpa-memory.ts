import { defineRule } from '../../core/rule.ts';
import { type ResourceMetric, resourceMetrics } from '../../manifest/autoscalers.ts';
import { renderedByDefault } from '../../manifest/chart.ts';
import { removeItem } from '../../manifest/edit.ts';
import { fixOf, possible } from '../../manifest/fixes.ts';
import type { Manifests } from '../../manifest/manifests.ts';
import { placeIn } from '../shared/manifests/manifest.ts';

export default defineRule({
  id: 'k8s/hpa-memory',
  tier: 'M',
  severity: 'information',
  summary: 'An autoscaler that follows memory, which rarely falls',
  note: {
    why: 'Go and Rust programs keep freed memory for the next request, so the value stays up after the load is gone, and the replicas with it.',
    arithmetic: 'replicas = ⌈present × average use ÷ target⌉',
    myth: 'memory-falls-after-load',
  },
  messages: {
    memory:
      'The autoscaler {name} follows memory, which rarely falls after load in Go and Rust. Replicas stay up',
  },
  exemptions: {
    'value-unset': 'the chart’s default values do not switch the metric on',
    'template-hole': 'a condition of the template decides, which is not evaluated',
  },
  check(manifests: Manifests, report) {
    for (const object of manifests.objects) {
      for (const metric of resourceMetrics(object)) {
        if (metric.resource !== 'memory') continue;
        const { file } = object;
        const at = placeIn(file, metric.name.span);
        const rendered = renderedByDefault(manifests, file, metric.name.span.start);
        if (rendered.state === 'unknown') {
          report.exempt({ reason: 'template-hole', at });
          continue;
        }
        if (rendered.state === 'no') {
          const { value } = rendered;
          const where = value && placeIn(value.file, value.scalar.span);
          report.exempt({ reason: 'value-unset', at, ...(where ? { where } : {}) });
          continue;
        }
        const switched = rendered.values.at(-1);
        report.find({
          message: 'memory',
          at,
          confidence: 'medium',
          data: { name: object.name === undefined ? 'of the chart' : `"${object.name}"` },
          related: switched
            ? [{ file: switched.file.file, span: switched.scalar.span, message: 'switched on by this value' }]
            : [],
          fixes: fixesFor(metric),
        });
      }
    }
  },
});

function fixesFor({ object, list, item }: ResourceMetric) {
  return possible(
    fixOf(object.file, 'Remove the memory metric', 'maybe-incorrect', removeItem(object.file, list, item)),
  );
}
