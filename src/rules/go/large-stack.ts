import { formatBytes } from '../../core/quantity.ts';
import { defineRule } from '../../core/rule.ts';
import type { Package } from '../../program/program.ts';
import { goArrays, goStackFor } from '../../program/sizes/stacks.ts';
import {
  checkDescents,
  descentExemptions,
  descentMessages,
  entered,
  heapFix,
} from '../shared/large-stack.ts';

/** With an array of this size a goroutine needs a stack of half a mebibyte, 256 times what it begins with. */
const LARGE_FRAME = 256 * 1024;

export default defineRule({
  id: 'go/large-stack',
  tier: 'B',
  severity: 'warning',
  summary: 'A large array in the frame of a function that many goroutines run',
  note: {
    why: 'A goroutine begins with 2 KiB and doubles its stack, copying it each time, until the frame fits. Stacks are no part of the heap that profiles show, and there is one for every goroutine.',
    arithmetic: 'goroutines × the next power of two above the frame',
    silence:
      'a slice of the array goes elsewhere, so the compiler keeps it on the heap, or it is start-up code',
    myth: 'low-heap-is-safe',
  },
  messages: {
    frame: '`{name}` takes {bytes} of stack in `{fn}`: each goroutine grows to {stack}',
    ...descentMessages,
  },
  exemptions: {
    'start-up-only': '`{fn}` runs once, while the program starts',
    ...descentExemptions,
  },
  check(pkg: Package, report) {
    if (pkg.language !== 'go') return;
    for (const array of goArrays(pkg, LARGE_FRAME)) {
      const { fn, node, name, bytes } = array;
      const at = fn.place(node);
      const { often, evidence } = entered(fn, node);
      if (often === 'once') {
        report.exempt({ reason: 'start-up-only', at, data: { fn: fn.label } });
        continue;
      }
      const isProven = often === 'request';
      report.find({
        message: 'frame',
        at,
        confidence: isProven ? 'high' : 'medium',
        related: evidence ? [{ ...evidence.at, message: evidence.why }] : [],
        fixes: heapFix(array),
        data: {
          name,
          fn: fn.label,
          bytes: formatBytes(BigInt(bytes)),
          stack: formatBytes(BigInt(goStackFor(bytes))),
        },
      });
    }
    checkDescents(pkg, report);
  },
});
