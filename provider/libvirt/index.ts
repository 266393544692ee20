/**
 * A client for libvirt that speaks its RPC protocol over any byte stream; usable alone as `drover/libvirt`.
 * Shapes and numbers are libvirt's own: see its API reference for what each call, flag and state means.
 */
export { Connection, type ConnectionOptions } from "./connection.js";
export { ConnectionLostError, isLibvirtError, LibvirtError, ProtocolError } from "./errors.js";
export type { LibvirtEvent } from "./events.js";
export type { KeepaliveOptions } from "./keepalive.js";
export { LibvirtCalls } from "./protocol/calls.generated.js";
export * from "./protocol/constants.generated.js";
export type * from "./protocol/types.generated.js";
export type { LibvirtStream, StreamPiece } from "./stream.js";
export type { TypedValue } from "./typed-value.js";
export { HostConnection, type HostConnectionOptions } from "./host-connection.js";
export type { HostEvent } from "./subscription.js";
export { param, paramsToObject, type ParamValue } from "./typed-params.js";
export { download, upload, type UploadOptions, type UploadResult, type UploadSource } from "./volume-transfer.js";
