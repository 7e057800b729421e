/** Calls by which a loop waits, and what they say of it. */

/** What a stream calls it: it may end. */
export const streamNext = /^(next|try_next|poll_next)$/;

/** What a loop waits by that tries again until something has worked. */
export const retryWaits = /^(sleep|sleep_until|wait|fetch|poll|receive|select)$/;

/** Calls that wait, or that an iterator or a collection has as well. */
export const eitherWaits = /^(next|wait|poll|fetch|receive|park|select|Next|Get|Take|Pop|Fetch|Wait)$/;

/** Go: methods and functions that take what a connection brings next: https://pkg.go.dev/encoding/gob#Decoder.Decode */
export const connectionReads =
  /^(Decode|Read|ReadFull|ReadAtLeast|ReadString|ReadBytes|ReadLine|ReadSlice|ReadMIMEHeader)$/;

/** Go: those of them that wait when they are given a context. */
export const iteratorCalls = /^(Next|Fetch)$/;
