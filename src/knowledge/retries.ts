/** What a queue of retries is worked off by. */

/** Takes everything out, to be worked off elsewhere. */
export const takesAll = /^(drain|split_off|take|mem::take|mem::replace|mem::swap)$/;

/** Takes one out, to be tried. */
export const takesFirst = /^(pop|pop_front|pop_back|swap_remove|slicing off the front)$/;
