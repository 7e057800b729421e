import { formatBytes } from '../../core/quantity.ts';
import { defineRule } from '../../core/rule.ts';
import { Phases } from '../../program/phases/phases.ts';
import type { Package } from '../../program/program.ts';
import { manyAtOnce, rustArrays, type StackSizeSite, stackSizes } from '../../program/sizes/stacks.ts';
import { chooseLimit, replace } from '../shared/fixes/limit-fix.ts';
import {
  checkDescents,
  descentExemptions,
  descentMessages,
  entered,
  heapFix,
} from '../shared/large-stack.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

/** A quarter of the 2 MiB that a thread of std and of tokio has for all its frames. */
const LARGE_FRAME = 512 * KIB;
/** An array across an `await` is part of every task: ten thousand of them at this size are 640 MiB. */
const LARGE_FUTURE = 64 * KIB;
/** Stacks of a pool below this are what deep recursion needs, and little beside a limit. */
const LARGE_STACK = 16 * MIB;
const LARGE_POOL = 256 * MIB;

const messages = {
  stacks: '`{verb}` lets each of {threads} threads fill {bytes}, and what is filled stays',
  frame: '`{name}` takes {bytes} of a stack that has 2 MiB for all frames',
  future: '`{name}` makes every task of `{fn}` {bytes} larger: it lives across an `await`',
  boxed: '{what} of {bytes} is made on the stack before it is boxed',
  ...descentMessages,
} as const;

const exemptions = {
  'one-thread': 'only one thread has it',
  modest: 'all of them together reserve {bytes}',
  'one-task': 'one task of `{fn}` has it, not one for each request',
  'start-up-only': '`{fn}` runs once, while the program starts',
  ...descentExemptions,
} as const;

export default defineRule({
  id: 'rust/large-stack',
  tier: 'B',
  severity: 'warning',
  summary: 'Large arrays in frames and futures, or threads with very large stacks',
  note: {
    why: 'A page of a stack that was touched once stays resident while its thread lives, so one deep call in each thread adds up. An array across an `await` is part of every task there is, and one that does not fit the stack is the end of the service.',
    arithmetic: 'threads × stack that was ever touched; tasks × size of their future',
    silence: 'one thread gets the stack, all of them together are small, or it is start-up code',
    myth: 'average-for-limits',
  },
  messages,
  exemptions,
  check(pkg: Package, report) {
    if (pkg.language !== 'rust') return;
    for (const site of stackSizes(pkg)) {
      const { fn, bytes, verb, argument } = site;
      const at = fn.place(argument);
      const threads = countOf(site);
      if (bytes < LARGE_STACK) continue;
      if (threads === 1) {
        report.exempt({ reason: 'one-thread', at });
        continue;
      }
      const all = bytes * (threads === 'many' ? 4 : threads);
      if (all < LARGE_POOL) {
        report.exempt({ reason: 'modest', at, data: { bytes: text(all) } });
        continue;
      }
      report.find({
        message: 'stacks',
        at,
        confidence: typeof threads === 'number' || bytes >= LARGE_POOL ? 'high' : 'medium',
        severity: 'information',
        fixes: [
          chooseLimit('Reserve 8 MiB for each thread', () => [replace(fn, argument, '8 * 1024 * 1024')]),
        ],
        data: { verb, threads: threads === 'many' ? 'its' : threads, bytes: text(bytes) },
      });
    }
    for (const array of rustArrays(pkg, LARGE_FUTURE)) {
      const { fn, node, bytes, where, of } = array;
      if (where !== 'future' && bytes < LARGE_FRAME) continue;
      const at = fn.place(node);
      const { often, evidence } = entered(fn, node);
      if (often === 'once') {
        report.exempt({ reason: 'start-up-only', at, data: { fn: fn.label } });
        continue;
      }
      // A future that is there once is as large as it is.
      if (where === 'future' && often === 'request' && !manyAtOnce(fn, node)) {
        report.exempt({ reason: 'one-task', at, data: { fn: fn.label } });
        continue;
      }
      const isProven = often === 'request';
      const base = {
        at,
        confidence: isProven ? 'high' : 'medium',
        related: [
          ...(of
            ? [{ ...of.file.place(of.fact.nameSpan), message: `\`${of.fact.name}\` has the arrays` }]
            : []),
          ...(evidence ? [{ ...evidence.at, message: evidence.why }] : []),
        ],
        fixes: of ? [] : heapFix(array),
      } as const;
      const name = array.name || 'The array';
      // An optimising compiler writes it where it will lie: only what is built without that makes it first.
      if (where === 'boxed')
        report.find({
          ...base,
          message: 'boxed',
          confidence: 'medium',
          data: { what: of ? `The \`${of.fact.name}\`` : 'The array', bytes: text(bytes) },
        });
      else if (where === 'future')
        report.find({ ...base, message: 'future', data: { name, fn: fn.label, bytes: text(bytes) } });
      else report.find({ ...base, message: 'frame', data: { name, bytes: text(bytes) } });
    }
    checkDescents(pkg, report);
  },
});

/** One builder outside loops is one thread, unless the code around it runs again and again. */
function countOf({ fn, node, threads }: StackSizeSite): number | 'many' {
  if (threads !== 1) return threads;
  return Phases.of(fn.package.program).at(fn, node).request ? 'many' : 1;
}

function text(bytes: number): string {
  return formatBytes(BigInt(bytes));
}
