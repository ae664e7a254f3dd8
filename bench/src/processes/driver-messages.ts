import type { ClientSpec } from "../clients/dict-client.ts";
import type { Sample } from "../measure/sample.ts";
import type { ValueSize } from "../workload.ts";

/** What a loop calls. */
export type Operation =
  | "get"
  | "put"
  | "putIfAbsent"
  | "pop"
  | "remove"
  | "len"
  | "increment"
  | "increment one"
  | "transfer"
  | "getMany"
  | "modify"
  | "modify one";

/** What a driver is asked to do. */
export type DriverRequest =
  | { readonly do: "open"; readonly client: ClientSpec; readonly serverPid: number | undefined }
  | {
      readonly do: "fill";
      readonly size: ValueSize;
      readonly keyCount: number;
      /** Entries in one update. Default: 500. */
      readonly batchSize?: number;
    }
  | {
      readonly do: "closedLoop";
      readonly operation: Operation;
      readonly size: ValueSize;
      readonly outstanding: number;
      readonly warmUpMs: number;
      readonly measureMs: number;
    }
  | {
      readonly do: "openLoop";
      readonly operation: "get" | "put";
      readonly ratePerSecond: number;
      readonly warmUpMs: number;
      readonly measureMs: number;
      readonly drainMs: number;
    }
  | {
      readonly do: "update";
      /** One of the client's ways. */
      readonly way: string;
      readonly size: ValueSize;
      readonly entries: number;
      readonly warmUpMs: number;
      readonly measureMs: number;
    }
  | { readonly do: "addEntries"; readonly size: ValueSize; readonly count: number }
  | { readonly do: "iterate"; readonly size: ValueSize; readonly raw: boolean }
  | { readonly do: "clear" }
  | { readonly do: "close" };

/** What `iterate` answers besides the sample. */
export interface IterateResult {
  readonly sample: Sample;
  readonly entries: number;
  /** How much the client's and the server's memory rose above what it was before, at the most, in bytes. */
  readonly clientGrowthBytes: number | undefined;
  readonly serverGrowthBytes: number | undefined;
}

/** What `open` answers. */
export interface OpenResult {
  readonly updateWays: readonly string[];
  readonly iterates: boolean;
  readonly modifies: boolean;
}

/** How an answer travels. */
export type DriverReply = { readonly ok: unknown } | { readonly error: string };
