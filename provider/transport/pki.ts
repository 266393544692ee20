import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { messageOf } from "../base/error.js";
import { TransportError } from "./transport-error.js";

/** The certificates of a TLS client, as PEM. */
export interface ClientCertificates {
  /** The authority that must have signed the host's certificate. */
  readonly authority: Buffer;
  readonly certificate: Buffer;
  readonly key: Buffer;
  /** The authority's list of certificates it took back, where there is one. */
  readonly revoked?: Buffer;
  /** Where they were found, for errors. */
  readonly paths: { readonly authority: string; readonly certificate: string; readonly key: string };
}

interface Places { readonly authority: string; readonly certificate: string; readonly key: string; readonly revoked: string }

function oneFolder(folder: string): Places {
  return { authority: join(folder, "cacert.pem"), certificate: join(folder, "clientcert.pem"), key: join(folder, "clientkey.pem"), revoked: join(folder, "cacrl.pem") };
}

/** libvirt's usual places (https://libvirt.org/kbase/tlscerts.html). */
const SYSTEM: Places = {
  authority: "/etc/pki/CA/cacert.pem",
  certificate: "/etc/pki/libvirt/clientcert.pem",
  key: "/etc/pki/libvirt/private/clientkey.pem",
  revoked: "/etc/pki/CA/cacrl.pem",
};

/**
 * The client's certificates from one folder (the URI's `pkipath`), or from libvirt's places: a user's own
 * `~/.pki/libvirt` where it is complete (never root's), else the system's under `/etc/pki`.
 * @throws TransportError (`certificate`) that names the file that is missing or cannot be read.
 */
export async function readClientCertificates(label: string, pkipath?: string): Promise<ClientCertificates> {
  if (pkipath !== undefined) return readPlaces(oneFolder(pkipath), label);
  if (process.getuid?.() !== 0) {
    try {
      return await readPlaces(oneFolder(join(homedir(), ".pki", "libvirt")), label);
    } catch (error) {
      if (!isAbsence(error)) throw error;
    }
  }
  return readPlaces(SYSTEM, label);
}

async function readPlaces(places: Places, label: string): Promise<ClientCertificates> {
  const [authority, certificate, key, revoked] = await Promise.all([
    readPem(places.authority, "the certificate of the authority", label),
    readPem(places.certificate, "our client certificate", label),
    readPem(places.key, "our client key", label),
    readPem(places.revoked, "the list of revoked certificates", label).catch((error: unknown) => {
      if (isAbsence(error)) return undefined;
      throw error;
    }),
  ]);
  return { authority, certificate, key, ...(revoked === undefined ? {} : { revoked }), paths: places };
}

async function readPem(path: string, what: string, label: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new TransportError("certificate", {
      attempted: `read ${what}`,
      host: label,
      answer: messageOf(error),
      next: `put it at ${path}, or name the folder that holds cacert.pem, clientcert.pem and clientkey.pem with ?pkipath=/folder`,
      cause: error,
    });
  }
}

function isAbsence(error: unknown): boolean {
  return error instanceof TransportError && error.cause instanceof Error && "code" in error.cause && error.cause.code === "ENOENT";
}
