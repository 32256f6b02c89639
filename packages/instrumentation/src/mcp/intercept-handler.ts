type Handler = (...args: never[]) => unknown;

/**
 * Puts `wrap` around whatever handler is or will be set as `target[name]`: a transport calls the handler that
 * the protocol above it sets. A property with accessors in the class, as the HTTP transports have, keeps them.
 */
export function interceptHandler(target: object, name: string, wrap: (handler: Handler) => Handler): void {
  const inherited = accessorOf(target, name);
  let current: unknown = (target as Record<string, unknown>)[name];
  const isEnumerable = Object.getOwnPropertyDescriptor(target, name)?.enumerable ?? false;
  Object.defineProperty(target, name, {
    configurable: true,
    enumerable: isEnumerable,
    get: () => (inherited === undefined ? current : inherited.get?.call(target)),
    set(handler: unknown) {
      const wrapped = typeof handler === 'function' ? wrap(handler as Handler) : handler;
      if (inherited === undefined) current = wrapped;
      else inherited.set?.call(target, wrapped);
    },
  });
}

function accessorOf(target: object, name: string): PropertyDescriptor | undefined {
  for (let holder: object | null = target; holder !== null; holder = Object.getPrototypeOf(holder)) {
    const descriptor = Object.getOwnPropertyDescriptor(holder, name);
    if (descriptor !== undefined) return descriptor.set === undefined ? undefined : descriptor;
  }
  return undefined;
}
