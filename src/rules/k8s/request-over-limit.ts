import type { Fix } from '../../core/finding.ts';
import { bytesOf, formatBytes } from '../../core/quantity.ts';
import { defineRule, type Reporter } from '../../core/rule.ts';
import { possible, setContainerMemory, writeAmount } from '../../manifest/fixes.ts';
import type { Effective, Manifests } from '../../manifest/manifests.ts';
import type { Container } from '../../manifest/model.ts';
import { type Change, isAlwaysPatched, patchedContainers } from '../../manifest/overlay.ts';
import { overriddenValues } from '../../manifest/values-overrides.ts';
import { isImplausible, placeIn, placeOf, relatedValue, sourceOf } from '../shared/manifests/manifest.ts';
import { OVERLAID } from '../shared/manifests/overlays.ts';

const messages = {
  over: 'Request {request}{requestSource} > limit {limit}{limitSource}: rejected by the API server',
} as const;
const exemptions = { unit: 'the limit has a wrong unit, which is reported instead', ...OVERLAID } as const;
type Report = Reporter<typeof messages, typeof exemptions>;

type Known = Extract<Effective, { state: 'known' }>;

export default defineRule({
  id: 'k8s/request-over-limit',
  tier: 'M',
  severity: 'error',
  summary: 'A memory request above the limit: the API server rejects the object',
  note: {
    why: 'The API server rejects a pod that requests more than its limit, so nothing is started or updated.',
    arithmetic: 'M = 1 000 000 bytes, Mi = 1 048 576 bytes: 512M is 488Mi',
  },
  messages,
  exemptions,
  check(manifests: Manifests, report) {
    for (const container of manifests.statedContainers) {
      const { memoryLimit, memoryRequest } = container.resources;
      // Patches are judged together with what they change, below.
      if ((!memoryLimit && !memoryRequest) || manifests.isPatch(container)) continue;
      const limit = manifests.memoryLimit(container);
      const request = manifests.memoryRequest(container);
      if (limit.state !== 'known' || request.state !== 'known') continue;
      if (limit.quantity.nano === 0n || request.quantity.nano <= limit.quantity.nano) continue;
      const { file } = container.workload.object;
      const own = [request, limit].find((v) => v.source === 'own');
      const at = own ? placeIn(file, own.amount.span) : placeOf(container);
      if (isImplausible(limit.quantity)) {
        report.exempt({ reason: 'unit', at, where: limit.where });
        continue;
      }
      if (isAlwaysPatched(manifests, container, ['limits', 'requests'])) {
        report.exempt({ reason: 'overlaid', at });
        continue;
      }
      report.find({
        message: 'over',
        at,
        confidence: 'high',
        data: {
          request: both(request),
          requestSource: sourceOf(request),
          limit: both(limit),
          limitSource: sourceOf(limit),
        },
        related:
          own === request
            ? relatedValue(limit, `the limit, ${formatBytes(bytesOf(limit.quantity))}`)
            : relatedValue(request, `the request, ${formatBytes(bytesOf(request.quantity))}`),
        fixes: repairs(container, request, limit),
      });
    }
    checkPods(manifests, report);
    checkOverlays(manifests, report);
    checkValues(manifests, report);
  },
});

/** Requests and limits of a whole pod. */
function checkPods(manifests: Manifests, report: Report): void {
  for (const { object, podResources } of manifests.workloads) {
    const { memoryLimit: limit, memoryRequest: request } = podResources;
    if (!limit || limit === 'unknown' || !limit.quantity || limit.quantity.nano <= 0n) continue;
    if (!request || request === 'unknown' || !request.quantity) continue;
    if (request.quantity.nano <= limit.quantity.nano) continue;
    const at = placeIn(object.file, request.span);
    const where = placeIn(object.file, limit.span);
    if (isImplausible(limit.quantity)) {
      report.exempt({ reason: 'unit', at, where });
      continue;
    }
    report.find({
      message: 'over',
      at,
      confidence: 'high',
      data: {
        request: request.text,
        requestSource: ' of the pod',
        limit: limit.text,
        limitSource: ' of the pod',
      },
      related: [{ ...where, message: 'the limit of the pod' }],
      fixes: possible(
        writeAmount(object.file, limit, request.text, `Raise the limit of the pod to ${request.text}`),
        writeAmount(object.file, request, limit.text, `Lower the request of the pod to ${limit.text}`),
      ),
    });
  }
}

