/** What stands where a value was. */
const mask = '*';

/**
 * A URL, or the path and query of one, without what people typed into it: query values, user and password, and
 * a fragment that carries parameters. Names of parameters stay.
 */
export function maskUrl(url: string): string {
  const hash = url.indexOf('#');
  const beforeFragment = hash < 0 ? url : url.slice(0, hash);
  const fragment = hash < 0 ? '' : url.slice(hash + 1);
  const question = beforeFragment.indexOf('?');
  const path = question < 0 ? beforeFragment : beforeFragment.slice(0, question);
  const query = question < 0 ? '' : `?${maskQuery(beforeFragment.slice(question + 1))}`;
  const kept = /[=&?]/.test(fragment) ? mask : fragment;
  return maskUser(path) + query + (hash < 0 ? '' : `#${kept}`);
}

/** What is left of a resource's URI: `https://docs.example/*`, `file:///*`, `note:*`. Only web hosts are names. */
export function maskResourceUri(uri: string): string {
  const scheme = /^[a-z][a-z0-9+.-]{0,31}:/i.exec(uri)?.[0];
  if (scheme === undefined) return mask;
  const host = /^(https?|wss?|file):\/\/(?:[^/?#@]*@)?([^/?#@]*)/i.exec(uri);
  return host === null ? `${scheme}${mask}` : `${host[1]}://${host[2]}/${mask}`;
}

/** `a=1&b` becomes `a=*&*`: a part without a name is all value. */
export function maskQuery(query: string): string {
  const text = query.startsWith('?') ? query.slice(1) : query;
  if (text === '') return query;
  const masked = text.split('&').map((part) => {
    const equals = part.indexOf('=');
    if (equals < 0) return part === '' ? '' : mask;
    return `${part.slice(0, equals)}=${mask}`;
  });
  return (query.startsWith('?') ? '?' : '') + masked.join('&');
}

/** `scheme://user:password@host` loses user and password; the authority ends at the first slash. */
function maskUser(path: string): string {
  const scheme = path.indexOf('://');
  if (scheme < 0) return path;
  const start = scheme + 3;
  const slash = path.indexOf('/', start);
  const end = slash < 0 ? path.length : slash;
  const at = path.lastIndexOf('@', end - 1);
  return at < start ? path : `${path.slice(0, start)}${mask}${path.slice(at)}`;
}
