// "Your first server" of fastify.dev/docs/latest/Guides/Getting-Started, but for the port. Run with `--import @spanwise/sdk/register`.
import Fastify from 'fastify';

const fastify = Fastify({
  logger: true,
});

fastify.get('/', async () => {
  return { hello: 'world' };
});

const start = async () => {
  try {
    await fastify.listen({ port: process.env.PORT });
  } catch (err) {
    fastify.log.error(err);
    process.exit(1);
  }
};
start();
