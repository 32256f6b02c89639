import { z } from 'zod';

/** Made by whoever starts the conversation; a UUID in the chat page. Narrow enough to stand in a path and a log. */
export const SessionId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, 'a session id has 1 to 64 letters, digits, - or _');
