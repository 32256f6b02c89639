/** Whether a URL answers well, for a container's health check: the image has no curl. `node deploy/health-check.ts <url>`. */
const url = process.argv[2] ?? 'http://127.0.0.1:13133/status';
const response = await fetch(url, { signal: AbortSignal.timeout(2000) }).catch(() => undefined);
process.exitCode = response?.ok ? 0 : 1;
