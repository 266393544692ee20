import type { TypedParam } from "./protocol/types.generated.js";
import type { TypedValue } from "./typed-value.js";

/** What a typed parameter holds; 64-bit numbers are numbers where that is exact, else bigints. */
export type ParamValue = number | bigint | string | boolean;

/**
 * Typed parameters as a plain object.
 * @example const { "balloon.current": currentKib } = paramsToObject(record.params);
 */
export function paramsToObject(params: readonly TypedParam[]): Readonly<Record<string, ParamValue>> {
  return Object.fromEntries(params.map(({ field, value }) => [field, plain(value)]));
}

/** One typed parameter, such as libvirt's migration calls take. */
export function param(field: string, value: TypedValue): TypedParam {
  return { field, value };
}

function plain(typed: TypedValue): ParamValue {
  if (typed.type !== "llong" && typed.type !== "ullong") return typed.value;
  const asNumber = Number(typed.value);
  return Number.isSafeInteger(asNumber) ? asNumber : typed.value;
}
