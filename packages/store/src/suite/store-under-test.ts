import type { Clock, Store } from "../store.ts";

/** What a store is opened with for a test. */
export interface OpenStoreOptions {
  /** The only source of time. It stands still unless the test moves it. */
  readonly clock: Clock;
  /** How many bytes the answers kept for idempotency keys may take; absent: the store's default. */
  readonly recordedAnswersMaxBytes?: number | undefined;
}

/** An open, empty store and what a test may do to it besides calling it. */
export interface StoreUnderTest {
  readonly store: Store;
  /** Closes the store if it is open and opens it in the same place. Required of persistent stores. */
  readonly reopen?: (() => Promise<Store>) | undefined;
  /** Abandons the store as a killed process would, and opens it in the same place. Optional. */
  readonly crash?: (() => Promise<Store>) | undefined;
  /** Closes the store if it is open and removes every trace of it. */
  readonly destroy: () => Promise<void>;
}

/** Opens an empty store. Called once per test; many may be open at a time. */
export type OpenStore = (options: OpenStoreOptions) => Promise<StoreUnderTest>;
