/** What runs images: containers of pods and services of compose files. */

import { bytesOf } from '../core/quantity.ts';
import type { Place } from '../core/span.ts';
import { templatedText } from '../manifest/chart.ts';
import { effectiveOrDefault } from '../manifest/chart-resources.ts';
import type { ComposeService } from '../manifest/compose.ts';
import type { Effective, Manifests } from '../manifest/manifests.ts';
import type { Container } from '../manifest/model.ts';
import { lookUp, scalarAt, type YamlNode } from '../manifest/yaml.ts';

interface Common {
  readonly name: string | undefined;
  /** Where a person looks for it: the name, else the start. */
  readonly at: Place;
  /** As the manifest gives it; a part that a template supplies and no default tells is `*`. */
  readonly image: string | undefined;
  /** What replaces the image's `ENTRYPOINT` and `CMD`. */
  readonly command: readonly string[] | undefined;
  readonly arguments: readonly string[] | undefined;
}

export interface ContainerUnit extends Common {
  readonly kind: 'container';
  readonly container: Container;
  /** Name of the workload around it. */
  readonly workload: string | undefined;
}

export interface ServiceUnit extends Common {
  readonly kind: 'service';
  readonly service: ComposeService;
}

/** One thing that runs an image. */
export type Unit = ContainerUnit | ServiceUnit;

/** All units of the files in scope, in the order of files and text. Patches are none: they change another one. */
export function unitsOf(manifests: Manifests): Unit[] {
  const units: Unit[] = [];
  for (const container of manifests.containers)
    if (!manifests.isPatch(container)) units.push(containerUnit(manifests, container));
  for (const service of manifests.composeServices) {
    if (!service.complete) continue;
    units.push({
      kind: 'service',
      service,
      name: service.name.text,
      at: { file: service.file.file, span: service.name.span },
      image: scalarAt(service.node, 'image')?.text,
      command: wordsAt(service.node, 'entrypoint'),
      arguments: wordsAt(service.node, 'command'),
    });
  }
  return units;
}

/** A container as a unit; a patch is one, too, when it is asked for. */
export function containerUnit(manifests: Manifests, container: Container): ContainerUnit {
  const { object } = container.workload;
  const image = scalarAt(container.node, 'image');
  return {
    kind: 'container',
    container,
    name: container.name,
    workload: object.name,
    at: { file: object.file.file, span: container.at },
    image: container.image ?? (image && templatedText(manifests, object.file, image)),
    command: wordsAt(container.node, 'command'),
    arguments: wordsAt(container.node, 'args'),
  };
}

/** The words of a list or of a text that a shell would split; undefined when something else supplies them. */
function wordsAt(node: YamlNode, key: string): readonly string[] | undefined {
  const found = lookUp(node, key);
  if (!found || found === 'unknown' || !found.value || found.value.open) return undefined;
  if (found.value.kind === 'scalar') return found.value.text.split(/\s+/).filter((w) => w !== '');
  if (found.value.kind !== 'list') return undefined;
  const words = found.value.items.map(({ node: item }) => (item.kind === 'scalar' ? item.text : undefined));
  return words.every((w) => w !== undefined) ? words : undefined;
}

/** The memory limit of a unit in bytes with its place, where it is known. */
export interface UnitLimit {
  readonly bytes: bigint;
  readonly text: string;
  readonly where: Place;
  readonly effective?: Effective & { readonly state: 'known' };
}

/** The request a container gets, copied from its limit where it states none; compose services have none. */
export function requestOf(manifests: Manifests, unit: Unit): Omit<UnitLimit, 'effective'> | undefined {
  if (unit.kind !== 'container') return undefined;
  const request = effectiveOrDefault(manifests, unit.container, 'requests');
  return request.state === 'known' && request.quantity.nano > 0n
    ? { bytes: bytesOf(request.quantity), text: request.text, where: request.where }
    : undefined;
}

/** The limit a unit gets; undefined when it has none or none that is known. */
export function limitOf(manifests: Manifests, unit: Unit): UnitLimit | undefined {
  if (unit.kind === 'container') {
    const effective = effectiveOrDefault(manifests, unit.container, 'limits');
    if (effective.state !== 'known' || effective.quantity.nano <= 0n) return undefined;
    return {
      bytes: bytesOf(effective.quantity),
      text: effective.text,
      where: effective.where,
      effective,
    };
  }
  const found = unit.service.memoryLimit;
  if (!found || found === 'unknown' || found.value?.kind !== 'scalar') return undefined;
  const bytes = composeBytes(found.value.text);
  if (bytes === undefined || bytes <= 0n) return undefined;
  return { bytes, text: found.value.text, where: { file: unit.at.file, span: found.value.span } };
}

/** A size in a compose file: units are binary and their case does not matter (docker/go-units `RAMInBytes`). */
export function composeBytes(text: string): bigint | undefined {
  const match = /^(\d+)(?:\.(\d+))?\s*([kmgtp]?)i?b?$/i.exec(text.trim());
  if (!match) return undefined;
  const [, whole = '', fraction = '', unit = ''] = match;
  const power = 'kmgtp'.indexOf(unit.toLowerCase()) + 1;
  return (
    (BigInt(whole + fraction) * 1024n ** BigInt(unit === '' ? 0 : power)) / 10n ** BigInt(fraction.length)
  );
}
