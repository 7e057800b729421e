/**
 * The review of a workspace: for each program that containers run the checklist answered with evidence, its ledgers, its
 * findings and what to do next; and apart from them what no container runs.
 */

import type { Service, Services } from '../budget/services.ts';
import { type Exemption, type Finding, SEVERITIES } from '../core/finding.ts';
import type { Tier } from '../core/rule.ts';
import { contains, overlaps, type Place } from '../core/span.ts';
import { HORIZONTAL, scaledWorkload } from '../manifest/autoscalers.ts';
import type { KubeObject } from '../manifest/model.ts';
import type { Executable } from '../workload/executables.ts';
import type { LinkedUnit } from '../workload/link.ts';
import { type Answer, checklistOf } from './checklist.ts';
import { nextSteps, type Step } from './next-steps.ts';
import type { Judged, Subject } from './subject.ts';

export interface ReviewInput {
  readonly services: Services;
  /** Every program of the workspace. */
  readonly executables: readonly Executable[];
  /** Everything that rules said, in the order findings are shown. */
  readonly judged: readonly Judged[];
  readonly exemptions: readonly Exemption[];
  /** Source files of Rust and Go. */
  readonly sources: readonly string[];
  readonly tierOf: (rule: string) => Tier | undefined;
}

export interface PartReview extends Subject {
  readonly checklist: readonly Answer[];
  /** The largest risk first. */
  readonly next: readonly Step[];
  /** The gravest first. */
  readonly findings: readonly Finding[];
}

export interface ServiceReview extends PartReview {
  readonly executable: Executable;
}

export interface Review {
  /** Those at the largest risk first. */
  readonly services: readonly ServiceReview[];
  /** Code that no container here runs; undefined when there is none. */
  readonly unrun:
    | (PartReview & {
        /** Without the tools of the repository, which no container is meant to run. */
        readonly programs: readonly Executable[];
      })
    | undefined;
  /** Findings about manifests that run nothing of this workspace. */
  readonly others: readonly Finding[];
  /** Containers that may run something of this workspace, which could not be told. */
  readonly unlinked: readonly LinkedUnit[];
}

/** Reviews everything. The same input gives the same review. */
export function reviewOf(input: ReviewInput): Review {
  const { services, executables, judged, sources } = input;
  const claimed = new Set<Judged>();
  const parts = byProgram(services.services).map((containers): ServiceReview => {
    const { executable, files } = (containers[0] as Service).review;
    const autoscalers = autoscalersOf(services, containers);
    const isAbout = areaOf(services, containers, autoscalers);
    const own = judged.filter(({ finding }) => isAbout(finding));
    for (const j of own) claimed.add(j);
    const exemptions = input.exemptions.filter((e) => isAbout(e));
    const subject = { executable, containers, files, autoscalers, judged: own, exemptions };
    return { ...partOf(input, subject), executable };
  });
  const run = new Set(services.services.flatMap((s) => [...s.review.files]));
  const left = sources.filter((file) => !run.has(file));
  const isLeft = new Set(left);
  const rest = judged.filter((j) => !claimed.has(j));
  const used = new Set(services.services.map((s) => s.review.executable.id));
  const unrun = partOf(input, {
    executable: undefined,
    containers: [],
    files: isLeft,
    autoscalers: [],
    judged: rest.filter((j) => isLeft.has(j.finding.file)),
    exemptions: input.exemptions.filter((e) => isLeft.has(e.file)),
  });
  return {
    services: parts.sort(byRisk),
    unrun: left.length === 0 ? undefined : { ...unrun, programs: executables.filter((e) => !used.has(e.id)) },
    others: shown(rest.filter((j) => !isLeft.has(j.finding.file))),
    unlinked: services.units.filter((u) => u.links.length === 0 && !u.foreign),
  };
}

function partOf(input: ReviewInput, subject: Subject): PartReview {
  return {
    ...subject,
    checklist: checklistOf(subject, input.services.manifests),
    next: nextSteps(subject, input.services.manifests, input.tierOf),
    findings: shown(subject.judged),
  };
}

function shown(judged: readonly Judged[]): Finding[] {
  const findings = judged.flatMap((j) => (j.fate === 'shown' ? [j.finding] : []));
  return SEVERITIES.flatMap((severity) => findings.filter((f) => f.severity === severity));
}

/** Services that run the same program, in the order of the first container of each. */
function byProgram(services: readonly Service[]): Service[][] {
  const groups = new Map<string, Service[]>();
  for (const service of services) {
    const { id } = service.review.executable;
    const group = groups.get(id);
    if (group) group.push(service);
    else groups.set(id, [service]);
  }
  return [...groups.values()];
}

/** Horizontal autoscalers of the workloads around some containers. */
function autoscalersOf({ manifests }: Services, containers: readonly Service[]): KubeObject[] {
  const workloads = new Set(
    containers.flatMap(({ unit }) => (unit.kind === 'container' ? [unit.container.workload] : [])),
  );
  return HORIZONTAL.flatMap((kind) => manifests.objectsOf(kind)).filter((object) => {
    const workload = scaledWorkload(manifests, object);
    return workload !== undefined && workloads.has(workload);
  });
}

/** Tells what is said about the code of a program, or about the manifests of its containers. */
function areaOf(
  { manifests }: Services,
  containers: readonly Service[],
  autoscalers: readonly KubeObject[],
): (place: Place) => boolean {
  const images = new Set(containers.flatMap(({ link }) => link.contents?.dockerfile.file ?? []));
  const patches = manifests.containers.filter((c) => manifests.isPatch(c));
  // What changes a container in an overlay is about it as well.
  const own = containers.flatMap(({ unit }) =>
    unit.kind === 'container'
      ? [unit.container, ...patches.filter((p) => manifests.basesOf(p).includes(unit.container))]
      : [],
  );
  return ({ file, span }) => {
    if (containers[0]?.review.files.has(file) || images.has(file)) return true;
    if (autoscalers.some((o) => o.file.file === file && contains(o.root.span, span))) return true;
    const isOfUnit = containers.some(({ unit, limit }) => {
      if (limit?.where.file === file && overlaps(limit.where.span, span)) return true;
      if (unit.kind !== 'service' || unit.at.file !== file) return false;
      return contains(unit.service.node.span, span) || overlaps(unit.at.span, span);
    });
    return (
      isOfUnit ||
      own.some(({ workload, node }) => {
        const { object } = workload;
        if (object.file.file !== file || !contains(object.root.span, span)) return false;
        return contains(node.span, span) || !workload.containers.some((c) => contains(c.node.span, span));
      })
    );
  };
}

function byRisk(a: ServiceReview, b: ServiceReview): number {
  const open = (part: ServiceReview) => part.checklist.filter((answer) => answer.status === 'no').length;
  const grave = (part: ServiceReview) => part.findings.filter((f) => f.severity === 'error').length;
  const [x, y] = [a.executable, b.executable];
  return (
    open(b) - open(a) ||
    grave(b) - grave(a) ||
    b.findings.length - a.findings.length ||
    (x.name < y.name ? -1 : x.name > y.name ? 1 : x.id < y.id ? -1 : 1)
  );
}
