import { formatBytes } from '../../core/quantity.ts';
import { defineRule } from '../../core/rule.ts';
import { type ComposeAmount, type ComposeService, limitOf } from '../../manifest/compose.ts';
import { replaceScalar, setAt } from '../../manifest/edit.ts';
import { fixOf, possible } from '../../manifest/fixes.ts';
import type { Manifests } from '../../manifest/manifests.ts';
import { nodeAt } from '../../manifest/yaml.ts';
import { placeIn } from '../shared/manifests/manifest.ts';

export default defineRule({
  id: 'compose/two-values',
  tier: 'M',
  severity: 'warning',
  summary: 'Memory values of one compose service that contradict each other',
  note: {
    why: 'Compose refuses a service with two different limits, and the daemon a reservation above the limit. What a tmpfs or shared memory may hold counts against the limit: above it, writing ends in a kill instead of an error.',
    myth: 'oom-is-a-crash',
  },
  messages: {
    limits: 'The service "{service}" has two memory limits, {short} and {long}: compose refuses it',
    half: 'The service "{service}" has mem_limit {short} beside deploy.resources.limits without memory. Compose refuses it',
    reservation:
      'The service "{service}" reserves {reservation} of memory, more than its limit {limit}. It does not start',
    tmpfs:
      'The service "{service}" may write {size} into memory, above its limit {limit}. It is killed before the tmpfs is full',
  },
  exemptions: {
    variable: 'a variable that is not known here supplies the value',
    equal: 'both say the same number of bytes',
  },
  check(manifests: Manifests, report) {
    for (const service of manifests.composeServices) {
      const { file, amounts, name } = service;
      const short = amounts.mem_limit;
      const long = amounts['deploy.resources.limits.memory'];
      const limit = limitOf(service);
      const data = { service: name.text };
      if (short && long) {
        const at = placeIn(file, short.scalar.span);
        if (short.bytes === undefined || long.bytes === undefined) report.exempt({ reason: 'variable', at });
        else if (short.bytes === long.bytes) report.exempt({ reason: 'equal', at });
        else {
          report.find({
            message: 'limits',
            at,
            confidence: 'high',
            data: { ...data, short: short.text, long: long.text },
            related: [{ ...placeIn(file, long.scalar.span), message: `the other one, ${long.text}` }],
            fixes: possible(
              write(service, short, long, `Make both ${long.text}`),
              write(service, long, short, `Make both ${short.text}`),
            ),
          });
        }
      }
      const block = nodeAt(service.node, 'deploy', 'resources', 'limits');
      if (short?.bytes && !long && block?.kind === 'map' && block.entries.length > 0 && !block.open) {
        report.find({
          message: 'half',
          at: placeIn(file, short.scalar.span),
          confidence: 'medium',
          data: { ...data, short: short.text },
          related: [{ ...placeIn(file, block.entries[0]!.key.span), message: 'counts as a limit of 0' }],
          fixes: possible(
            fixOf(
              file,
              `Write ${short.text} there, too`,
              'maybe-incorrect',
              setAt(file, service.node, ['deploy', 'resources', 'limits', 'memory'], short.scalar.text),
            ),
          ),
        });
      }
      if (limit?.bytes === undefined) continue;
      const reservation = amounts.mem_reservation ?? amounts['deploy.resources.reservations.memory'];
      if (reservation?.bytes !== undefined && reservation.bytes > limit.bytes) {
        report.find({
          message: 'reservation',
          at: placeIn(file, reservation.scalar.span),
          confidence: 'high',
          data: { ...data, reservation: reservation.text, limit: limit.text },
          related: [{ ...placeIn(file, limit.scalar.span), message: 'the limit' }],
          fixes: possible(write(service, reservation, limit, `Reserve no more than ${limit.text}`)),
        });
      }
      const written = [...service.tmpfs, ...(amounts.shm_size ? [amounts.shm_size] : [])];
      for (const { bytes, scalar } of written) {
        if (bytes === undefined || bytes <= limit.bytes) continue;
        report.find({
          message: 'tmpfs',
          at: placeIn(file, scalar.span),
          confidence: 'high',
          data: { ...data, size: formatBytes(bytes), limit: limit.text },
          related: [{ ...placeIn(file, limit.scalar.span), message: 'the limit' }],
        });
      }
    }
  },
});

function write({ file }: ComposeService, to: ComposeAmount, from: ComposeAmount, title: string) {
  return fixOf(file, title, 'maybe-incorrect', replaceScalar(to.scalar, from.scalar.text));
}
