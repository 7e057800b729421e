/** What loops in Rust turn over whose number of turns is known before. */

/** Collections that `len` measures. Source: https://doc.rust-lang.org/std/iter/trait.ExactSizeIterator.html#implementors */
export const rustMeasured: ReadonlySet<string> = new Set(
  'Vec slice array VecDeque BinaryHeap HashMap HashSet BTreeMap BTreeSet IndexMap IndexSet'.split(' '),
);

/** Methods of iterators and collections that leave the number of elements as it is. */
export const rustExactAdaptors =
  /^(iter|iter_mut|into_iter|enumerate|rev|map|cloned|copied|inspect|peekable|values|values_mut|into_values|keys|into_keys|zip)$/;
