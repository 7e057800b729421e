import type { Fix } from '../../core/finding.ts';
import { exactBytes, GI, parseQuantity } from '../../core/quantity.ts';
import { defineRule } from '../../core/rule.ts';
import { possible, writeAmount } from '../../manifest/fixes.ts';
import type { Manifests } from '../../manifest/manifests.ts';
import {
  isImplausible,
  memoryAmounts,
  numberOf,
  type PlacedAmount,
  placeIn,
  SMALLEST_PLAUSIBLE,
} from '../shared/manifests/manifest.ts';

export default defineRule({
  id: 'k8s/implausibly-small',
  tier: 'M',
  severity: 'error',
  summary: 'A memory quantity in which no process starts',
  note: {
    why: 'No process starts in so little memory: the container is killed again and again. Most often the unit is missing.',
    arithmetic: '512 = 512 bytes; 512Mi = 536 870 912 bytes',
  },
  messages: {
    limit: '"{text}" is {bytes}: no process starts with this limit. {hint}',
    request: '"{text}" is {bytes}: the scheduler counts next to nothing. {hint}',
    policy: '"{text}" is {bytes}, less than any process needs. {hint}',
  },
  exemptions: {
    'template-unit': 'a bare number in values: the template may add the unit',
    deliberate: 'a request below 4 MiB with a unit of its own is taken at its word',
  },
  check(manifests: Manifests, report) {
    for (const placed of [...memoryAmounts(manifests), ...composeLimits(manifests)]) {
      const { amount, object, role } = placed;
      const { quantity } = amount;
      if (role === 'sizeLimit' || !quantity || !isImplausible(quantity) || /^[mun]$/.test(quantity.suffix))
        continue;
      const at = placeIn(object.file, amount.span);
      if (object.kind === 'Values' && quantity.suffix === '') {
        report.exempt({ reason: 'template-unit', at });
        continue;
      }
      if (role !== 'limit' && !/^(k|Ki)?$/.test(quantity.suffix)) {
        report.exempt({ reason: 'deliberate', at });
        continue;
      }
      const better = candidates(placed);
      report.find({
        message: role === 'limit' ? 'limit' : role === 'request' ? 'request' : 'policy',
        at,
        confidence: quantity.suffix === '' ? 'high' : 'medium',
        severity: role === 'limit' ? 'error' : 'warning',
        data: {
          text: amount.text,
          bytes: exactBytes(quantity),
          hint: better[0] ? `Did you mean ${better[0]}?` : 'Is the unit right?',
        },
        fixes: repairs(placed, better),
      });
    }
  },
});

/** The limits that compose services state. */
function composeLimits(manifests: Manifests): PlacedAmount[] {
  return manifests.statedContainers.flatMap((container): PlacedAmount[] => {
    const { workload, resources } = container;
    const amount = resources.memoryLimit;
    if (workload.object.kind !== 'Compose' || !amount || amount === 'unknown') return [];
    return [{ amount, role: 'limit', object: workload.object, container }];
  });
}

/** The same number with the units that make it a container's memory. */
function candidates({ amount, object }: PlacedAmount): string[] {
  const number = numberOf(amount.text);
  // Compose knows no `Mi`, and its `m` counts in powers of two: https://docs.docker.com/reference/compose-file/extension/#specifying-byte-values
  const suffixes = object.kind === 'Compose' ? { Mi: 'm', Gi: 'g' } : { Mi: 'Mi', Gi: 'Gi' };
  return Object.entries(suffixes).flatMap(([unit, written]) => {
    const nano = parseQuantity(`${number}${unit}`)?.nano ?? 0n;
    const plausible = nano >= SMALLEST_PLAUSIBLE && nano <= 64n * GI * 1_000_000_000n;
    return plausible ? [`${number}${written}`] : [];
  });
}

function repairs({ object, amount }: PlacedAmount, better: readonly string[]): Fix[] {
  return possible(...better.map((text) => writeAmount(object.file, amount, text, `Write ${text}`)));
}