/** Values files that override one of the two that the chart's defaults state. */
function checkValues(manifests: Manifests, report: Report): void {
  for (const { file, base, over } of overriddenValues(manifests)) {
    const amount = (side: 'memoryLimit' | 'memoryRequest', container: Container) => {
      const stated = container.resources[side];
      return stated && stated !== 'unknown' && stated.quantity ? stated : undefined;
    };
    const own = { limit: amount('memoryLimit', over), request: amount('memoryRequest', over) };
    const manifest = manifests.files.get(file);
    // Both in one file are judged there.
    if (!manifest || (own.limit === undefined) === (own.request === undefined)) continue;
    const limit = own.limit ?? amount('memoryLimit', base);
    const request = own.request ?? amount('memoryRequest', base);
    if (!limit?.quantity || !request?.quantity || limit.quantity.nano <= 0n) continue;
    if (request.quantity.nano <= limit.quantity.nano || isImplausible(limit.quantity)) continue;
    const defaults = base.workload.object.file;
    report.find({
      message: 'over',
      at: placeIn(manifest, (own.limit ?? own.request)!.span),
      confidence: 'high',
      data: {
        request: request.text,
        requestSource: own.request ? '' : ' of the default values',
        limit: limit.text,
        limitSource: own.limit ? '' : ' of the default values',
      },
      related: [
        own.limit
          ? { ...placeIn(defaults, request.span), message: 'the request of the default values' }
          : { ...placeIn(defaults, limit.span), message: 'the limit of the default values' },
      ],
      fixes: possible(
        own.limit
          ? writeAmount(manifest, own.limit, request.text, `Raise the limit to ${request.text}`)
          : writeAmount(manifest, own.request!, limit.text, `Lower the request to ${limit.text}`),
      ),
    });
  }
}

function checkOverlays(manifests: Manifests, report: Report): void {
  const seen = new Set<string>();
  for (const { limit, request } of patchedContainers(manifests)) {
    const [l, r] = [limit.value, request.value];
    const change = request.change ?? limit.change;
    if (!change || l.state !== 'known' || r.state !== 'known' || !manifests.inScope(change.where.file))
      continue;
    if (l.quantity.nano === 0n || r.quantity.nano <= l.quantity.nano) continue;
    const key = `${change.where.file}\0${change.where.span.start}`;
    if (seen.has(key)) continue;
    seen.add(key);
    if (isImplausible(l.quantity)) {
      report.exempt({ reason: 'unit', at: change.where, where: l.where });
      continue;
    }
    report.find({
      message: 'over',
      at: change.where,
      confidence: 'high',
      data: {
        request: both(r),
        requestSource: request.change ? '' : ' from the base',
        limit: both(l),
        limitSource: limit.change ? '' : ' from the base',
      },
      related: request.change ? relatedValue(l, 'the limit') : relatedValue(r, 'the request'),
      fixes: overlayRepairs(change, l, r),
    });
  }
}

/** In the patch alone: the base serves other overlays too. */
function overlayRepairs(change: Change, limit: Known, request: Known): Fix[] {
  const { container, operation, file } = change;
  if (container) return repairs(container, request, limit);
  const amount = operation && [limit, request].find((v) => v.where.file === file.file);
  if (!amount) return [];
  return possible(
    amount === limit
      ? writeAmount(file, limit.amount, request.text, `Raise the limit to ${request.text}`)
      : writeAmount(file, request.amount, limit.text, `Lower the request to ${limit.text}`),
  );
}

/** As written, with the bytes where the unit hides them: `512M (488.3Mi)`. */
function both({ text, quantity }: Known): string {
  const bytes = formatBytes(bytesOf(quantity));
  return text === bytes ? text : `${text} (${bytes})`;
}

function repairs(container: Container, request: Known, limit: Known): Fix[] {
  return possible(
    setContainerMemory(
      container,
      'limits',
      request.text,
      `Raise the limit to ${request.text}`,
      'maybe-incorrect',
    ),
    setContainerMemory(
      container,
      'requests',
      limit.text,
      `Lower the request to ${limit.text}`,
      'maybe-incorrect',
    ),
  );
}
