import { defineRule } from '../../core/rule.ts';
import { removeItem } from '../../manifest/edit.ts';
import { fixOf, possible } from '../../manifest/fixes.ts';
import type { Manifests } from '../../manifest/manifests.ts';
import type { EnvVar, ManifestFile } from '../../manifest/model.ts';
import { regionAt } from '../../manifest/template.ts';
import { nodeAt } from '../../manifest/yaml.ts';
import { placeIn } from '../shared/manifests/manifest.ts';

export default defineRule({
  id: 'k8s/gomemlimit-duplicate',
  tier: 'M',
  severity: 'warning',
  summary: 'Two GOMEMLIMIT entries in one container',
  note: {
    why: 'The last entry wins, the API server only warns, and server-side apply refuses the object. Whoever changes the first one changes nothing.',
    myth: 'fix-without-measuring',
  },
  messages: {
    twice:
      'GOMEMLIMIT is given twice{values}. The last one counts, and tools that apply on the server reject the manifest',
  },
  exemptions: {
    conditions: 'a template renders one or the other',
  },
  check(manifests: Manifests, report) {
    for (const container of manifests.statedContainers) {
      const { file } = container.workload.object;
      const entries = container.env.filter((e) => e.name === 'GOMEMLIMIT');
      const [first, last] = [entries[0], entries.at(-1)];
      if (!first || !last || first === last) continue;
      const at = placeIn(file, first.nameScalar.span);
      if (region(file, first) !== region(file, last)) {
        report.exempt({ reason: 'conditions', at });
        continue;
      }
      const list = nodeAt(container.node, 'env');
      const without = (variable: EnvVar, which: string) => {
        const item = list?.kind === 'list' ? list.items.find((i) => i.node === variable.node) : undefined;
        if (list?.kind !== 'list' || !item) return undefined;
        const title = `Delete the ${which} entry, ${textOf(variable)}`;
        return fixOf(file, title, 'maybe-incorrect', removeItem(file, list, item), variable.shared);
      };
      report.find({
        message: 'twice',
        at,
        confidence: 'high',
        data: { values: ` (${textOf(first)}, ${textOf(last)})` },
        related: [{ ...placeIn(file, last.nameScalar.span), message: 'this one counts' }],
        fixes: possible(without(first, 'first'), without(last, 'last')),
      });
    }
  },
});

function region(file: ManifestFile, variable: EnvVar): number {
  return regionAt(file.blanked, variable.nameScalar.span.start);
}

function textOf({ value, fieldRef, unknown }: EnvVar): string {
  if (fieldRef) return `from ${fieldRef.resource.text}`;
  return value && !unknown ? value.text : 'from elsewhere';
}
