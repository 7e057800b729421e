import type { Services } from '../../budget/services.ts';
import { defineRule } from '../../core/rule.ts';
import { possible } from '../../manifest/fixes.ts';
import { placeIn } from '../shared/manifests/manifest.ts';
import { type LinkedContainer, linkedContainers, removeVariable } from '../shared/manifests/services.ts';

/** Variables of one allocator each. */
const GLIBC = /^MALLOC_(ARENA_MAX|ARENA_TEST|TRIM_THRESHOLD_|TOP_PAD_|MMAP_THRESHOLD_|MMAP_MAX_)$/;
const MIMALLOC = /^MIMALLOC_/;
const JEMALLOC = /^(_RJEM_)?MALLOC_CONF$/;

export default defineRule({
  id: 'k8s/dead-allocator-env',
  tier: 'M',
  severity: 'information',
  summary: 'Settings for an allocator that the program does not use',
  note: {
    why: 'Each allocator reads its own variables. One for another allocator does nothing, and whoever tunes memory believes that it does.',
    myth: 'fix-without-measuring',
  },
  messages: {
    dead: '{name} has no effect: this program uses {allocator}',
  },
  exemptions: {
    read: 'the allocator of the program reads it',
    unknown: 'the allocator of the program is not known',
    'no-c': 'Go with cgo may allocate through the C library',
  },
  check({ services }: Services, report) {
    for (const linked of [...linkedContainers(services, 'rust'), ...linkedContainers(services, 'go')]) {
      for (const variable of linked.container.env) {
        const { name } = variable;
        const kind = GLIBC.test(name)
          ? 'glibc'
          : MIMALLOC.test(name)
            ? 'mimalloc'
            : JEMALLOC.test(name)
              ? 'jemalloc'
              : undefined;
        if (!kind) continue;
        const at = placeIn(linked.file, variable.nameScalar.span);
        const used = allocatorOf(linked);
        if (used === 'cgo') {
          report.exempt({ reason: 'no-c', at });
          continue;
        }
        if (used === undefined) {
          report.exempt({ reason: 'unknown', at });
          continue;
        }
        if (used.kind === kind) {
          report.exempt({ reason: 'read', at, ...(used.at ? { where: used.at } : {}) });
          continue;
        }
        report.find({
          message: 'dead',
          at,
          confidence: 'high',
          data: { name, allocator: used.name },
          related: used.at ? [{ ...used.at, message: 'the allocator is set here' }] : [],
          fixes: possible(removeVariable(linked.container, variable, `Remove ${name}`)),
        });
      }
    }
  },
});

/** What the program allocates with; `cgo` for Go that may use C. */
function allocatorOf({ service }: LinkedContainer) {
  const { allocator, cgo } = service.review.facts;
  const contents = service.link.contents;
  if (service.review.executable.language === 'go')
    return cgo || contents?.cgo !== false
      ? 'cgo'
      : { kind: 'go', name: "Go's own allocator, without C", at: undefined };
  // A dependency alone may be for something else.
  if (allocator)
    return allocator.at ? { kind: allocator.kind, name: allocator.name, at: allocator.at } : undefined;
  if (contents?.libc === 'musl') return { kind: 'musl', name: 'the allocator of musl', at: undefined };
  return contents?.libc === 'glibc' ? { kind: 'glibc', name: 'glibc', at: undefined } : undefined;
}
