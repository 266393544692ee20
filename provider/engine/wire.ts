/** Hidden inputs that carry what Pulumi's dynamic wire does not hand to a provider: the resource's name, and what tells it from all others. */
export const NAME_PROPERTY = "__droverName";
export const KEY_PROPERTY = "__droverKey";
export const PROVIDER_PROPERTY = "__provider";
/** Version of the outputs' shape, kept in the state. */
export const VERSION_PROPERTY = "__droverVersion";
export const OUTPUTS_VERSION = 1;

/** Plain properties as they cross Pulumi's wire. */
export type Properties = Record<string, unknown>;

/**
 * A value that Pulumi's wire carries unharmed: `undefined` is left out, a Date becomes ISO text, a Map an object.
 * The wire would throw at some of these after the object exists, and silently turn others into `{}` or null.
 * @throws TypeError that names the path of what has no wire form: functions, symbols, bigints beyond 2^53, NaN, buffers, cycles
 */
export function toProps(value: object): Properties {
  const clean = toWire(value, "", []);
  if (typeof clean !== "object" || clean === null || Array.isArray(clean)) throw new TypeError("properties are an object");
  return clean as Properties;
}

function toWire(value: unknown, path: string, above: readonly object[]): unknown {
  switch (typeof value) {
    case "string": case "boolean": case "undefined":
      return value;
    case "number":
      if (Number.isFinite(value)) return value;
      throw new TypeError(`${path} is ${value}, which Pulumi's state cannot hold`);
    case "bigint":
      if (value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(value);
      throw new TypeError(`${path} is ${value.toString()}, which Pulumi's state cannot hold exactly`);
    case "object": {
      if (value === null) return null;
      if (above.includes(value)) throw new TypeError(`${path} contains itself`);
      const parents = [...above, value];
      if (value instanceof Date) return value.toISOString();
      if (ArrayBuffer.isView(value)) throw new TypeError(`${path} is binary data, which Pulumi's state cannot hold`);
      if (Array.isArray(value)) return value.map((item, index) => toWire(item ?? null, `${path}[${index}]`, parents));
      const entries: [unknown, unknown][] = value instanceof Map ? [...value.entries()] : Object.entries(value);
      return Object.fromEntries(entries
        .filter(([, item]) => item !== undefined)
        .map(([key, item]) => [String(key), toWire(item, path === "" ? String(key) : `${path}.${String(key)}`, parents)]));
    }
    case "function": case "symbol":
      throw new TypeError(`${path} is a ${typeof value}, which Pulumi's state cannot hold`);
  }
}
