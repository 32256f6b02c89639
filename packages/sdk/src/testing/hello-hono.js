// "Hello world" of hono.dev/docs/getting-started/nodejs, but for the port. Run with `--import @spanwise/sdk/register`.
import { serve } from '@hono/node-server';
import { Hono } from 'hono';

const app = new Hono();
app.get('/', (c) => c.text('Hello Node.js!'));

serve({ fetch: app.fetch, port: Number(process.env.PORT) }, (info) => {
  console.log(`listening on ${info.port}`);
});
