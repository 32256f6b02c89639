// As hello-fastify.js, in CommonJS. Run with `--import @spanwise/sdk/register`.
const fastify = require('fastify')({
  logger: true,
});

fastify.get('/', async () => {
  return { hello: 'world' };
});

fastify.listen({ port: process.env.PORT }, (err) => {
  if (err) {
    fastify.log.error(err);
    process.exit(1);
  }
});
