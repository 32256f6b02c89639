import { z } from 'zod';
import { DEFAULT_PORTS } from './services.ts';

/** A TCP port; 0 lets the system choose. */
const port = z.coerce.number().int().min(0).max(65_535);

/** An absent variable and an empty one are the same. */
function withoutEmpty(environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => (entry[1] ?? '') !== ''),
  );
}

/**
 * Reads HOST, PORT and the service's own variables. A wrong value ends the process before it listens, and
 * says which variable and what is wrong with it; the value itself may be a secret and is not repeated.
 */
export function readSettings<Shape extends z.ZodRawShape>(service: keyof typeof DEFAULT_PORTS, shape: Shape) {
  const schema = z.object({
    HOST: z.string().default('127.0.0.1'),
    PORT: port.default(DEFAULT_PORTS[service]),
    ...shape,
  });
  const result = schema.safeParse(withoutEmpty(process.env));
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    process.stderr.write(`${service}: ${issue.path.join('.')}: ${issue.message}\n`);
  }
  return process.exit(1);
}
