/** How errors are called in both languages: by convention, which compilers do not check. */

/** What an error is called: `err`, `parseErr`. */
export const errorNames = /err/i;

/** What a function returns by name when it may have failed. */
export const failureNames = /^(e|err|error|res|result|self)$/;
