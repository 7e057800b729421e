import type { Steps } from '../core/steps.ts';
import { Buffers } from './buffers.ts';
import { Calls } from './calls.ts';
import { Effects, receiversOf } from './effects.ts';
import { findHelpers } from './go-spawns.ts';
import { findHolders } from './holders.ts';
import { Messages } from './messages.ts';
import type { Program } from './program.ts';
import { Writes } from './writes.ts';

/**
 * Derives what takes all code of a program to be read. Nearly every package asks for all of it, but rules ask in the
 * middle of their work, where nobody else gets a turn.
 */
export function* readAhead(program: Program): Steps {
  for (const make of [Calls.make, Writes.make, receiversOf, Messages.make, findHelpers, findHolders])
    yield* program.deriveInSteps(make);
  // Side by side: what the one finds out about a function, its names and types, the other asks next.
  const both = [Effects.make, Buffers.make].map((make) => program.deriveInSteps(make));
  while (both.filter((steps) => !steps.next().done).length > 0) yield;
}
