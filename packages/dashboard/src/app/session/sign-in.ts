import { signal } from "@preact/signals";
import { Client, EverdictError } from "everdict";
import { type Credentials, forgetCredentials, keepCredentials, keptCredentials } from "./credentials.ts";
import { loadEnvironments } from "./environments.ts";
import { isOnline, signedIn } from "./session.ts";

/** Why somebody who was signed in no longer is. */
export const endedBecause = signal<string | undefined>(undefined);

/** Whether credentials that were kept are being tried. */
export const isResuming = signal(true);

/** The address of the server: where this page is. */
export function serverUrl(): string {
  return new URL(".", location.href).href.replace(/[?#].*$/, "").replace(/\/$/, "");
}

/** Signs in. @throws what connecting throws; then nobody is signed in and nothing is kept */
export async function signIn(credentials: Credentials, isForGood: boolean): Promise<void> {
  await open(credentials);
  keepCredentials(credentials, isForGood);
}

/** Signs in with what was kept. What no longer works is forgotten. */
export async function resume(): Promise<void> {
  const kept = keptCredentials();
  try {
    if (kept !== undefined) await open(kept);
  } catch (error) {
    if (isRefused(error)) forgetCredentials();
    endedBecause.value = reasonOf(error);
  } finally {
    isResuming.value = false;
  }
}

/** Signs out, and forgets the credentials; `reason` is shown where one signs in. */
export function signOut(reason?: string): void {
  const client = signedIn.value?.client;
  forgetCredentials();
  endedBecause.value = reason;
  signedIn.value = undefined;
  isOnline.value = true;
  void client?.close({ timeoutMs: 0 }).catch(() => {});
}

/** Why a sign-in failed, for people. */
export function reasonOf(error: unknown): string {
  if (isRefused(error)) return `The server refused the token: ${(error as Error).message}`;
  return error instanceof Error ? error.message : String(error);
}

/** Whether the server does not take the token, or no longer. */
export function isRefused(error: unknown): boolean {
  return error instanceof EverdictError && error.code === "unauthenticated";
}

async function open(credentials: Credentials): Promise<void> {
  const client = Client.connect({ url: serverUrl(), ...credentials, waitForServerMs: 10_000 });
  try {
    // A server that does not say it refuses what the token may not do when it is tried.
    const role = (await client.role()) ?? "admin";
    await loadEnvironments(client);
    endedBecause.value = undefined;
    signedIn.value = { client, role, tokenId: credentials.tokenId };
  } catch (error) {
    void client.close({ timeoutMs: 0 }).catch(() => {});
    throw error;
  }
}
