import { createError, type EverdictError } from "@everdict/protocol";
import type { ServerTarget } from "../connection/resolve-target.ts";
import { isModalCloud } from "./modal-cloud.ts";

/** The error of a server that refuses the token: what was sent to it, where that came from, and what to do. */
export function refusedToken(error: EverdictError, target: ServerTarget, url: string): EverdictError {
  if (error.code !== "unauthenticated") return error;
  const { credentials, addresses } = target;
  const make = isModalCloud(addresses)
    ? "`modal token new` makes one"
    : "`everdict token create` makes one where the server's data is";
  // Our own servers never say which half was wrong, and no more than is said here.
  const isOurs = error.message.startsWith("the token id or the token secret");
  const said = isOurs ? "" : `. The server says: ${error.message}`;
  if (credentials === undefined) {
    return createError(
      "unauthenticated",
      `${url} wants a token, and none was given. Set EVERDICT_TOKEN_ID and EVERDICT_TOKEN_SECRET, or pass tokenId and ` +
        `tokenSecret; ${make}${said}`,
      { cause: error },
    );
  }
  const { tokenId, source = "the program" } = credentials;
  // What does not look like an id may be the secret.
  const shown = /^ak-[\w-]{1,64}$/.test(tokenId)
    ? `the token '${tokenId}'`
    : "a token whose id does not begin with ak-";
  return createError(
    "unauthenticated",
    `${url} refused ${shown}, which ${source} gave. Is it a token of this server, and is its secret whole? ${make}${said}`,
    { cause: error },
  );
}
