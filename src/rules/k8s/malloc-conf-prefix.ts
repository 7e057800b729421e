import type { Services } from '../../budget/services.ts';
import { defineRule } from '../../core/rule.ts';
import { replaceScalar } from '../../manifest/edit.ts';
import { fixOf, possible } from '../../manifest/fixes.ts';
import { placeIn } from '../shared/manifests/manifest.ts';
import { linkedContainers } from '../shared/manifests/services.ts';

export default defineRule({
  id: 'k8s/malloc-conf-prefix',
  tier: 'M',
  severity: 'warning',
  summary: 'Settings for jemalloc under a name that this build does not read',
  note: {
    why: 'The Rust crates of jemalloc prefix its symbols, and with them the variable: the build reads _RJEM_MALLOC_CONF and ignores MALLOC_CONF without a word.',
    myth: 'rust-unpredictable',
  },
  messages: {
    prefixed: '{allocator} of this program reads _RJEM_MALLOC_CONF; MALLOC_CONF is ignored',
    plain: '{allocator} of this program reads MALLOC_CONF; _RJEM_MALLOC_CONF is ignored',
  },
  exemptions: {
    both: 'the variable is set under both names',
    right: 'this is the name that the build reads',
  },
  check({ services }: Services, report) {
    for (const { container, service, file } of linkedContainers(services, 'rust')) {
      const { allocator, unprefixedJemalloc } = service.review.facts;
      if (allocator?.kind !== 'jemalloc') continue;
      const [right, wrong] = unprefixedJemalloc
        ? ['MALLOC_CONF', '_RJEM_MALLOC_CONF']
        : ['_RJEM_MALLOC_CONF', 'MALLOC_CONF'];
      for (const variable of container.env) {
        const at = placeIn(file, variable.nameScalar.span);
        if (variable.name === right) report.exempt({ reason: 'right', at });
        if (variable.name !== wrong) continue;
        if (container.env.some((e) => e.name === right)) {
          report.exempt({ reason: 'both', at });
          continue;
        }
        report.find({
          message: unprefixedJemalloc ? 'plain' : 'prefixed',
          at,
          confidence: 'high',
          data: { allocator: allocator.name },
          related: allocator.at ? [{ ...allocator.at, message: 'the allocator is set here' }] : [],
          fixes: possible(
            fixOf(
              file,
              `Rename it to ${right}`,
              'maybe-incorrect',
              replaceScalar(variable.nameScalar, right as string),
              variable.shared,
            ),
          ),
        });
      }
    }
  },
});
