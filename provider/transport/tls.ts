import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import { connect as secure, type TLSSocket } from "node:tls";
import { messageOf } from "../base/error.js";
import { DEFAULT_CONNECT_TIMEOUT_MS } from "./host-transport.js";
import { readClientCertificates, type ClientCertificates } from "./pki.js";
import { connectSocket } from "./socket.js";
import { NetworkTransport, type NetworkTarget } from "./tcp.js";
import { TransportError } from "./transport-error.js";

/** IANA's port for libvirt over TLS. */
export const LIBVIRT_TLS_PORT = 16514;

/** After the handshake the daemon sends one byte, this one, when it accepted our certificate (libvirt's virNetServerClient). */
const ACCEPTED = 1;

/** libvirt's encrypted port: both sides show a certificate, and the host's must carry the URI's host name. */
export class TlsTransport extends NetworkTransport {
  readonly #target: NetworkTarget & { readonly pkipath?: string | undefined };

  constructor(target: NetworkTarget & { readonly pkipath?: string | undefined }) {
    super(target.label);
    this.#target = target;
  }

  protected async connect(): Promise<Duplex> {
    const { host, label, pkipath, port = LIBVIRT_TLS_PORT, connectTimeoutMs: timeoutMs = DEFAULT_CONNECT_TIMEOUT_MS } = this.#target;
    const certificates = await readClientCertificates(label, pkipath);
    const socket = await connectSocket({ address: { host, port }, label, timeoutMs });
    let stream: TLSSocket;
    try {
      stream = secure({
        socket,
        host,
        ...(isIP(host) === 0 ? { servername: host } : {}),
        ca: certificates.authority,
        cert: certificates.certificate,
        key: certificates.key,
        ...(certificates.revoked === undefined ? {} : { crl: certificates.revoked }),
        minVersion: "TLSv1.2",
      });
    } catch (error) {
      socket.destroy();
      throw this.#refused(`our certificates cannot be used: ${messageOf(error)}`, `check ${certificates.paths.certificate}, its key and ${certificates.paths.authority}`, error);
    }
    return this.#accepted(stream, certificates, timeoutMs);
  }

  /** Waits for the handshake and for the daemon's word on our certificate. */
  #accepted(stream: TLSSocket, certificates: ClientCertificates, timeoutMs: number): Promise<Duplex> {
    return new Promise((resolve, reject) => {
      let verified = false;
      const settle = (error?: TransportError): void => {
        clearTimeout(timer);
        stream.off("secureConnect", onSecure).off("error", onError).off("end", onEnd).off("readable", onReadable);
        if (error === undefined) {
          resolve(stream);
          return;
        }
        stream.on("error", () => {});
        stream.destroy();
        reject(error);
      };
      const timer = setTimeout(() => {
        settle(new TransportError("mute", {
          attempted: "agree on TLS",
          host: this.label,
          answer: `no answer within ${timeoutMs / 1000} s`,
          next: "check that the port is libvirt's TLS port (16514), not its plain one",
        }));
      }, timeoutMs);
      const onSecure = (): void => {
        verified = true;
      };
      const onError = (error: Error): void => {
        settle(this.#handshakeError(error, verified, certificates));
      };
      const onEnd = (): void => {
        settle(this.#unwelcome("it closed the connection", certificates));
      };
      const onReadable = (): void => {
        const word: unknown = stream.read(1);
        if (!Buffer.isBuffer(word)) return;
        settle(word[0] === ACCEPTED ? undefined : this.#unwelcome(`it answered ${String(word[0])}`, certificates));
      };
      stream.on("secureConnect", onSecure).on("error", onError).on("end", onEnd).on("readable", onReadable);
    });
  }

  #handshakeError(error: Error, verified: boolean, certificates: ClientCertificates): TransportError {
    const code = "code" in error && typeof error.code === "string" ? error.code : "";
    if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
      return this.#refused(`the host's certificate is for another name: ${error.message}`, `use a name that the certificate holds, or issue one for "${this.#target.host}" (subjectAltName)`, error);
    }
    if (code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID" || code === "CERT_REVOKED") {
      return this.#refused(`the host's certificate is not valid: ${error.message}`, "issue a new one, and check both clocks", error);
    }
    if (UNTRUSTED.has(code)) {
      return this.#refused(`the host's certificate is not signed by our authority: ${error.message}`, `put the authority that signed the host's certificate into ${certificates.paths.authority}, if you trust it`, error);
    }
    if (verified || /alert/i.test(error.message) || code === "ECONNRESET") return this.#unwelcome(error.message, certificates, error);
    return new TransportError("protocol", { attempted: "agree on TLS", host: this.label, answer: error.message, next: "check that the port is libvirt's TLS port (16514), not its plain one", cause: error });
  }

  #unwelcome(answer: string, certificates: ClientCertificates, cause?: unknown): TransportError {
    return this.#refused(
      `the host did not accept our client certificate: ${answer}`,
      `check that ${certificates.paths.certificate} is signed by the authority that the host trusts, is not expired, and that its name is allowed by tls_allowed_dn_list in the host's libvirtd.conf`,
      cause,
    );
  }

  #refused(answer: string, next: string, cause?: unknown): TransportError {
    return new TransportError("certificate", { attempted: "agree on TLS", host: this.label, answer, next, cause });
  }
}

/** OpenSSL's words for a chain that does not end at our authority. */
const UNTRUSTED: ReadonlySet<string> = new Set([
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE", "UNABLE_TO_GET_ISSUER_CERT", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "SELF_SIGNED_CERT_IN_CHAIN", "DEPTH_ZERO_SELF_SIGNED_CERT", "CERT_SIGNATURE_FAILURE", "CERT_UNTRUSTED",
]);
