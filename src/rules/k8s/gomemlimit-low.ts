import type { Services } from '../../budget/services.ts';
import { bytesOf } from '../../core/quantity.ts';
import { defineRule } from '../../core/rule.ts';
import { effectiveOrDefault } from '../../manifest/chart-resources.ts';
import { goMemoryLimitFor, possible, setEnv } from '../../manifest/fixes.ts';
import { parseGoMemoryLimit } from '../../manifest/gomemlimit.ts';
import type { Effective, Manifests } from '../../manifest/manifests.ts';
import { measuredLimit } from '../../manifest/measured-fixes.ts';
import type { Container } from '../../manifest/model.ts';
import { most } from '../../measure/measurement.ts';
import { goMemoryLimits, placeIn, relatedValue, sourceOf } from '../shared/manifests/manifest.ts';
import { measuredBytes, relatedMeasurement } from '../shared/manifests/measured.ts';
import {
  certainItems,
  linkedContainers,
  listOf,
  mi,
  mostOf,
  relatedItems,
  sumLow,
} from '../shared/manifests/services.ts';

export default defineRule({
  id: 'k8s/gomemlimit-low',
  tier: 'M',
  severity: 'warning',
  summary: 'A GOMEMLIMIT below what the program keeps, or far below the limit',
  note: {
    why: 'When what is live does not fit below GOMEMLIMIT, the collector runs all the time, up to half of the processor time, and the memory passes the value anyway: the limit is soft.',
    arithmetic: '200 MiB live: 0.35 s at 512 MiB, 0.75 s at 300 MiB, 2.5 s at 240 MiB (measured)',
    myth: 'tighter-is-better',
  },
  messages: {
    live: 'GOMEMLIMIT {text} is less than the {bytes} the code keeps ({items}). The collector may take half of the CPU',
    idle: 'GOMEMLIMIT {text} is less than the {bytes} that are in use when idle. The collector may take half of the CPU',
    half: 'GOMEMLIMIT {text} is {percent} % of the limit {limit}{source}. The rest of the memory is paid for and not used',
  },
  exemptions: {
    room: 'GOMEMLIMIT leaves room above what the code keeps',
    others: 'other memory of the container takes the rest',
  },
  check({ manifests, services }: Services, report) {
    const linked = new Map(linkedContainers(services, 'go').map((l) => [l.container, l]));
    for (const { container, variable } of goMemoryLimits(manifests)) {
      const { value } = variable;
      if (!value || variable.unknown) continue;
      const memory = parseGoMemoryLimit(value.text);
      if (memory.kind !== 'bytes') continue;
      const at = placeIn(container.workload.object.file, value.span);
      const own = linked.get(container);
      const items = own
        ? certainItems(own.service.ledger, ['committed', 'filled']).filter((i) => i.onHeap)
        : [];
      const live = sumLow(items);
      const limit = effectiveOrDefault(manifests, container, 'limits');
      if (live * 1.1 > Number(memory.bytes)) {
        report.find({
          message: 'live',
          at,
          confidence: 'high',
          data: { text: value.text, bytes: mi(live), items: listOf(items) },
          related: [...relatedItems(mostOf(items)), ...relatedValue(limit, `the limit${sourceOf(limit)}`)],
          fixes: isWritten(limit) ? fixesFor(manifests, container, bytesOf(limit.quantity), live) : [],
        });
        continue;
      }
      const others = manifests.memoryVolumeBytes(container);
      const cgo = own?.service.review.facts.cgo;
      const measured = manifests.measured(container);
      const idle = measured && most(measured, 'idle');
      // A peak holds garbage up to GOMEMLIMIT itself; what is there at the quietest is what the runtime cannot return.
      if (measured && idle !== undefined && idle > Number(memory.bytes) && others === 0n && !cgo) {
        const bytes = measuredLimit(manifests, container) ?? 0n;
        report.find({
          message: 'idle',
          at,
          confidence: 'medium',
          data: { text: value.text, bytes: measuredBytes(idle) },
          related: [...relatedMeasurement(measured), ...relatedValue(limit, `the limit${sourceOf(limit)}`)],
          fixes:
            isWritten(limit) && bytesOf(limit.quantity) >= bytes
              ? fixesFor(manifests, container, bytesOf(limit.quantity), idle)
              : [],
        });
        continue;
      }
      if (limit.state !== 'known') continue;
      const bytes = bytesOf(limit.quantity);
      if (memory.bytes * 2n >= bytes || memory.bytes === 0n) {
        if (live > 0) report.exempt({ reason: 'room', at });
        continue;
      }
      // cgo, tmpfs and what several processes share are good reasons for a low value.
      if (others > 0n || cgo) {
        report.exempt({ reason: 'others', at, ...(cgo ? { where: cgo } : {}) });
        continue;
      }
      report.find({
        message: 'half',
        at,
        confidence: own ? 'medium' : 'low',
        severity: 'information',
        data: {
          text: value.text,
          percent: Number((memory.bytes * 100n) / bytes),
          limit: limit.text,
          source: sourceOf(limit),
        },
        related: relatedValue(limit, `the limit${sourceOf(limit)}`),
        fixes: isWritten(limit) ? fixesFor(manifests, container, bytes, 0) : [],
      });
    }
  },
});

/** Other values of a chart bring another limit: then no literal is right for all of them. */
function isWritten(limit: Effective): limit is Effective & { readonly state: 'known' } {
  return limit.state === 'known' && limit.source !== 'values';
}

/** 90 % of the limit, when that is enough for what is live. */
function fixesFor(manifests: Manifests, container: Container, limit: bigint, live: number) {
  const value = goMemoryLimitFor(limit, manifests.memoryVolumeBytes(container));
  const parsed = value ? parseGoMemoryLimit(value) : undefined;
  if (!value || parsed?.kind !== 'bytes' || Number(parsed.bytes) < live * 1.1) return [];
  return possible(setEnv(container, 'GOMEMLIMIT', value, `Set GOMEMLIMIT to ${value}, 90 % of the limit`));
}
