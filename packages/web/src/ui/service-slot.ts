/** Colours before they repeat with a stripe. */
export const serviceHues = 12;

/**
 * The place of each service in the catalogue, which decides its colour on every page. A service that the catalogue
 * does not know yet gets one by its name, so that it is the same everywhere all the same.
 */
export function createServiceSlots(catalogue: readonly string[]): (service: string) => number {
  const slots = new Map(catalogue.map((service, index) => [service, index]));
  return (service) => slots.get(service) ?? hash(service) % serviceHues;
}

function hash(text: string): number {
  let value = 0;
  for (let at = 0; at < text.length; at++) value = (Math.imul(value, 31) + text.charCodeAt(at)) >>> 0;
  return value;
}
