/** What a person could say about a container that runs something unknown. */
import { overlaps, type Span } from '../core/span.ts';
import type { WorkloadLinks } from './links.ts';

/** One program that a container may run, as an entry of `services` in `headroom.yaml`. */
export interface LinkChoice {
  readonly title: string;
  /** The name of the service, and what tells its container. */
  readonly service: string;
  readonly container: string;
  readonly workload: string | undefined;
  /** The file of `main`. */
  readonly source: string;
}

/** More choices than these are a search, not a choice. */
const MOST = 5;

/** The choices for the container at a place; none where more than a likeness of names tells. */
export function linkChoices({ units, executables }: WorkloadLinks, file: string, span: Span): LinkChoice[] {
  const found = units.find(({ unit }) => unit.at.file === file && overlaps(unit.at.span, span));
  if (!found || found.unit.name === undefined || found.links.some((l) => l.confidence !== 'weak')) return [];
  const { unit } = found;
  const likely = executables.filter((e) => !e.auxiliary);
  return (likely.length > 0 ? likely : executables).slice(0, MOST).map((e) => ({
    title: `Link "${unit.name}" to the program ${e.name} (headroom.yaml)`,
    service: unit.name as string,
    container: unit.name as string,
    workload: unit.kind === 'container' ? unit.workload : undefined,
    source: e.file,
  }));
}
