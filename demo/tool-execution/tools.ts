import { z } from 'zod';
import { validate } from '../shared/request-error.ts';
import type { Sql } from '../shared/sql.ts';
import { calculate, MAX_EXPRESSION_CHARACTERS } from './calculator.ts';
import { readClock } from './clock.ts';
import { lookUpOrder } from './orders.ts';

/** Something an agent can do. */
export interface Tool {
  readonly name: string;
  /** For the model, which chooses by it. */
  readonly description: string;
  readonly parameters: z.ZodObject;
  /** @throws RequestError with a code that tells the agent why it did not work. */
  run(parameters: unknown): Promise<object>;
}

export function createTools(sql: Sql, now: () => Date = () => new Date()): readonly Tool[] {
  return [
    createTool({
      name: 'calculator',
      description: 'Calculates an arithmetic expression such as "18% * 249.90" or "sqrt(2) ^ 3".',
      parameters: z.object({ expression: z.string().min(1).max(MAX_EXPRESSION_CHARACTERS) }),
      run: ({ expression }) => ({ expression, result: calculate(expression) }),
    }),
    createTool({
      name: 'clock',
      description:
        'Tells time and date in a time zone ("Asia/Tokyo") or large city ("Tokyo"); UTC if none is given.',
      parameters: z.object({ time_zone: z.string().min(1).max(64).default('UTC') }),
      run: ({ time_zone }) => readClock(time_zone, now()),
    }),
    createTool({
      name: 'lookup_order',
      description: 'Looks up status, item and delivery date of an order by its number.',
      parameters: z.object({ order_number: z.number().int().min(1).max(99_999_999) }),
      run: ({ order_number }) => lookUpOrder(sql, order_number),
    }),
  ];
}

function createTool<Parameters extends z.ZodObject>(tool: {
  readonly name: string;
  readonly description: string;
  readonly parameters: Parameters;
  readonly run: (parameters: z.output<Parameters>) => object | Promise<object>;
}): Tool {
  return { ...tool, run: async (parameters) => tool.run(validate(tool.parameters, parameters)) };
}
