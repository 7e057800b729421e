import { bytesOf, formatBytes } from '../../core/quantity.ts';
import { defineRule } from '../../core/rule.ts';
import type { Manifests } from '../../manifest/manifests.ts';
import type { Container } from '../../manifest/model.ts';
import { type PatchedContainer, patchedContainers, variableAfter } from '../../manifest/overlay.ts';
import { directoryOf } from '../../manifest/paths.ts';
import { placeIn } from '../shared/manifests/manifest.ts';

/** Variables that say how much a program keeps: `CACHE_SIZE`, `MAX_ENTRIES`, `QUEUE_CAPACITY`. */
const SIZE =
  /^(?:\w+_)?(?:CACHE|BUFFER|QUEUE|BATCH|POOL|CHANNEL|MAX)(?:_\w+)?_?(?:SIZE|BYTES|ITEMS|ENTRIES|CAPACITY|LEN|LENGTH|MB|MIB|KB)$/i;
const NUMBER = /^\d[\d_]*\s?[kKmMgG]?i?[bB]?$/;

export default defineRule({
  id: 'k8s/env-drift',
  tier: 'M',
  severity: 'information',
  summary: 'A size that stays while overlays change the memory limit several times over',
  note: {
    why: 'What fills a cache of fixed size in a container with 1Gi does not fit into 128Mi: the small one is killed, or the large one does not use what it pays for.',
    arithmetic: 'items × bytes per item ≤ limit, in every environment',
    myth: 'optimise-once',
  },
  messages: {
    drift:
      '{variable} stays {value} while overlays change the memory limit. {smallest} has {small}, {largest} has {large}',
  },
  exemptions: {
    near: 'the limits of the overlays are within a factor of two',
    changed: 'an overlay changes the size as well',
  },
  check(manifests: Manifests, report) {
    const byBase = new Map<Container, PatchedContainer[]>();
    for (const patched of patchedContainers(manifests)) {
      const known = byBase.get(patched.base);
      if (known) known.push(patched);
      else byBase.set(patched.base, [patched]);
    }
    for (const [base, overlays] of byBase) {
      const { file } = base.workload.object;
      if (!manifests.inScope(file.file)) continue;
      const sizes = base.env.filter((e) => SIZE.test(e.name) && e.value && NUMBER.test(e.value.text));
      const limits = overlays
        .flatMap(({ overlay, limit: { value } }) =>
          value.state === 'known' ? [{ overlay, value, bytes: bytesOf(value.quantity) }] : [],
        )
        .sort((a, b) => (a.bytes < b.bytes ? -1 : a.bytes > b.bytes ? 1 : 0));
      const [small, large] = [limits[0], limits.at(-1)];
      if (!small || !large || small.bytes <= 0n) continue;
      for (const { name, value } of sizes) {
        const at = placeIn(file, value!.span);
        if (large.bytes <= small.bytes * 2n) {
          report.exempt({ reason: 'near', at });
          continue;
        }
        if (overlays.some(({ overlay }) => variableAfter(overlay, base, name).changed)) {
          report.exempt({ reason: 'changed', at });
          continue;
        }
        const nameOf = ({ overlay }: typeof small) =>
          `"${directoryOf(overlay.kustomization.file).split('/').at(-1) || '.'}"`;
        report.find({
          message: 'drift',
          at,
          confidence: 'medium',
          data: {
            variable: name,
            value: value!.text,
            small: small.value.text,
            smallest: nameOf(small),
            large: large.value.text,
            largest: nameOf(large),
          },
          related: [small, large].map((l) => ({
            ...l.value.where,
            message: `${formatBytes(l.bytes)} in ${nameOf(l)}`,
          })),
        });
      }
    }
  },
});
