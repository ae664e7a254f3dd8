/** The events of a carrier, which a session handles. */
export interface CarrierHandlers {
  /** Bytes of the other side, in order; how they are cut has no meaning. They must not change afterwards. */
  onData(bytes: Uint8Array): void;
  /**
   * An earlier `send` no longer needs its bytes. Called once for each `send`, in order, and never from within
   * `send` itself.
   */
  onSent(): void;
  /** Over, for whatever reason. Called once; nothing is called after it. */
  onClose(error: unknown): void;
}

/**
 * A reliable, ordered, two-way connection for bytes: a socket, a WebSocket, a pair in memory.
 *
 * A carrier knows nothing of frames. It must keep this contract exactly, and never throw.
 */
export interface Carrier {
  /** Starts delivery. Nothing is reported before it. Called once. */
  start(handlers: CarrierHandlers): void;
  /** Sends bytes after those sent before. They must stay as they are until `onSent`. Ignored after the close. */
  send(bytes: Uint8Array): void;
  /** How many bytes were sent but could not be handed on yet: 0 as long as the other side keeps up. */
  readonly bufferedBytes: number;
  /** Stops reading, as far as the platform can; what is under way may still arrive. */
  pause(): void;
  /** Goes on reading. */
  resume(): void;
  /** Ends the connection once what was sent is delivered. */
  close(): void;
  /** Ends the connection at once. */
  destroy(): void;
  /** Whether this connection alone keeps the process alive, where the platform has such a thing. */
  holdProcess(hold: boolean): void;
}
