/** What a token signs in with. */
export interface Credentials {
  readonly tokenId: string;
  readonly tokenSecret: string;
}

/**
 * Reads credentials out of what somebody typed or pasted: an id and a secret in two fields, `id:secret` in one, or the
 * lines that a server prints. Undefined if an id or a secret is missing.
 */
export function parseCredentials(idText: string, secretText: string): Credentials | undefined {
  const text = `${idText}\n${secretText}`;
  const tokenId = /ak-[A-Za-z0-9]+/.exec(text)?.[0];
  const tokenSecret = /as-[A-Za-z0-9]+/.exec(text)?.[0];
  return tokenId === undefined || tokenSecret === undefined ? undefined : { tokenId, tokenSecret };
}

const storageKey = "everdict.token";

/** Keeps credentials for this tab, or for good. */
export function keepCredentials(credentials: Credentials, isForGood: boolean): void {
  forgetCredentials();
  const storage = isForGood ? localStorage : sessionStorage;
  storage.setItem(storageKey, JSON.stringify(credentials));
}

/** What was kept, if it is still of the form of credentials. */
export function keptCredentials(): Credentials | undefined {
  try {
    const text = sessionStorage.getItem(storageKey) ?? localStorage.getItem(storageKey) ?? "{}";
    const { tokenId, tokenSecret } = JSON.parse(text) as Partial<Credentials>;
    return parseCredentials(String(tokenId), String(tokenSecret));
  } catch {
    return undefined;
  }
}

/** Forgets what was kept, for the tab and for good. */
export function forgetCredentials(): void {
  sessionStorage.removeItem(storageKey);
  localStorage.removeItem(storageKey);
}
