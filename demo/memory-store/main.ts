import { setupTracing } from '@spanwise/sdk';
import { z } from 'zod';
import { createApp } from '../shared/app.ts';
import { untilItWorks } from '../shared/retry.ts';
import { runService } from '../shared/run-service.ts';
import { LOCAL_DATABASE_URL } from '../shared/services.ts';
import { readSettings } from '../shared/settings.ts';
import { createSqlPool } from '../shared/sql.ts';
import { createHistory } from './history.ts';
import { addHistoryRoutes } from './history-routes.ts';

const tracing = setupTracing('memory-store');
const settings = readSettings('memory-store', { DATABASE_URL: z.string().default(LOCAL_DATABASE_URL) });

const app = createApp('memory-store');
const sql = createSqlPool(settings.DATABASE_URL);
const history = createHistory(sql);
addHistoryRoutes(app, history);
await untilItWorks('database', app.log, () => history.createTable());
await runService({ app, host: settings.HOST, port: settings.PORT, tracing, close: () => sql.end() });
