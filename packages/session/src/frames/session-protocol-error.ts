/**
 * The other side broke the protocol: the connection cannot go on. Says what was wrong, never what was in it.
 *
 * @internal
 */
export class SessionProtocolError extends Error {
  override readonly name = "SessionProtocolError";
}
