/** `schema.json` as types, validators, defaults, and the lists of what replaces and what is computed. */
export type * from "./types.generated.js";
export type { DeepInput, Ref } from "./ref.js";
export { computedInputs, holdsSecret, inputNames, outputNames, propertiesOf, replacingInputs, resourceSchema, type PropertySchema } from "./document.js";
export { validateInputs, type SchemaFailure } from "./validate.js";
