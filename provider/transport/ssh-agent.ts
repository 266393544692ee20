import ssh2, { type IdentityCallback, type ParsedKey } from "ssh2";

/**
 * An ssh agent that offers the keys that are meant first (or alone), so that a server does not give up before their turn:
 * it allows six tries by default.
 */
export class OrderedAgent extends ssh2.OpenSSHAgent {
  readonly #preferred: readonly ParsedKey[];
  readonly #only: boolean;

  constructor(socket: string, preferred: readonly ParsedKey[], only: boolean) {
    super(socket);
    this.#preferred = preferred;
    this.#only = only;
  }

  override getIdentities(callback: IdentityCallback<ParsedKey>): void {
    super.getIdentities((error, keys) => {
      if (error !== undefined && error !== null) {
        callback(error);
        return;
      }
      const held = (keys ?? []).filter((key): key is ParsedKey => "getPublicSSH" in key && key.type !== "ssh-dss");
      const isPreferred = (key: ParsedKey): boolean => this.#preferred.some((wanted) => wanted.getPublicSSH().equals(key.getPublicSSH()));
      const first = held.filter(isPreferred);
      callback(undefined, this.#only ? first : [...first, ...held.filter((key) => !isPreferred(key))]);
    });
  }
}
