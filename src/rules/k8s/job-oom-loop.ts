import type { Services } from '../../budget/services.ts';
import { defineRule } from '../../core/rule.ts';
import { possible } from '../../manifest/fixes.ts';
import { setMeasuredLimit } from '../../manifest/measured-fixes.ts';
import { scalarAt } from '../../manifest/yaml.ts';
import { peakOf } from '../../measure/measurement.ts';
import { placeIn, placeOf } from '../shared/manifests/manifest.ts';
import { measuredBytes, momentOf, relatedMeasurement } from '../shared/manifests/measured.ts';
import {
  certainItems,
  isLimited,
  linkedContainers,
  mi,
  mostOf,
  raiseLimit,
  relatedItems,
  sumLow,
} from '../shared/manifests/services.ts';

/** What Kubernetes retries when nobody says otherwise. */
const DEFAULT_RETRIES = '6';

export default defineRule({
  id: 'k8s/job-oom-loop',
  tier: 'M',
  severity: 'warning',
  summary: 'A job that is retried under a limit it cannot meet',
  note: {
    why: 'Every retry of a job starts in a container with the same limit. What does not fit once does not fit the sixth time, and each try loads everything again.',
    myth: 'oom-is-a-crash',
  },
  messages: {
    loop: 'Each of the {retries} retries runs with {limit}, and the program writes {bytes} at start',
    measured: 'Each of {retries} retries runs with {limit}; the measured peak is {bytes} ({moment})',
  },
  exemptions: {
    never: 'it is not retried',
    fits: 'what the program writes at start, and the measured peak, fit the limit',
  },
  check({ manifests, services }: Services, report) {
    for (const language of ['rust', 'go'] as const)
      for (const { container, service, file } of linkedContainers(services, language)) {
        const { object } = container.workload;
        if (!/^(Job|CronJob)$/.test(object.kind) || !isLimited(service)) continue;
        const path = object.kind === 'Job' ? ['spec'] : ['spec', 'jobTemplate', 'spec'];
        const backoff = scalarAt(object.root, ...path, 'backoffLimit');
        const at = backoff ? placeIn(file, backoff.span) : placeOf(container);
        const retries = backoff?.text ?? DEFAULT_RETRIES;
        const items = certainItems(service.ledger, ['committed']);
        const bytes = service.ledger.base.low + sumLow(items);
        if (retries === '0') {
          report.exempt({ reason: 'never', at });
          continue;
        }
        const { measured } = service;
        const peak = measured && peakOf(measured);
        // What was killed at its limit needs more than that.
        const isPeakOver =
          peak !== undefined &&
          (peak.phase === 'killed'
            ? peak.bytes >= Number(service.limit.bytes)
            : peak.bytes > Number(service.limit.bytes));
        if (isPeakOver && measured) {
          report.find({
            message: 'measured',
            at,
            confidence: 'high',
            data: {
              retries,
              limit: service.limit.text,
              bytes: measuredBytes(peak.bytes),
              moment: momentOf(peak),
            },
            related: relatedMeasurement(measured),
            fixes: possible(setMeasuredLimit(manifests, container)),
          });
          continue;
        }
        if (bytes <= Number(service.limit.bytes)) {
          if (items.length > 0 || peak) report.exempt({ reason: 'fits', at });
          continue;
        }
        report.find({
          message: 'loop',
          at,
          confidence: 'high',
          data: { retries, limit: service.limit.text, bytes: mi(bytes) },
          related: relatedItems(mostOf(items)),
          fixes: possible(raiseLimit(manifests, service, service.ledger.total.high)),
        });
      }
  },
});
