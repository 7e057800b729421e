import { defineRule } from '../../core/rule.ts';
import { possible } from '../../manifest/fixes.ts';
import type { Manifests } from '../../manifest/manifests.ts';
import { limitFix } from '../../manifest/measured-fixes.ts';
import { nameOf, placeIn, placeOf, SHARED_EXEMPTIONS } from '../shared/manifests/manifest.ts';
import { inSomeOverlays, lackingIn, relatedSetters } from '../shared/manifests/overlays.ts';

export default defineRule({
  id: 'k8s/fieldref-no-limit',
  tier: 'M',
  severity: 'warning',
  summary: 'A variable takes a memory limit that the container does not have',
  note: {
    why: 'Without a limit the downward API gives the memory the node can allocate. A program that sizes itself by it plans with the whole node.',
    myth: 'fix-without-measuring',
  },
  messages: {
    node: '{variable} takes the limit of {container}, which has none{overlays}. It becomes the memory of the node',
  },
  exemptions: {
    ...SHARED_EXEMPTIONS,
    limited: 'the container gets a memory limit',
    patched: 'every kustomization that builds it sets the limit',
    'other-container': 'the value is the limit of another container',
  },
  check(manifests: Manifests, report) {
    for (const container of manifests.containers) {
      const { file } = container.workload.object;
      for (const { fieldRef, name } of container.env) {
        if (fieldRef?.resource.text !== 'limits.memory') continue;
        const at = placeIn(file, fieldRef.resource.span);
        const other = fieldRef.container?.text;
        if (other !== undefined && other !== container.name) {
          report.exempt({ reason: 'other-container', at });
          continue;
        }
        const limit = manifests.memoryLimit(container);
        if (limit.state === 'unknown') {
          report.exempt({ reason: limit.reason, at });
          continue;
        }
        if (limit.state === 'known') {
          report.exempt({ reason: 'limited', at, where: limit.where });
          continue;
        }
        const lacking = lackingIn(manifests, container, 'limits');
        if (lacking.set.length > 0 && lacking.without.length === 0) {
          report.exempt({ reason: 'patched', at, where: lacking.set[0]!.where });
          continue;
        }
        report.find({
          message: 'node',
          at,
          confidence: 'medium',
          data: {
            variable: name,
            container: nameOf(container).replace(/^\w/, (c) => c.toLowerCase()),
            overlays: inSomeOverlays(lacking),
          },
          related: [{ ...placeOf(container), message: 'has no memory limit' }, ...relatedSetters(lacking)],
          fixes: possible(limitFix(manifests, container)),
        });
      }
    }
  },
});
