/** Names that tell that a value was just made. */

/** Go: options of a constructor, which change what is being made. */
export const optionNames = /^With[A-Z_]?|Opt(ion)?(s|Func|Fn)?$/;

/** Functions that give a new value. */
export const makerNames = /^(new|New|default|with_|make|create|Create|Default)/;

/** Rust: methods that run the closure they are given before they return. */
export const closureCalls =
  /^(for_each\w*|try_for_each|visit\w*|walk\w*|map|filter|filter_map|flat_map|inspect|fold|retain|with|map_or|and_then)$/;

/** Rust: functions of a type that give one of it, when nothing says what they give. */
export const associatedMakers = /^(new|default|with_|from|open|create|connect|build|start|try_|init|current)/;
