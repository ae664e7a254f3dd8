/**
 * The other side broke the protocol, and the connection cannot go on. The message says what was wrong, never the
 * content.
 *
 * @internal
 */
export class SessionProtocolError extends Error {
  override readonly name = "SessionProtocolError";
}
