import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { RequestError, validate } from '../shared/request-error.ts';
import type { Tool } from './tools.ts';

const ToolRequest = z.object({ arguments: z.record(z.string(), z.unknown()).default({}) });

/** The tools as plain JSON, which is what the conversation manager uses. */
export function addToolRoutes(app: FastifyInstance, tools: readonly Tool[]): void {
  app.get('/tools', () => ({
    tools: tools.map(({ name, description, parameters }) => ({
      name,
      description,
      parameters: z.toJSONSchema(parameters, { io: 'input' }),
    })),
  }));

  app.post<{ Params: { name: string } }>('/tools/:name', async (request) => {
    const tool = tools.find(({ name }) => name === request.params.name);
    if (tool === undefined) throw new RequestError(404, 'unknown_tool');
    return { result: await tool.run(validate(ToolRequest, request.body).arguments) };
  });
}
