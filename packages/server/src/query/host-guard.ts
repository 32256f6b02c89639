import { isIP } from 'node:net';

/**
 * Says under which names the query port may be asked. A page of another site can let its own name point to
 * 127.0.0.1 (DNS rebinding) and would then read everything; but it can't choose what `Host` the browser sends.
 * IP addresses are no names, so nobody can point them elsewhere.
 */
export function createHostGuard(
  listen: string,
  allowedHosts: readonly string[],
): (host: string | undefined) => boolean {
  const names = new Set([...allowedHosts, listen.toLowerCase()]);
  return (host) => {
    const name = hostNameOf(host);
    if (name === undefined) return false;
    return name === 'localhost' || name.endsWith('.localhost') || isIP(name) !== 0 || names.has(name);
  };
}

/** Of a Host header: lower case, without port, brackets or final dot. Absence: undefined when it is none. */
function hostNameOf(host: string | undefined): string | undefined {
  if (host === undefined || /[/?#@\\\s]/.test(host)) return undefined;
  const url = `http://${host}`;
  if (!URL.canParse(url)) return undefined;
  return new URL(url).hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}
