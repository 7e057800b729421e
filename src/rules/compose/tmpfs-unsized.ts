import { defineRule } from '../../core/rule.ts';
import { limitOf } from '../../manifest/compose.ts';
import { replaceScalar, setAt } from '../../manifest/edit.ts';
import { fixOf, possible, SIZE_PLACEHOLDER } from '../../manifest/fixes.ts';
import type { Manifests } from '../../manifest/manifests.ts';
import { placeIn } from '../shared/manifests/manifest.ts';

export default defineRule({
  id: 'compose/tmpfs-unsized',
  tier: 'M',
  severity: 'information',
  summary: 'A tmpfs of a compose service that may fill its memory limit',
  note: {
    why: 'What is written to a tmpfs is memory of the container. Without a size it may become half of the memory of the host, and the container is killed at its limit instead of getting *no space left on device*.',
    arithmetic: 'limit ≥ program + the size of every tmpfs',
    myth: 'low-heap-is-safe',
  },
  messages: {
    unsized:
      'The tmpfs of the service "{service}" has no size. What is written there counts against its limit {limit}',
  },
  exemptions: {
    'no-limit': 'the service has no memory limit that it could fill',
  },
  check(manifests: Manifests, report) {
    for (const service of manifests.composeServices) {
      const { file, name } = service;
      const limit = limitOf(service);
      for (const { scalar, volume } of service.unsizedTmpfs) {
        const at = placeIn(file, scalar.span);
        if (limit?.bytes === undefined) {
          report.exempt({ reason: 'no-limit', at });
          continue;
        }
        const edits = volume
          ? setAt(file, volume, ['tmpfs', 'size'], SIZE_PLACEHOLDER)
          : replaceScalar(
              scalar,
              `${scalar.text}${scalar.text.includes(':') ? ',' : ':'}size=${SIZE_PLACEHOLDER}`,
            );
        report.find({
          message: 'unsized',
          at,
          confidence: 'high',
          data: { service: name.text, limit: limit.text },
          related: [{ ...placeIn(file, limit.scalar.span), message: 'the limit' }],
          fixes: possible(
            fixOf(file, 'Give the tmpfs a size: fill in the largest use', 'has-placeholders', edits),
          ),
        });
      }
    }
  },
});
