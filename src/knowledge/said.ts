/** What authors write in comments beside a channel or a task without a bound, when they have thought about it. */

/** Words that say that something else is the bound. */
export const saidBounded =
  /back-?pressure|\b(safe|fine|ok|okay) to (use|be|have|leave)\b|\b(can|may|could) (safely )?(use|be) (an )?unbounded|\b(is|are) (already |always |effectively |naturally |implicitly )?(limited|bounded|capped|throttled) (by|to)\b|\b(bounded|limited) (elsewhere|because|since)\b|\b(won't|will not|cannot|can't|never) (grow|pile up|fall behind|block the|exceed)|\bat most (one|two|a few|\d+)\b/i;

/** Words that say that it is not done yet. */
export const saidOpen = /\b(TODO|FIXME|XXX|HACK|should be|should have|ideally|for now|maybe)\b|\?/i;
