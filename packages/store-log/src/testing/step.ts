import type { Store } from "@everdict/store";
import type { Holding } from "./holding.ts";

/** One call, and what comes of it. */
export interface Step {
  readonly title: string;
  /** The same call again, under the same idempotency key, is answered the same. */
  readonly isRepeatable: boolean;
  /** Whether the dictionary itself comes or goes: that is decided some time between call and answer. */
  readonly isOfRegistry: boolean;
  /** What the call must answer if that was there before it. */
  expected(before: Holding): unknown;
  /** When the entry ends that it answers, if it does. It may be decided later: on a full disk, once there is room. */
  answeredEndMs?(before: Holding): number | undefined;
  /** What is there afterwards: `before` itself if nothing changes. */
  apply(before: Holding): Holding;
  call(store: Store): Promise<unknown>;
  /** Nothing of it happened: it will be called as if for the first time. */
  forget?(): void;
}
