/** What a guard does and sees, for logs, metrics and hooks. */
export interface GuardEvent {
  /** When, in ISO 8601. */
  readonly at: string;
  /** Which guard. */
  readonly guard: string;
  readonly kind: EventKind;
  readonly host?: string;
  readonly vm?: string;
  /** Why, or what came of it, in words. Never a secret. */
  readonly text: string;
}

/** Each kind, and whether a person should hear of it at once. */
export const EVENT_KINDS = {
  "leader": false,
  "not-leader": false,
  "host-alive": false,
  "host-ailing": true,
  "host-suspect": false,
  "host-lost": true,
  "host-back": true,
  "soft-fence": true,
  "fence-begun": true,
  "fence-confirmed": true,
  "fence-failed": true,
  "fence-held-back": true,
  "lease-held": true,
  "lease-expired": true,
  "guest-restarted": true,
  "guest-waits": true,
  "guest-given-up": true,
  "guest-twice": true,
  "guest-unknown": true,
  "guest-crashed": true,
  "guest-shut-down": false,
  "guest-paused": true,
  "guest-resumed": true,
  "guest-killed": true,
  "host-troubled": true,
  "host-unprobed": false,
  "evacuation-held-back": true,
  "evacuation-begun": true,
  "evacuation-failed": true,
  "host-emptied": true,
  "balance-held-back": false,
  "balance-planned": false,
  "balance-begun": false,
  "balanced": false,
  "work-waits": false,
  "leftover-removed": false,
  "autostart-cleared": true,
  "record-lost": true,
  "trouble": true,
  "hook-failed": false,
} as const;

export type EventKind = keyof typeof EVENT_KINDS;

export type Tell = (kind: EventKind, text: string, about?: { readonly host?: string; readonly vm?: string }) => void;
