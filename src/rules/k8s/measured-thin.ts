import { defineRule } from '../../core/rule.ts';
import type { Manifests } from '../../manifest/manifests.ts';
import { gapsOf } from '../../measure/measurement.ts';
import { nameOf, placeIn, placeOf } from '../shared/manifests/manifest.ts';
import { relatedMeasurement } from '../shared/manifests/measured.ts';

export default defineRule({
  id: 'k8s/measured-thin',
  tier: 'M',
  severity: 'information',
  summary: 'A measurement that covers no start, no load or less than a week',
  note: {
    why: 'The peak of a service is often its start, or the busiest hour of the week. A measurement that has neither gives a limit that kills the first time they come.',
    arithmetic: 'one start + one cycle of traffic (7 days), or `memory.peak` of the kernel after it',
    silence: 'nothing was measured of the container',
    myth: 'fix-without-measuring',
  },
  messages: {
    thin: 'Not measured for {container}: {gaps}. `memory.peak` of a container that ran for a week has it all',
  },
  exemptions: {
    whole: 'it was measured through a start and a week of traffic',
  },
  check(manifests: Manifests, report) {
    for (const container of manifests.containers) {
      const measured = manifests.isPatch(container) ? undefined : manifests.measured(container);
      if (!measured) continue;
      const own = container.resources.memoryLimit;
      const at =
        own && own !== 'unknown' ? placeIn(container.workload.object.file, own.span) : placeOf(container);
      const gaps = gapsOf(measured);
      if (gaps.length === 0) {
        report.exempt({ reason: 'whole', at, where: measured.at });
        continue;
      }
      report.find({
        message: 'thin',
        at,
        confidence: 'high',
        data: { container: nameOf(container).replace(/^\w/, (c) => c.toLowerCase()), gaps: gaps.join(', ') },
        related: relatedMeasurement(measured),
      });
    }
  },
});
