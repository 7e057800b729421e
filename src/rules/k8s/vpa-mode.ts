import { defineRule } from '../../core/rule.ts';
import { verticalPolicy } from '../../manifest/autoscalers.ts';
import { fixOf, possible } from '../../manifest/fixes.ts';
import type { Manifests } from '../../manifest/manifests.ts';
import type { YamlScalar } from '../../manifest/model.ts';
import { placeIn, SHARED_EXEMPTIONS } from '../shared/manifests/manifest.ts';

const MODES = ['Off', 'Initial', 'Recreate', 'InPlaceOrRecreate', 'InPlace'];

export default defineRule({
  id: 'k8s/vpa-mode',
  tier: 'M',
  severity: 'warning',
  summary: 'An update mode that a VerticalPodAutoscaler does not have, or no longer should',
  note: {
    why: 'The mode decides whether pods are restarted to change their memory. One that the API does not know is refused; `Auto` hides what happens, which today is a restart.',
    myth: 'optimise-once',
  },
  messages: {
    auto: 'updateMode Auto of the VPA {name} is deprecated. It evicts pods to change them, as Recreate says openly',
    unknown: 'updateMode {mode} of the VPA {name} does not exist: rejected by the API server',
    boolean: 'updateMode {mode} of the VPA {name} without quotes is a boolean. The API server rejects it',
  },
  exemptions: {
    'template-hole': SHARED_EXEMPTIONS['template-hole'],
  },
  check(manifests: Manifests, report) {
    for (const object of manifests.objects) {
      if (object.kind !== 'VerticalPodAutoscaler') continue;
      const policy = verticalPolicy(object);
      const mode = policy?.mode;
      if (!mode) {
        if (!policy) report.exempt({ reason: 'template-hole', at: placeIn(object.file, object.at) });
        continue;
      }
      const at = placeIn(object.file, mode.span);
      const name = object.name === undefined ? 'of the chart' : `"${object.name}"`;
      const data = { name, mode: mode.text };
      const write = (value: string, title: string) =>
        fixOf(object.file, title, 'maybe-incorrect', [{ span: mode.span, newText: value }]);
      if (isBoolean(mode)) {
        report.find({
          message: 'boolean',
          at,
          confidence: 'high',
          severity: 'error',
          data,
          fixes: possible(write('"Off"', 'Quote it: "Off" only recommends')),
        });
      } else if (mode.text === 'Auto') {
        report.find({
          message: 'auto',
          at,
          confidence: 'high',
          severity: 'information',
          data,
          fixes: possible(
            write('Recreate', 'Write Recreate: the same behaviour'),
            write('InPlaceOrRecreate', 'Resize in place where possible: InPlaceOrRecreate'),
          ),
        });
      } else if (!MODES.includes(mode.text)) {
        const meant = MODES.find((m) => m.toLowerCase() === mode.text.toLowerCase());
        report.find({
          message: 'unknown',
          at,
          confidence: 'high',
          data,
          fixes: possible(
            meant
              ? write(`"${meant}"`, `Write ${meant}`)
              : write('Recreate', 'Write Recreate: pods are evicted to change them'),
          ),
        });
      }
    }
  },
});

/** `Off`, `off`, `On` … without quotes are booleans to the reader that kubectl and Helm use (YAML 1.1). */
function isBoolean(mode: YamlScalar): boolean {
  return mode.style === 'plain' && /^(off|Off|OFF|on|On|ON|true|false|no|No|NO|yes|Yes|YES)$/.test(mode.text);
}
