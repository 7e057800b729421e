/** Names that tell that a value was just made. */

/** Go: options of a constructor, which change what is being made. */
export const optionNames = /^With[A-Z_]?|Opt(ion)?(s|Func|Fn)?$/;

/** Functions that give a new value. */
export const makerNames = /^(new|New|default|with_|make|create|Create|Default)/;

/**
 * Methods that run the closure they are given before they return; Go's go through something, such as
 * https://pkg.go.dev/sync#Map.Range or https://pkg.go.dev/go.etcd.io/bbolt#DB.View.
 */
export const closureCalls =
  /^(for_each\w*|try_for_each|visit\w*|walk\w*|map|filter|filter_map|flat_map|inspect|fold|retain|with|map_or|and_then|Range|ForEach\w*|Each|Walk\w*|Iterate|Ascend\w*|Descend\w*|View|Visit\w*)$/;

/** Rust: functions of a type that give one of it, when nothing says what they give. */
export const associatedMakers =
  /^(parse|try_parse|parse_from|new|default|with_|from|open|create|connect|build|start|try_|init|current)/;

/** Rust: what gives the value that a pin holds: https://doc.rust-lang.org/std/pin/struct.Pin.html */
export const pinned = /^(get_mut|as_mut|get_unchecked_mut|project|into_inner)$/;
