import type { StoreHealth } from "@everdict/store";

/** Remembers what is wrong with the disk of a store, and reports changes. */
export class HealthWatch {
  #health: StoreHealth = { isFull: false, isOutOfDescriptors: false, readErrors: 0 };
  readonly #onChange: (health: StoreHealth) => void;

  constructor(onChange: (health: StoreHealth) => void) {
    this.#onChange = onChange;
  }

  get health(): StoreHealth {
    return this.#health;
  }

  readonly onFull = (isFull: boolean): void => this.#change({ isFull });

  readonly onShortage = (isOutOfDescriptors: boolean): void => this.#change({ isOutOfDescriptors });

  readonly onReadError = (): void => this.#change({ readErrors: this.#health.readErrors + 1 });

  #change(change: Partial<StoreHealth>): void {
    this.#health = { ...this.#health, ...change };
    this.#onChange(this.#health);
  }
}
