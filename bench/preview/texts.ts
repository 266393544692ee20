/** The last part of a URN: a resource's name. A text that is none is all name. */
export function nameOf(urn: string): string {
  return urn.split("::").at(-1) ?? urn;
}

/** The same with all texts in it mapped, names of properties excepted. */
export function mapTexts<T>(value: T, map: (text: string) => string): T;
export function mapTexts(value: unknown, map: (text: string) => string): unknown {
  if (typeof value === "string") return map(value);
  if (Array.isArray(value)) return value.map((item: unknown) => mapTexts(item, map));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapTexts<unknown>(item, map)]));
}

/** The same with each object in it mapped, the inner ones first. */
export function mapObjects(value: unknown, map: (object: Readonly<Record<string, unknown>>) => object): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => mapObjects(item, map));
  if (typeof value !== "object" || value === null) return value;
  return map(Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapObjects(item, map)])));
}
