/** Calls that only tell: lines of a log, metrics. */

/** Calls that write a line of a log, or count. */
export const reportingCalls =
  /^(e?print(ln)?|Print(f|ln)?|Fprint(f|ln)?|trace|debug|info|warn(ing)?|error|log|Trace|Debug|Info|Warn(ing)?|Error|Log)(f|w|ln|Context)?$|^(Inc|Observe|IncrementCounter|increment|inc)$/;
