// As hello-hono.js, in CommonJS. Run with `--import @spanwise/sdk/register`.
const { serve } = require('@hono/node-server');
const { Hono } = require('hono');

const app = new Hono();
app.get('/', (c) => c.text('Hello Node.js!'));

serve({ fetch: app.fetch, port: Number(process.env.PORT) }, (info) => {
  console.log(`listening on ${info.port}`);
});
