import { DroverError } from "../base/error.js";
import { LibvirtError } from "./errors.js";
import type { LibvirtCalls } from "./protocol/calls.generated.js";

/** remote_auth_type */
const AuthType = { NONE: 0, SASL: 1, POLKIT: 2 } as const;
/** The daemon answers and sends keepalive messages once it was asked for this feature (libvirt's driver feature numbers). */
const FEATURE_PROGRAM_KEEPALIVE = 10;

/**
 * The first calls of a connection, in libvirt's order: authentication, keepalive, open.
 * @param driverUri such as `qemu:///system`
 */
export async function handshake(connection: LibvirtCalls & { readonly host: string }, driverUri: string): Promise<{ keepalive: boolean }> {
  const { types } = await connection.authList();
  // An empty list is an old daemon's way to say that no authentication is wanted.
  if (types.length > 0 && !types.includes(AuthType.NONE)) await authenticate(connection, types);
  const { supported } = await connection.connectSupportsFeature({ feature: FEATURE_PROGRAM_KEEPALIVE });
  await connection.connectOpen({ name: driverUri, flags: 0 });
  return { keepalive: supported === 1 };
}

async function authenticate(connection: LibvirtCalls & { readonly host: string }, types: readonly number[]): Promise<void> {
  const attempted = "authenticate with libvirt";
  if (!types.includes(AuthType.POLKIT)) {
    throw new DroverError({
      attempted, host: connection.host,
      answer: types.includes(AuthType.SASL) ? "it wants SASL, which is not supported" : `it wants an unknown authentication (${types.join(", ")})`,
      next: "connect by qemu+ssh, or set auth_unix_rw, auth_tcp or auth_tls to \"none\" in the host's libvirtd.conf",
    });
  }
  try {
    // Answers at once where a polkit rule lets the user in, as the one for the group libvirt does.
    await connection.authPolkit();
  } catch (error) {
    if (!(error instanceof LibvirtError)) throw error;
    throw new DroverError({
      attempted, host: connection.host, cause: error,
      answer: `polkit does not let this user in: ${error.answer}`,
      next: "connect as root or as a user of the host's group libvirt",
    });
  }
}
