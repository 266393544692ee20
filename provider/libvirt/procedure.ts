import type { XdrReader, XdrWriter } from "./xdr.js";

export const REMOTE_PROGRAM = 0x20008086;
export const QEMU_PROGRAM = 0x20008087;
export const KEEPALIVE_PROGRAM = 0x6b656570;

export interface Codec<T> {
  readonly encode: (writer: XdrWriter, value: T) => void;
  readonly decode: (reader: XdrReader) => T;
}

/** The codec of calls and replies without a payload. */
export const nothing: Codec<void> = { encode: () => {}, decode: () => {} };

/** What the client knows of a procedure but its types. */
export interface ProcedureHead {
  /** The method's name. */
  readonly name: string;
  readonly program: number;
  readonly number: number;
  /** It changes nothing: after a lost connection it may be sent again. */
  readonly repeatable: boolean;
  /** It may take seconds: it goes through the bulkhead. */
  readonly slow: boolean;
  /** The call opens a stream; `up` carries data to the daemon. */
  readonly stream?: "up" | "down";
}

export interface Procedure<Args, Ret> extends ProcedureHead {
  readonly args: Codec<Args>;
  readonly ret: Codec<Ret>;
}
