/** What a compose service builds. */

import type { ComposeService } from '../manifest/compose.ts';
import { directoryOf } from '../manifest/paths.ts';
import { lookUp, nodeAt, textAt } from '../manifest/yaml.ts';
import type { ImageBuild } from './builds.ts';
import { imageName } from './image.ts';
import { substitute } from './shell.ts';

/** The build of a service with the variables of `.env` put in; undefined when it only names an image. */
export function composeBuild(
  service: ComposeService,
  environment: ReadonlyMap<string, string>,
): ImageBuild | undefined {
  const build = lookUp(service.node, 'build');
  const image = imageName(service.name.text);
  if (!build || build === 'unknown' || !build.value || !image) return undefined;
  const put = (text: string | undefined) =>
    text === undefined ? undefined : substitute(text, (name) => environment.get(name));
  const { value } = build;
  const args = nodeAt(value, 'args');
  return {
    tool: 'compose',
    at: { file: service.file.file, span: build.entry.key.span },
    image,
    bases: [directoryOf(service.file.file)],
    context: put(value.kind === 'scalar' ? value.text : textAt(value, 'context')),
    dockerfile: put(textAt(value, 'dockerfile')),
    inContext: true,
    target: put(textAt(value, 'target')),
    args: new Map(
      args?.kind === 'map'
        ? args.entries.flatMap(({ key, value: v }): [string, string][] =>
            v?.kind === 'scalar' ? [[key.text, put(v.text)!]] : [],
          )
        : [],
    ),
    programs: [],
  };
}
