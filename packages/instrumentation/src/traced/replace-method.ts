/** Replaces a method on the object itself, as visible as it was there before. */
export function replaceMethod(
  target: object,
  name: string | symbol,
  method: (...args: never[]) => unknown,
): void {
  Object.defineProperty(target, name, {
    value: method,
    configurable: true,
    writable: true,
    enumerable: Object.getOwnPropertyDescriptor(target, name)?.enumerable ?? false,
  });
}
