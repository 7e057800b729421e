import { type Service, type Services, takesMoreVariables, variableOf } from '../../budget/services.ts';
import type { RelatedPlace } from '../../core/finding.ts';
import { bytesOf } from '../../core/quantity.ts';
import { defineRule } from '../../core/rule.ts';
import type { Place } from '../../core/span.ts';
import { effectiveOrDefault } from '../../manifest/chart-resources.ts';
import { goMemoryLimitFor, possible, setEnv } from '../../manifest/fixes.ts';
import type { Manifests } from '../../manifest/manifests.ts';
import type { Container } from '../../manifest/model.ts';
import { type BuiltContainer, builtContainers, overlayName, variableIn } from '../../manifest/overlay.ts';
import { directoryOf } from '../../manifest/paths.ts';
import { nodeAt, scalarAt } from '../../manifest/yaml.ts';
import { nameOf, placeOf, sourceOf } from '../shared/manifests/manifest.ts';
import {
  isAtLeast,
  linkedComposeServices,
  linkedContainers,
  SETTING_EXEMPTIONS,
  setElsewhere,
  variablesElsewhere,
} from '../shared/manifests/services.ts';

/** Variables that nothing but the Go runtime reads. */
const GO_ONLY = /^(GODEBUG|GOGC|GOMAXPROCS|GOTRACEBACK)$/;

export default defineRule({
  id: 'k8s/gomemlimit-missing',
  tier: 'M',
  severity: 'warning',
  summary: 'A Go program that does not know the memory limit of its container',
  note: {
    why: 'The Go runtime does not read the limit of its container. With GOGC=100 the heap may reach twice what is live before a collection, and the kernel kills at the limit although half of it is garbage.',
    arithmetic: 'GOMEMLIMIT = 0.9 × limit − tmpfs − other processes',
    myth: 'low-heap-is-safe',
  },
  messages: {
    linked:
      'The Go runtime does not read the {limit} limit{source} of {container}. Peak heap may reach 2 × live (GOGC=100) before a collection',
    likely:
      '{container} looks like a Go program ({variable}) and has no GOMEMLIMIT. The runtime does not read its {limit} limit{source}',
  },
  exemptions: {
    'unknown-limit': 'the memory limit is not known here',
    ...SETTING_EXEMPTIONS,
    own: 'the program sets a memory limit itself with {by}',
    'no-limit': 'there is no memory limit to keep to',
    off: 'its collector is off, which k8s/gogc-off judges',
    'old-go': 'go.mod says Go {version}, and GOMEMLIMIT came with 1.19',
  },
  check({ manifests, services }: Services, report) {
    const judged = new Set<Container>();
    const composed = new Set<string>();
    for (const linked of linkedContainers(services, 'go')) {
      const { container, service, at } = linked;
      judged.add(container);
      const stated = effectiveOrDefault(manifests, container, 'limits');
      // What its own file leaves out an overlay may set.
      const overlay = stated.state === 'none' ? limitedOverlay(manifests, container) : undefined;
      const limit = overlay?.limit.value ?? stated;
      if (limit.state === 'unknown') {
        report.exempt({ reason: 'unknown-limit', at });
        continue;
      }
      if (limit.state === 'none') {
        report.exempt({ reason: 'no-limit', at });
        continue;
      }
      const { ownMemoryLimit, goVersion } = service.review.facts;
      if (ownMemoryLimit) {
        report.exempt({ reason: 'own', at, where: ownMemoryLimit.at, data: { by: ownMemoryLimit.by } });
        continue;
      }
      const off = collectorOff(service);
      if (off) {
        report.exempt({ reason: 'off', at, where: off });
        continue;
      }
      const set = setElsewhere(manifests, linked, ['GOMEMLIMIT']);
      if (set) {
        report.exempt({ reason: set.reason, at, where: set.where });
        continue;
      }
      if (goVersion !== '' && !isAtLeast(goVersion, '1.19')) {
        report.exempt({ reason: 'old-go', at, data: { version: goVersion } });
        continue;
      }
      const related: RelatedPlace[] = [
        { ...limit.where, message: `the limit${sourceOf(limit)}` },
        { ...service.review.executable.main, message: `the program: ${service.link.evidence}` },
      ];
      report.find({
        message: 'linked',
        at,
        confidence: 'high',
        ...(isBrief(container) ? { severity: 'information' as const } : {}),
        data: {
          limit: limit.text,
          source: overlay ? ` of overlay "${overlayName(overlay.kustomization)}"` : sourceOf(limit),
          container: nameOf(container).toLowerCase(),
        },
        related,
        // Other values of the chart bring another limit. What an overlay sets belongs into its patch.
        fixes: overlay
          ? fixesFor(manifests, overlay.limit.change?.container, bytesOf(limit.quantity))
          : limit.source === 'values'
            ? []
            : fixesFor(manifests, container, bytesOf(limit.quantity)),
      });
    }
    for (const service of linkedComposeServices(services, 'go')) {
      const { unit, limit, link, review } = service;
      const { at } = unit;
      if (!limit) {
        report.exempt({ reason: 'no-limit', at });
        continue;
      }
      const { ownMemoryLimit, goVersion } = review.facts;
      const set = variableOf(unit, link, 'GOMEMLIMIT');
      if (ownMemoryLimit) {
        report.exempt({ reason: 'own', at, where: ownMemoryLimit.at, data: { by: ownMemoryLimit.by } });
      } else if (collectorOff(service)) {
        report.exempt({ reason: 'off', at });
      } else if (set || takesMoreVariables(unit)) {
        report.exempt({ reason: set ? 'set' : 'elsewhere', at, where: set?.at ?? at });
      } else if (goVersion !== '' && !isAtLeast(goVersion, '1.19')) {
        report.exempt({ reason: 'old-go', at, data: { version: goVersion } });
      } else {
        const named = manifests.statedContainers.find((c) => c.at === at.span);
        report.find({
          message: 'linked',
          at,
          confidence: 'high',
          // Compose seldom is where a service runs for long.
          severity: 'information',
          data: { limit: limit.text, source: '', container: `the service "${unit.name}"` },
          related: [
            { ...limit.where, message: 'the limit' },
            { ...review.executable.main, message: `the program: ${link.evidence}` },
          ],
          fixes: named ? fixesFor(manifests, named, limit.bytes) : [],
        });
      }
      composed.add(`${at.file}\0${at.span.start}`);
    }
    // Without the code only the runtime's own variables tell.
    for (const container of manifests.statedContainers) {
      if (composed.has(`${container.workload.object.file.file}\0${container.at.start}`)) continue;
      const sign = container.env.find((e) => GO_ONLY.test(e.name));
      if (judged.has(container) || !sign || manifests.isPatch(container)) continue;
      const limit = manifests.memoryLimit(container);
      if (limit.state !== 'known' || container.env.some((e) => e.name === 'GOMEMLIMIT')) continue;
      const at = placeOf(container);
      const elsewhere =
        container.workload.object.kind === 'Values'
          ? templateSetting(manifests, container, 'GOMEMLIMIT')
          : container.workload.object.kind === 'Compose'
            ? container.envOpen
              ? { reason: 'elsewhere' as const, where: at }
              : undefined
            : variablesElsewhere(manifests, container, ['GOMEMLIMIT']);
      if (elsewhere) {
        report.exempt({ reason: elsewhere.reason, at, where: elsewhere.where });
        continue;
      }
      // Whoever switches the collector off is told so by k8s/gogc-off.
      if (sign.name === 'GOGC' && sign.value?.text === 'off') continue;
      report.find({
        message: 'likely',
        at,
        confidence: 'medium',
        severity: 'information',
        data: {
          container: nameOf(container),
          variable: sign.name,
          limit: limit.text,
          source: sourceOf(limit),
        },
        related: [
          { file: at.file, span: sign.nameScalar.span, message: `${sign.name} is read by the Go runtime` },
          { ...limit.where, message: `the limit${sourceOf(limit)}` },
        ],
        fixes: fixesFor(manifests, container, bytesOf(limit.quantity)),
      });
    }
  },
});

