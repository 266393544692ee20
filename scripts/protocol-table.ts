/** The shape of `provider/libvirt/protocol/protocol.json`, from which the codecs are generated. */

export const PROTOCOL_DIRECTORY = "provider/libvirt/protocol";
export const WANTED_PATH = `${PROTOCOL_DIRECTORY}/wanted.json`;
export const TABLE_PATH = `${PROTOCOL_DIRECTORY}/protocol.json`;

export interface ProtocolTable {
  /** Where the facts are from. */
  source: string;
  procedures: ProcedureFacts[];
  /** Structs by their name in the protocol. */
  types: Record<string, TypeFacts>;
  enums: Record<string, { source: string; values: Record<string, number> }>;
}

export interface ProcedureFacts {
  name: string;
  program: "remote" | "qemu";
  number: number;
  /** It changes nothing, so it may be sent again when the connection was lost. */
  repeatable?: boolean;
  /** It may take seconds: it goes through the bulkhead. */
  slow?: boolean;
  args?: string;
  ret?: string;
  event?: string;
  /** The call opens a stream: `up` carries data to the daemon. */
  stream?: "up" | "down";
}

export type TypeFacts = Field[];

export interface Field {
  name: string;
  /** `int`, `uint`, `hyper`, `uhyper`, `string`, `opaque`, `uuid`, `chars`, `typed_value`, or the name of a struct. */
  type: string;
  /** The most bytes of a string or opaque; the exact number of `chars`. */
  max?: number;
  /** The field is a list of at most this many. */
  list?: number;
  /** The field may be absent. */
  optional?: boolean;
}
