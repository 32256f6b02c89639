import { setupTracing } from '@spanwise/sdk';
import { z } from 'zod';
import { createApp } from '../shared/app.ts';
import { untilItWorks } from '../shared/retry.ts';
import { runService } from '../shared/run-service.ts';
import { LOCAL_DATABASE_URL } from '../shared/services.ts';
import { readSettings } from '../shared/settings.ts';
import { createSqlPool } from '../shared/sql.ts';
import { addMcpRoute } from './mcp.ts';
import { createOrderTable } from './orders.ts';
import { addToolRoutes } from './tool-routes.ts';
import { createTools } from './tools.ts';

const tracing = setupTracing('tool-execution');
const settings = readSettings('tool-execution', { DATABASE_URL: z.string().default(LOCAL_DATABASE_URL) });

const app = createApp('tool-execution', { maxBodyBytes: 32 * 1024 });
const sql = createSqlPool(settings.DATABASE_URL);
const tools = createTools(sql);
addToolRoutes(app, tools);
addMcpRoute(app, tools);
await untilItWorks('database', app.log, () => createOrderTable(sql));
await runService({ app, host: settings.HOST, port: settings.PORT, tracing, close: () => sql.end() });
