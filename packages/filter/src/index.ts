export { checkPattern, type PatternError } from './check-pattern.ts';
export { formatDuration } from './durations.ts';
export { evaluateFilter, type FilterSpan, type FilterSurroundings } from './evaluate-filter.ts';
export {
  findIntrinsic,
  type IntrinsicKind,
  type IntrinsicName,
  intrinsicKind,
  intrinsics,
} from './fields.ts';
export {
  type AgainstHistory,
  type All,
  type Any,
  type AttributeField,
  type AttributeLevel,
  attributeLevels,
  type Comparison,
  type ComparisonOperator,
  type Exists,
  type Field,
  type Filter,
  type IntrinsicField,
  type Match,
  type Membership,
  type Not,
  type Percentile,
  type Structure,
  type Value,
} from './filter.ts';
export { filterBounds } from './filter-bounds.ts';
export { formatField, formatFilter, formatText } from './format-filter.ts';
export {
  type FilterError,
  type NamedAttribute,
  type ParsedFields,
  type ParsedFilter,
  parseFields,
  parseFilter,
} from './parse-filter.ts';
export { type Token, type TokenType, tokenize } from './tokens.ts';
export { partsOf, percentilesOf } from './walk-filter.ts';
