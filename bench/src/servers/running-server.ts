import type { StoreKind } from "../clients/dict-client.ts";

/** What servers there are. */
export type ServerSpec =
  /** `instance` tells servers apart that would else be one. */
  | { readonly kind: "everdict"; readonly store: StoreKind; readonly instance?: number }
  | { readonly kind: "redis"; readonly appendfsync: "always" | "everysec" | "no AOF" }
  | { readonly kind: "grpc-js" };

/** A server that is ready. */
export interface RunningServer {
  readonly port: number;
  readonly pid: number;
  /** Empty where there is no authentication. */
  readonly tokenId: string;
  readonly tokenSecret: string;
  /** Does in a pause what the server would otherwise do during a measurement. */
  tidy(): Promise<void>;
  stop(): Promise<void>;
}

/** Something that a candidate needs is not there; says how to get it. */
export class Unavailable extends Error {}

/** How servers are started. */
export interface ServerOptions {
  /** Where its data goes, on the disk that is to be measured. */
  readonly directory: string;
  /** Where CPU profiles go. Default: none are taken. */
  readonly profileDirectory: string | undefined;
}
