/** What Rust programs make anew although one could be used again. */

/** Constructors of memory that is filled afterwards, by the last two segments of their path: what they make. */
export const rustFresh: Readonly<Record<string, 'list' | 'text'>> = {
  'Vec::new': 'list',
  'Vec::with_capacity': 'list',
  'VecDeque::new': 'list',
  'VecDeque::with_capacity': 'list',
  'BinaryHeap::new': 'list',
  'HashMap::new': 'list',
  'HashMap::with_capacity': 'list',
  'HashSet::new': 'list',
  'HashSet::with_capacity': 'list',
  'BytesMut::new': 'text',
  'BytesMut::with_capacity': 'text',
  'String::new': 'text',
  'String::with_capacity': 'text',
};

/** Collections whose memory `clear` keeps. Source: https://doc.rust-lang.org/std/vec/struct.Vec.html#method.clear */
export const rustClearable: ReadonlySet<string> = new Set(
  'Vec VecDeque BinaryHeap HashMap HashSet String BytesMut'.split(' '),
);

/**
 * Methods that copy the text or the bytes they are lent: https://doc.rust-lang.org/std/string/struct.String.html#method.push_str,
 * https://docs.rs/arrow/latest/arrow/array/type.StringBuilder.html
 */
export const copiesText =
  /^(push_str|write_str|write_all|extend_from_slice|put_slice|append|append_value|insert_str)$/;

/** What is built once and used often: by the last two segments of the path, with what it is. */
export const rustBuilders: Readonly<Record<string, { readonly what: string; readonly source: string }>> = {
  'Regex::new': {
    what: 'a regular expression',
    source: 'https://docs.rs/regex/latest/regex/#avoid-re-compiling-regexes-especially-in-a-loop',
  },
  'RegexSet::new': { what: 'a regular expression', source: 'https://docs.rs/regex' },
  'RegexBuilder::new': { what: 'a regular expression', source: 'https://docs.rs/regex' },
  'AhoCorasick::new': { what: 'an automaton', source: 'https://docs.rs/aho-corasick' },
  'Glob::new': { what: 'a pattern', source: 'https://docs.rs/globset' },
  'Handlebars::new': { what: 'a registry of templates', source: 'https://docs.rs/handlebars' },
  'Tera::new': { what: 'all templates', source: 'https://docs.rs/tera' },
  'reqwest::Client::new': {
    what: 'a pool of connections',
    source: 'https://docs.rs/reqwest/latest/reqwest/struct.Client.html',
  },
  'reqwest::Client::builder': {
    what: 'a pool of connections',
    source: 'https://docs.rs/reqwest/latest/reqwest/struct.Client.html',
  },
  'reqwest::ClientBuilder::new': {
    what: 'a pool of connections',
    source: 'https://docs.rs/reqwest/latest/reqwest/struct.Client.html',
  },
  'ureq::Agent::new': { what: 'a pool of connections', source: 'https://docs.rs/ureq' },
};
