/**
 * Reads token ids and secrets as they come: from a program, a variable, a file with a line end. White space around them
 * is ignored. Characters that no transport can carry are refused here, for all transports alike. The error does not
 * show the text, which may be the secret.
 */

import { createError, type EverdictError } from "@everdict/protocol";

/** A token id and its secret. */
export interface Credentials {
  readonly tokenId: string;
  readonly tokenSecret: string;
  /** Where they were found, for messages. */
  readonly source?: string | undefined;
}

/**
 * A token from one place, which `source` names for messages.
 *
 * @returns undefined if neither half is given, or both are empty
 * @throws {AuthError} `unauthenticated` if one half is missing
 * @throws {InvalidError} `invalid_argument` for a character other than printable ASCII, or halves that are swapped
 */
export function tokenFrom(
  tokenId: string | undefined,
  tokenSecret: string | undefined,
  source: string,
): Credentials | undefined {
  const halves = { id: tokenId?.trim() ?? "", secret: tokenSecret?.trim() ?? "" };
  if (halves.id === "" && halves.secret === "") return undefined;
  if (halves.id === "" || halves.secret === "") {
    const missing = halves.id === "" ? "id" : "secret";
    throw createError(
      "unauthenticated",
      `Of ${source} only one is given: the ${missing} is missing or empty. A token has an id and a secret`,
    );
  }
  for (const [half, text] of Object.entries(halves)) {
    const at = text.search(/[^\x20-\x7e]/);
    if (at >= 0) throw unprintable(half, text.codePointAt(at)!, at, source);
    if (/^(["']).*\1$/.test(text)) {
      throw createError(
        "invalid_argument",
        `The token ${half} of ${source} stands in quotation marks. Leave them out`,
      );
    }
  }
  if (halves.id.startsWith("as-") && halves.secret.startsWith("ak-")) {
    throw createError(
      "invalid_argument",
      `Of ${source} the id and the secret are swapped: ids begin with ak-`,
    );
  }
  return { tokenId: halves.id, tokenSecret: halves.secret, source };
}

function unprintable(half: string, codePoint: number, at: number, source: string): EverdictError {
  const name = `U+${codePoint.toString(16).toUpperCase().padStart(4, "0")}`;
  const kind = codePoint < 0x20 || codePoint === 0x7f ? "a control character" : "a character outside ASCII";
  return createError(
    "invalid_argument",
    `The token ${half} of ${source} has ${kind} (${name}, character ${at + 1}). Copy it anew`,
  );
}
