import type { Program } from '../program.ts';
import { RustValues } from '../types/rust-values.ts';
import { Values } from '../types/values.ts';
import { Places } from './places.ts';

/** Gives back what was found out about single expressions, as nobody asks much more about a package that was checked. */
export function forgetExpressions(program: Program): void {
  Values.of(program).forget();
  RustValues.of(program).forget();
  Places.of(program).forget();
}
