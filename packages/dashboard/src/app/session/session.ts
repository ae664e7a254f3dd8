import { signal } from "@preact/signals";
import type { Client, Role } from "everdict";

/** Somebody is signed in. */
export interface SignedIn {
  readonly client: Client;
  readonly tokenId: string;
  /** What the token may do. */
  readonly role: Role;
}

/** Who is signed in; undefined: nobody. */
export const signedIn = signal<SignedIn | undefined>(undefined);

/** Whether the server answers at present. */
export const isOnline = signal(true);

/** Whether the person chose that nothing may be changed. */
export const isReadOnlyByChoice = signal(false);

/** Whether a change may be offered: the token may write, and the person did not choose to read only. */
export function mayWrite(): boolean {
  return signedIn.value !== undefined && signedIn.value.role !== "read-only" && !isReadOnlyByChoice.value;
}

/** Whether environments and tokens may be changed. */
export function mayAdminister(): boolean {
  return signedIn.value?.role === "admin" && !isReadOnlyByChoice.value;
}
