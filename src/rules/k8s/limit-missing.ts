import type { Fix } from '../../core/finding.ts';
import { defineRule } from '../../core/rule.ts';
import { insertEntry, replaceScalar } from '../../manifest/edit.ts';
import { fixOf, LIMIT_PLACEHOLDER, placeholderLimit, possible } from '../../manifest/fixes.ts';
import type { Manifests } from '../../manifest/manifests.ts';
import { limitFix } from '../../manifest/measured-fixes.ts';
import type { Container } from '../../manifest/model.ts';
import { type Change, patchedContainers } from '../../manifest/overlay.ts';
import { requirements } from '../../manifest/policies.ts';
import { itemsAt } from '../../manifest/yaml.ts';
import {
  nameOf,
  placeIn,
  placeOf,
  presenceSeverity,
  relatedValue,
  SHARED_EXEMPTIONS,
} from '../shared/manifests/manifest.ts';
import { inSomeOverlays, lackingIn, relatedSetters } from '../shared/manifests/overlays.ts';

export default defineRule({
  id: 'k8s/limit-missing',
  tier: 'M',
  severity: 'warning',
  summary: 'A container may use all the memory of its node',
  note: {
    why: 'Without a limit the container may use all memory of the node. The kernel then kills by `oom_score_adj`, which need not hit the container that grew.',
    myth: 'oom-is-a-crash',
  },
  messages: {
    missing:
      '{container} has no memory limit{overlays}. It may use the whole node; the kernel then kills by oom_score_adj',
    removed:
      'A patch removes the memory limit of {container}. It may use the whole node; the kernel then kills by oom_score_adj',
    zero: '{container} has a memory limit of 0, which means none. It may use the whole node; the kernel then kills by oom_score_adj',
  },
  exemptions: {
    ...SHARED_EXEMPTIONS,
    'limit-range': 'LimitRange "{name}" of the namespace sets the limit',
    'pod-level': 'the pod has a memory limit of its own',
    patched: 'every kustomization that builds it sets the limit',
    copies: 'an init container that only puts files in place',
    quota: 'a quota refuses the pod for it, which k8s/quota-needs-value reports',
  },
  check(manifests: Manifests, report) {
    for (const container of manifests.containers) {
      const own = container.resources.memoryLimit;
      const zero = own !== undefined && own !== 'unknown' && own.quantity?.nano === 0n;
      if (own && own !== 'unknown' && !zero) continue;
      const at = placeOf(container);
      if (zero) {
        report.find({
          message: 'zero',
          at: placeIn(container.workload.object.file, own.span),
          confidence: 'high',
          severity: presenceSeverity(manifests, container),
          data: { container: nameOf(container) },
          fixes: possible(limitFix(manifests, container)),
        });
        continue;
      }
      const limit = manifests.memoryLimit(container);
      if (limit.state === 'unknown') {
        report.exempt({ reason: limit.reason, at, ...(limit.where ? { where: limit.where } : {}) });
        continue;
      }
      if (limit.state === 'known') {
        const { where } = limit;
        if (limit.source === 'limit-range') {
          const name = manifests.limitRangesFor(container.workload.object)[0]?.name ?? 'unnamed';
          report.exempt({ reason: 'limit-range', at, where, data: { name } });
        } else report.exempt({ reason: limit.source === 'pod-level' ? 'pod-level' : 'patch', at, where });
        continue;
      }
      if (manifests.isPatch(container)) {
        report.exempt({ reason: 'patch', at });
        continue;
      }
      if (container.role === 'init' && onlyCopies(container)) {
        report.exempt({ reason: 'copies', at });
        continue;
      }
      const lacking = lackingIn(manifests, container, 'limits');
      if (lacking.set.length > 0 && lacking.without.length === 0) {
        report.exempt({ reason: 'patched', at, where: lacking.set[0]!.where });
        continue;
      }
      const quota = requirements(manifests, container.workload.object).find((r) => r.side === 'limits');
      if (quota) {
        report.exempt({ reason: 'quota', at, where: placeIn(quota.quota.file, quota.amount.span) });
        continue;
      }
      report.find({
        message: 'missing',
        at,
        // A LimitRange or an admission webhook that is not in the workspace could still set one.
        confidence: 'medium',
        severity: presenceSeverity(manifests, container),
        data: { container: nameOf(container), overlays: inSomeOverlays(lacking) },
        related: relatedSetters(lacking),
        fixes: possible(limitFix(manifests, container)),
      });
    }
    const seen = new Set<string>();
    for (const { overlay, base, limit } of patchedContainers(manifests)) {
      const { change } = limit;
      if (change?.kind !== 'removed' || limit.value.state !== 'none' || !manifests.inScope(change.where.file))
        continue;
      const key = `${change.where.file}\0${change.where.span.start}`;
      // A limit that was not there cannot be removed.
      if (seen.has(key) || manifests.memoryLimit(base).state === 'none') continue;
      seen.add(key);
      // What makes a chart of the workload takes out what the chart's values will supply.
      if (overlay.patches.some((p) => p.file.text.includes('{{'))) {
        report.exempt({ reason: 'template-hole', at: change.where });
        continue;
      }
      const { name } = base;
      report.find({
        message: 'removed',
        at: change.where,
        confidence: 'medium',
        severity: presenceSeverity(manifests, base),
        data: { container: name === undefined ? 'a container' : `"${name}"` },
        related: relatedValue(manifests.memoryLimit(base), 'the limit it removes'),
        fixes: possible(keepLimit(change)),
      });
    }
  },
});

/** Commands that put files in place, and shells that run them; paths and options beside them. */
const COPIES = /^(\S*\/)?(cp|mv|install|chown|chmod|mkdir|ln|rm)(\s|$)/;
const AROUND_COPIES = /^(\/\S*|-\w+)$|^(\S*\/)?(sh|ash|bash)$/;

/** `command: ["cp", "/agent", "/shared/"]`, `args: ["sh", "-c", "cp -r /plugins /shared"]`, or paths alone. */
function onlyCopies({ node }: Container): boolean {
  const words = ['command', 'args'].flatMap((key) =>
    itemsAt(node, key).map((item) => (item.node.kind === 'scalar' ? item.node.text.trim() : '\0')),
  );
  return (
    words.length > 0 &&
    words.every(
      (w, i) => COPIES.test(w) || AROUND_COPIES.test(w) || (i > 0 && COPIES.test(words[0] as string)),
    ) &&
    !words.some((w) => /[;&|\n]/.test(w)) &&
    !(itemsAt(node, 'command').length > 0 && !words.some((w) => COPIES.test(w)))
  );
}

/** Writes a limit where a patch takes it away. */
function keepLimit({ container, operation, file }: Change): Fix | undefined {
  if (container) return placeholderLimit(container);
  if (operation?.op.text !== 'remove') return undefined;
  const value = /\/memory$/.test(operation.path.text)
    ? LIMIT_PLACEHOLDER
    : /\/limits$/.test(operation.path.text)
      ? `{memory: ${LIMIT_PLACEHOLDER}}`
      : `{limits: {memory: ${LIMIT_PLACEHOLDER}}}`;
  const op = replaceScalar(operation.op, 'replace');
  const added = insertEntry(file, operation.node, 'value', value, 'path');
  return fixOf(
    file,
    'Replace the memory limit instead: fill in the measured peak plus 25 %',
    'has-placeholders',
    op && added && [...op, ...added],
  );
}
