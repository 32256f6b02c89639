/** What one filter may ask for; text beyond it is refused with the place. The server's table of limits shows these. */
export const filterBounds = {
  /** An address with a filter must fit into the headers of a request. */
  characters: 4_096,
  /** Parentheses, braces, `not`: each is a level of recursion, here and in the engine. */
  depth: 32,
  /** Conditions and the values of `in`, together. */
  terms: 100,
  patternCharacters: 512,
  /** Of repeats inside a pattern, as RE2 has it. */
  patternRepeats: 1_000,
  /** Parents that `>>` follows upwards. */
  ancestors: 100,
  /** Structure conditions: each reads whole traces. */
  structures: 4,
  /** Of `p99(…)`: the series that it reads, and how much of it. */
  percentiles: 4,
  lookbackDays: 90,
} as const;
