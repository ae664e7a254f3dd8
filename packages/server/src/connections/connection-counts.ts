/** What an account holds now. */
export interface ConnectionCounts {
  readonly connections: number;
  readonly connectionsMax: number;
  /** Connections on which no token was seen. */
  readonly strangers: number;
  /** What they hold, by estimate. */
  readonly strangersBytes: number;
}