/** What switches the collector off: a variable of the container or of its image, or the program. */
function collectorOff({ unit, link, review }: Service): Place | undefined {
  const gogc = variableOf(unit, link, 'GOGC');
  return gogc?.value === 'off' ? gogc.at : review.facts.collectorOff;
}

/** The first kustomization that gives a container a memory limit and no GOMEMLIMIT. */
function limitedOverlay(manifests: Manifests, container: Container): BuiltContainer | undefined {
  const without = variableIn(manifests, container, ['GOMEMLIMIT'])?.without;
  return builtContainers(manifests, container).find(
    ({ kustomization, limit }) =>
      limit.value.state === 'known' && limit.change && (!without || without.includes(kustomization)),
  );
}

/** A template of the chart around values that sets a variable. */
function templateSetting(manifests: Manifests, { workload }: Container, name: string) {
  const folder = directoryOf(workload.object.file.file);
  const templates = `${folder === '' ? '' : `${folder}/`}templates/`;
  for (const { file, text } of manifests.files.values()) {
    const start = file.startsWith(templates) ? text.indexOf(name) : -1;
    if (start >= 0)
      return { reason: 'elsewhere' as const, where: { file, span: { start, end: start + name.length } } };
  }
  return undefined;
}

/** True for what ends before much garbage can gather: an init container, and a hook of a chart. */
function isBrief({ role, workload }: Container): boolean {
  const annotations = nodeAt(workload.object.root, 'metadata', 'annotations');
  return role === 'init' || scalarAt(annotations, 'helm.sh/hook') !== undefined;
}

function fixesFor(manifests: Manifests, container: Container | undefined, limit: bigint) {
  if (!container) return [];
  const value = goMemoryLimitFor(limit, manifests.memoryVolumeBytes(container));
  return possible(
    value
      ? setEnv(container, 'GOMEMLIMIT', value, `Set GOMEMLIMIT to ${value}, 90 % of the limit`)
      : undefined,
  );
}
