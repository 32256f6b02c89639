import type { Server } from 'node:http';

/** Takes no more connections, lets running requests end, breaks off what is left after `timeoutMillis`. */
export async function closeHttp(server: Server, timeoutMillis: number): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  // A connection becomes idle when its request ends.
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  const timer = setTimeout(() => server.closeAllConnections(), timeoutMillis);
  await closed;
  clearInterval(idle);
  clearTimeout(timer);
}
