/** Which measurements are about a container: those of the nearest folder that name it, its workload or its program. */

import type { Place } from '../core/span.ts';
import type { Measured } from '../measure/measurement.ts';
import type { Container } from './model.ts';
import { directoryOf } from './paths.ts';

/** What a file says was measured of one service. */
export interface MeasuredService extends Measured {
  readonly container?: string;
  readonly workload?: string;
  /** The service's name in the file. */
  readonly at: Place;
}

/** What else is called by the names in the manifests. */
export interface MeasuredNames {
  /** The names of the programs that run in a container. */
  readonly programs: (container: Container) => readonly string[];
  /** True for the name of a container or workload: then it is not that of a program, which others may run, too. */
  readonly isTaken: (name: string) => boolean;
}

/** A file speaks about its folder and all below it. */
export function measuredOf(
  services: readonly MeasuredService[],
  container: Container,
  names: MeasuredNames,
): MeasuredService | undefined {
  // What a laptop runs was not measured, and what a chart calls a container only its template says.
  if (container.workload.object.kind === 'Compose') return undefined;
  const { file } = container.workload.object.file;
  const about = services
    .filter(({ at }) => isAbove(directoryOf(at.file), file))
    .map((service) => ({ service, rank: rankOf(service, container, names) }))
    .filter(({ rank }) => rank > 0)
    .sort(
      (a, b) =>
        directoryOf(b.service.at.file).length - directoryOf(a.service.at.file).length || b.rank - a.rank,
    );
  return about[0]?.service;
}

function isAbove(folder: string, file: string): boolean {
  return folder === '' || file.startsWith(`${folder}/`);
}

/** How well a service's names fit a container; 0 when they do not. */
function rankOf(service: MeasuredService, container: Container, names: MeasuredNames): number {
  const workload = container.workload.object.name;
  if (service.container !== undefined || service.workload !== undefined) {
    const name = service.container ?? (service.workload === undefined ? service.name : undefined);
    if (service.workload !== undefined && service.workload !== workload) return 0;
    if (name === undefined) return isTheOne(container) ? 4 : 0;
    return name === container.name ? 4 : 0;
  }
  if (service.name === container.name) return service.name === workload ? 3 : 2;
  if (!isTheOne(container)) return 0;
  if (service.name === workload) return 3;
  return !names.isTaken(service.name) && names.programs(container).includes(service.name) ? 1 : 0;
}

/** True for the one container of a pod that no init container or sidecar is; a patch may name fewer than there are. */
function isTheOne({ role, workload }: Container): boolean {
  return role === 'container' && workload.containers.filter((c) => c.role === 'container').length === 1;
}
