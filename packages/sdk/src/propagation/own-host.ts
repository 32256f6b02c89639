import { isIP } from 'node:net';

/** Ends of names that public DNS does not resolve: Kubernetes, Docker, RFC 6762, ICANN's reserved `.internal`. */
const PRIVATE_SUFFIXES: readonly string[] = ['.svc', '.cluster.local', '.local', '.internal', '.localhost'];

/** Loopback, RFC 1918, link-local; IPv6 loopback, unique local, link-local. */
const PRIVATE_ADDRESS = /^(?:127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\.|::1$|f[cd]|fe80:)/i;

/**
 * True for a host of the own network: a private address, a name without a dot (a service of the cluster or
 * compose file), a name that only private DNS knows, or one of `allowed` (`api.example.com`, `.example.com`
 * for all below it).
 */
export function isOwnHost(host: string, allowed: readonly string[]): boolean {
  const name = host.replace(/^\[|\]$/g, '').toLowerCase();
  if (isIP(name) !== 0) return PRIVATE_ADDRESS.test(name) || allowed.includes(name);
  if (!name.includes('.')) return true;
  return (
    PRIVATE_SUFFIXES.some((suffix) => name.endsWith(suffix)) ||
    allowed.some((entry) => (entry.startsWith('.') ? name.endsWith(entry) : name === entry))
  );
}
