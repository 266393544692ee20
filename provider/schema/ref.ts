import type { Input } from "@pulumi/pulumi";

/** A value that may still be under way at any depth. */
export type DeepInput<T> = Input<T extends object ? { readonly [K in keyof T]: DeepInput<T[K]> } : T>;

/** A reference to another resource: the resource itself, or what it says of itself. */
export type Ref<T> = { readonly ref: DeepInput<T> } | Input<T>;
