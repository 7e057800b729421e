/** What a queue of retries is worked off by. */

/** Takes everything out, to be worked off elsewhere. */
export const takesAll = /^(drain|split_off|take|mem::take|mem::replace|mem::swap)$/;

/** Takes one out, to be tried. */
export const takesFirst = /^(pop|pop_front|pop_back|swap_remove|slicing off the front)$/;

/** Names of calls that hand something to somebody who may not take it, and that answer whether they did. */
export const attemptNames = /^(try)?(send|deliver|post|publish|push|upload|forward|transmit)/i;
