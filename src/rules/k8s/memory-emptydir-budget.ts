import { bytesOf, formatBytes } from '../../core/quantity.ts';
import { defineRule } from '../../core/rule.ts';
import { goMemoryLimitFor, possible, setEnv } from '../../manifest/fixes.ts';
import { parseGoMemoryLimit } from '../../manifest/gomemlimit.ts';
import type { Manifests } from '../../manifest/manifests.ts';
import type { Container, Volume } from '../../manifest/model.ts';
import { nameOf, placeIn, relatedValue, SHARED_EXEMPTIONS } from '../shared/manifests/manifest.ts';

export default defineRule({
  id: 'k8s/memory-emptydir-budget',
  tier: 'M',
  severity: 'warning',
  summary: 'A tmpfs and a Go heap that together may exceed the memory limit',
  note: {
    why: 'Files of a memory emptyDir are charged to the container that writes them. GOMEMLIMIT does not see them, so the heap grows to its own limit on top.',
    arithmetic: 'limit ≥ GOMEMLIMIT + sizeLimit of every memory volume it writes',
    myth: 'low-heap-is-safe',
  },
  messages: {
    heap: 'tmpfs {size} + GOMEMLIMIT {heap} > limit {limit} of {container}. Each may fill what it is allowed',
    alone: 'tmpfs {size} alone fills the limit {limit} of {container}. Nothing is left for the program',
  },
  exemptions: {
    ...SHARED_EXEMPTIONS,
    fits: 'the tmpfs leaves {rest} of the limit',
    'no-limit': 'the container has no memory limit to exceed',
  },
  check(manifests: Manifests, report) {
    for (const workload of manifests.workloads) {
      for (const container of workload.containers) {
        const sized = sizedVolumes(manifests, container);
        const largest = sized[0];
        if (!largest) continue;
        const at = placeIn(workload.object.file, largest.amount.span);
        const limit = manifests.memoryLimit(container);
        if (limit.state === 'unknown') {
          report.exempt({ reason: limit.reason, at });
          continue;
        }
        if (limit.state === 'none') {
          report.exempt({ reason: 'no-limit', at });
          continue;
        }
        const bytes = bytesOf(limit.quantity);
        const size = sized.reduce((n, v) => n + v.bytes, 0n);
        const variable = manifests.environment(container).variables.get('GOMEMLIMIT');
        const parsed = variable?.text === undefined ? undefined : parseGoMemoryLimit(variable.text);
        const heap = parsed?.kind === 'bytes' ? parsed.bytes : 0n;
        // A heap above the limit by itself is what k8s/gomemlimit-over reports.
        if (bytes === 0n || heap > bytes) continue;
        if (size + heap <= bytes && size < bytes) {
          report.exempt({ reason: 'fits', at, data: { rest: formatBytes(bytes - size - heap) } });
          continue;
        }
        const lower = goMemoryLimitFor(bytes, size);
        const data = { size: formatBytes(size), limit: limit.text, container: quoted(container) };
        const rest = {
          at,
          confidence: 'high',
          related: [
            ...relatedValue(limit, `the limit, ${formatBytes(bytes)}`),
            ...sized.slice(1).map((v) => ({
              ...placeIn(workload.object.file, v.amount.span),
              message: `tmpfs ${formatBytes(v.bytes)}`,
            })),
          ],
        } as const;
        if (heap > 0n && size < bytes) {
          report.find({
            message: 'heap',
            data: { ...data, heap: variable!.text! },
            fixes: possible(
              lower && variable!.own
                ? setEnv(
                    container,
                    'GOMEMLIMIT',
                    lower,
                    `Lower GOMEMLIMIT to ${lower}: 90 % of the limit less the tmpfs`,
                  )
                : undefined,
            ),
            ...rest,
          });
        } else report.find({ message: 'alone', data, ...rest });
      }
    }
  },
});

/** The memory volumes a container mounts that have a limit, the largest first. */
function sizedVolumes(manifests: Manifests, container: Container) {
  return (manifests.memoryVolumes(container) ?? [])
    .flatMap((volume: Volume) => {
      const { sizeLimit } = volume;
      return sizeLimit && sizeLimit !== 'unknown' && sizeLimit.quantity
        ? [{ amount: sizeLimit, bytes: bytesOf(sizeLimit.quantity) }]
        : [];
    })
    .sort((a, b) => (b.bytes > a.bytes ? 1 : b.bytes < a.bytes ? -1 : 0));
}

function quoted(container: Container): string {
  return container.name === undefined ? nameOf(container).toLowerCase() : `"${container.name}"`;
}
