import { bytesOf, formatBytes, MI, percentAbove } from '../../core/quantity.ts';
import { defineRule } from '../../core/rule.ts';
import { statedPeak, withCommentsAbove } from '../../manifest/comments.ts';
import { possible, setContainerMemory, writeAmount } from '../../manifest/fixes.ts';
import type { Manifests } from '../../manifest/manifests.ts';
import { limitFix } from '../../manifest/measured-fixes.ts';
import type { Container } from '../../manifest/model.ts';
import { isAlwaysPatched } from '../../manifest/overlay.ts';
import { peakOf } from '../../measure/measurement.ts';
import {
  differOnlyByUnit,
  isImplausible,
  placeIn,
  relatedValue,
  SHARED_EXEMPTIONS,
} from '../shared/manifests/manifest.ts';
import { OVERLAID } from '../shared/manifests/overlays.ts';

export default defineRule({
  id: 'k8s/limit-tight',
  tier: 'M',
  severity: 'warning',
  summary: 'A memory limit that leaves no room for peaks',
  note: {
    why: 'The kernel kills at the highest moment, not at the mean. Start-up, bursts and collections stand above the average that dashboards show.',
    arithmetic: 'limit = peak of start and load × 1.25 (20 to 30 per cent of room)',
    myth: 'tighter-is-better',
  },
  messages: {
    peak: 'Limit {limit} is {percent} % above the documented peak {peak}. Peaks kill pods, averages do not: {better} leaves {room} %',
    below:
      'Limit {limit} is below the documented peak {peak}. Peaks kill pods, averages do not: {better} leaves {room} %',
    request:
      'Limit {limit} is only {percent} % above the request {request}. A request sized by average leaves no room for peaks',
  },
  exemptions: {
    'template-hole': SHARED_EXEMPTIONS['template-hole'],
    roomy: 'the limit leaves {percent} % above the documented peak',
    equal: 'request and limit are equal: the request was not sized by average',
    unit: 'request and limit differ only by the unit, which k8s/decimal-binary-mix reports',
    measured: 'its peak was measured, by which k8s/measured-over judges the limit',
    ...OVERLAID,
  },
  check(manifests: Manifests, report) {
    for (const container of manifests.statedContainers) {
      const own = container.resources.memoryLimit;
      if (!own || own === 'unknown') continue;
      const { file } = container.workload.object;
      const at = placeIn(file, own.span);
      if (!own.quantity || own.unknown) {
        if (own.unknown) report.exempt({ reason: 'template-hole', at });
        continue;
      }
      if (own.quantity.nano <= 0n || isImplausible(own.quantity)) continue;
      if (isAlwaysPatched(manifests, container, ['limits'])) {
        report.exempt({ reason: 'overlaid', at });
        continue;
      }
      const measured = manifests.measured(container);
      if (measured && peakOf(measured)) {
        report.exempt({ reason: 'measured', at, where: measured.at });
        continue;
      }
      const limit = bytesOf(own.quantity);
      const peak = statedPeak(file, explanationOf(container));
      if (peak) {
        const room = manifests.headroom(file.file);
        const needed = (bytesOf(peak.quantity) * BigInt(100 + room)) / 100n;
        const percent = percentAbove(limit, bytesOf(peak.quantity));
        if (limit >= needed) {
          report.exempt({ reason: 'roomy', at, where: placeIn(file, peak.span), data: { percent } });
        } else {
          const better = `${(needed + MI - 1n) / MI}Mi`;
          const data = { limit: own.text, peak: peak.text, better, room };
          const rest = {
            at,
            confidence: 'medium',
            related: [{ file: file.file, span: peak.span, message: `the documented peak, ${peak.text}` }],
            fixes: possible(
              writeAmount(
                file,
                own,
                better,
                `Set the limit to ${better}: the documented peak plus ${room} %`,
              ),
            ),
          } as const;
          if (percent < 0) report.find({ message: 'below', data, ...rest });
          else report.find({ message: 'peak', data: { ...data, percent }, ...rest });
          continue;
        }
      }
      const request = manifests.memoryRequest(container);
      if (request.state !== 'known' || request.source === 'limit') continue;
      const requested = bytesOf(request.quantity);
      if (requested === limit) {
        report.exempt({ reason: 'equal', at });
        continue;
      }
      if (differOnlyByUnit(request.amount, own)) {
        report.exempt({ reason: 'unit', at });
        continue;
      }
      if (requested <= 0n || requested > limit || limit * 5n >= requested * 6n) continue;
      report.find({
        message: 'request',
        at,
        confidence: 'medium',
        severity: 'information',
        data: {
          limit: own.text,
          percent: percentAbove(limit, requested),
          request: request.text,
        },
        related: relatedValue(request, `the request, ${formatBytes(requested)}`),
        fixes: possible(
          limitFix(manifests, container),
          setContainerMemory(
            container,
            'requests',
            own.text,
            `Raise the request to the limit, ${own.text}: the node then keeps what a peak needs`,
            'maybe-incorrect',
          ),
        ),
      });
    }
  },
});

/** The lines in which an author explains a limit: `resources` and the comments directly above it. */
function explanationOf(container: Container) {
  const { file } = container.workload.object;
  const { found } = container.resources;
  const own = container.resources.memoryLimit;
  const span =
    found && found !== 'unknown' && found.value && !found.entry.alias
      ? { start: found.entry.key.span.start, end: contentEnd(file.text, found.value.span.end) }
      : own && own !== 'unknown'
        ? own.span
        : container.at;
  return withCommentsAbove(file.text, span);
}

/** The library lets a block reach to the next token; its last line is what counts. */
function contentEnd(text: string, end: number): number {
  let at = end;
  while (at > 0 && /\s/.test(text[at - 1]!)) at--;
  return at;
}
