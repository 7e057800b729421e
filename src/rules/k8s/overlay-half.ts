import { bytesOf } from '../../core/quantity.ts';
import { defineRule, type Reporter } from '../../core/rule.ts';
import { goMemoryLimitFor, possible, setEnv } from '../../manifest/fixes.ts';
import { parseGoMemoryLimit } from '../../manifest/gomemlimit.ts';
import type { Manifests } from '../../manifest/manifests.ts';
import { patchedContainers, variableAfter } from '../../manifest/overlay.ts';
import { directoryOf } from '../../manifest/paths.ts';
import { overriddenValues } from '../../manifest/values-overrides.ts';
import { relatedValue } from '../shared/manifests/manifest.ts';

const messages = {
  raised:
    '{overlay} raises the limit to {limit}; GOMEMLIMIT stays {heap} of the base. That is {percent} %, the rest is not used',
  lowered:
    '{overlay} lowers the limit to {limit}; GOMEMLIMIT stays {heap} of the base. The kernel kills before the collector hurries',
} as const;
const exemptions = {
  both: 'the overlay changes GOMEMLIMIT as well',
  unknown: 'GOMEMLIMIT or the limit is not known here',
  room: 'GOMEMLIMIT of the base is {percent} % of the new limit',
} as const;
type Report = Reporter<typeof messages, typeof exemptions>;

/** Below this share of the limit, in per cent, a Go program leaves what the overlay wanted to give it. */
const USED = 70n;
/** From this share on there is no room for what the runtime does not see. */
const FULL = 95n;

export default defineRule({
  id: 'k8s/overlay-half',
  tier: 'M',
  severity: 'warning',
  summary: 'An overlay that changes the memory limit and forgets GOMEMLIMIT',
  note: {
    why: 'The two belong together: GOMEMLIMIT is a number that was right for the limit of the base. With another limit the collector hurries far too early, or too late.',
    arithmetic: 'GOMEMLIMIT = 0.9 × limit − tmpfs − other processes',
    myth: 'optimise-once',
  },
  messages,
  exemptions,
  check(manifests: Manifests, report) {
    const seen = new Set<string>();
    for (const { overlay, base, limit } of patchedContainers(manifests)) {
      const { change, value } = limit;
      if (change?.kind !== 'set' || !manifests.inScope(change.where.file)) continue;
      const heap = variableAfter(overlay, base, 'GOMEMLIMIT');
      const before = manifests.memoryLimit(base);
      if (!heap.where) continue;
      const key = `${change.where.file}\0${change.where.span.start}`;
      if (seen.has(key)) continue;
      seen.add(key);
      judge(report, {
        at: change.where,
        overlay: `Overlay "${directoryOf(overlay.kustomization.file).split('/').at(-1) ?? ''}"`,
        before: before.state === 'known' ? bytesOf(before.quantity) : undefined,
        limit: value.state === 'known' ? { bytes: bytesOf(value.quantity), text: value.text } : undefined,
        heap: heap.text,
        changed: heap.changed,
        related: [
          ...relatedValue(before, 'the limit of the base'),
          { ...heap.where, message: 'GOMEMLIMIT of the base' },
        ],
        fixes: (better) =>
          possible(
            change.container &&
              setEnv(
                change.container,
                'GOMEMLIMIT',
                better,
                `Set GOMEMLIMIT to ${better} here, too: 90 % of the limit`,
              ),
          ),
      });
    }
    for (const { file, base, over } of overriddenValues(manifests)) {
      const limit = over.resources.memoryLimit;
      const own = base.env.findLast((e) => e.name === 'GOMEMLIMIT');
      if (!own?.value || !limit || limit === 'unknown') continue;
      const old = base.resources.memoryLimit;
      judge(report, {
        at: { file, span: limit.span },
        overlay: `"${file.split('/').at(-1)}"`,
        before: old && old !== 'unknown' && old.quantity ? bytesOf(old.quantity) : undefined,
        limit: limit.quantity && { bytes: bytesOf(limit.quantity), text: limit.text },
        heap: own.unknown ? undefined : own.value.text,
        changed: over.env.some((e) => e.name === 'GOMEMLIMIT'),
        related: [
          { file: base.workload.object.file.file, span: own.value.span, message: 'GOMEMLIMIT of the base' },
        ],
        fixes: () => [],
      });
    }
  },
});

interface Half {
  readonly at: Parameters<Report['find']>[0]['at'];
  readonly overlay: string;
  readonly before: bigint | undefined;
  readonly limit: { readonly bytes: bigint; readonly text: string } | undefined;
  readonly heap: string | undefined;
  readonly changed: boolean;
  readonly related: NonNullable<Parameters<Report['find']>[0]['related']>;
  readonly fixes: (better: string) => NonNullable<Parameters<Report['find']>[0]['fixes']>;
}

function judge(report: Report, half: Half): void {
  const { at, overlay, before, limit, heap, changed, related } = half;
  if (changed) {
    report.exempt({ reason: 'both', at });
    return;
  }
  const parsed = heap === undefined ? undefined : parseGoMemoryLimit(heap);
  if (!limit || heap === undefined || parsed?.kind !== 'bytes' || limit.bytes === 0n) {
    report.exempt({ reason: 'unknown', at });
    return;
  }
  const percent = (parsed.bytes * 100n) / limit.bytes;
  const better = goMemoryLimitFor(limit.bytes, 0n);
  const rest = { at, confidence: 'high', related, fixes: better ? half.fixes(better) : [] } as const;
  if (percent >= FULL) {
    report.find({ message: 'lowered', data: { overlay, limit: limit.text, heap }, ...rest });
  } else if (percent < USED && before !== undefined && limit.bytes > before) {
    report.find({
      message: 'raised',
      data: { overlay, limit: limit.text, heap, percent: Number(percent) },
      ...rest,
    });
  } else report.exempt({ reason: 'room', at, data: { percent: Number(percent) } });
}
