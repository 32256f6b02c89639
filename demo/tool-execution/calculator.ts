import {
  absDependencies,
  addDependencies,
  ceilDependencies,
  cosDependencies,
  create,
  divideDependencies,
  eDependencies,
  expDependencies,
  type FactoryFunctionMap,
  type FunctionNode,
  floorDependencies,
  log10Dependencies,
  logDependencies,
  type MathNode,
  maxDependencies,
  minDependencies,
  modDependencies,
  multiplyDependencies,
  type OperatorNode,
  parseDependencies,
  piDependencies,
  powDependencies,
  roundDependencies,
  type SymbolNode,
  sinDependencies,
  sqrtDependencies,
  subtractDependencies,
  tanDependencies,
  unaryMinusDependencies,
  unaryPlusDependencies,
} from 'mathjs/number';
import { RequestError } from '../shared/request-error.ts';

export const MAX_EXPRESSION_CHARACTERS = 200;

/**
 * Numbers only, and only these functions: there is no `import`, no `evaluate`, no unit, matrix or string in
 * here to get hold of. Each works in constant time on numbers, so the length bounds the time as well.
 */
const math = create({
  absDependencies,
  addDependencies,
  ceilDependencies,
  cosDependencies,
  divideDependencies,
  eDependencies,
  expDependencies,
  floorDependencies,
  log10Dependencies,
  logDependencies,
  maxDependencies,
  minDependencies,
  modDependencies,
  multiplyDependencies,
  parseDependencies,
  piDependencies,
  powDependencies,
  roundDependencies,
  sinDependencies,
  sqrtDependencies,
  subtractDependencies,
  tanDependencies,
  unaryMinusDependencies,
  unaryPlusDependencies,
} as FactoryFunctionMap); // The types call each one optional; the module has them all.

const FUNCTIONS: ReadonlySet<string> = new Set([
  'abs',
  'ceil',
  'cos',
  'exp',
  'floor',
  'log',
  'log10',
  'max',
  'min',
  'round',
  'sin',
  'sqrt',
  'tan',
]);
const OPERATORS: ReadonlySet<string> = new Set(['+', '-', '*', '/', '^', '%', 'mod']);
const CONSTANTS: ReadonlySet<string> = new Set(['pi', 'e']);

/**
 * The value of an arithmetic expression such as `18% * 249.90` or `sqrt(2) ^ 3`.
 * @throws RequestError 422 `invalid_expression` for anything else, without saying what it was.
 */
export function calculate(expression: string): number {
  if (expression.length > MAX_EXPRESSION_CHARACTERS) throw invalid();
  let value: unknown;
  try {
    const root = math.parse(expression);
    root.traverse(assertAllowed);
    value = root.compile().evaluate({});
  } catch {
    throw invalid();
  }
  if (typeof value !== 'number' || !Number.isFinite(value)) throw invalid();
  // 0.1 + 0.2 is for programmers; people are shown 12 digits.
  return Number(value.toPrecision(12));
}

/** Numbers, parentheses, and what is listed above. No names, no assignments, no properties, no lists. */
function assertAllowed(node: MathNode, _path: string, parent: MathNode | null): void {
  switch (node.type) {
    case 'ConstantNode':
    case 'ParenthesisNode':
      return;
    case 'OperatorNode':
      if (OPERATORS.has((node as OperatorNode).op)) return;
      break;
    case 'FunctionNode':
      if (FUNCTIONS.has(String((node as FunctionNode).fn))) return;
      break;
    case 'SymbolNode': {
      const { name } = node as SymbolNode;
      // The name of a function is a node of its own, below the call.
      if (CONSTANTS.has(name) || (parent?.type === 'FunctionNode' && FUNCTIONS.has(name))) return;
      break;
    }
  }
  throw invalid();
}

function invalid(): RequestError {
  return new RequestError(422, 'invalid_expression');
}
