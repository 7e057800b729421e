import type { Steps } from '../core/steps.ts';
import { Calls } from '../program/calls/calls.ts';
import { findHolders } from '../program/lifetime/holders.ts';
import { Messages } from '../program/origins/messages.ts';
import { Buffers } from '../program/ownership/buffers.ts';
import { Effects, receiversOf } from '../program/places/effects.ts';
import { Writes } from '../program/places/writes.ts';
import type { Program } from '../program/program.ts';
import { findHelpers } from '../program/spawns/go-spawns.ts';
import { executorsOf } from '../program/spawns/spawn-sites.ts';

/**
 * Derives what takes all code of a program to be read. Nearly every package asks for all of it, but rules ask in the
 * middle of their work, where nobody else gets a turn.
 */
export function* readAhead(program: Program): Steps {
  for (const make of [
    Calls.make,
    Writes.make,
    receiversOf,
    Messages.make,
    findHelpers,
    executorsOf,
    findHolders,
  ])
    yield* program.deriveInSteps(make);
  // Side by side: what the one finds out about a function, its names and types, the other asks next.
  const both = [Effects.make, Buffers.make].map((make) => program.deriveInSteps(make));
  while (both.filter((steps) => !steps.next().done).length > 0) yield;
}
