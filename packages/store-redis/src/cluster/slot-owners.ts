/**
 * The owner of each slot, kept up to date. It asks the servers when it is opened, when a call finds a wrong owner, and
 * from time to time.
 */

import { slotCount } from "../keys/key-slot.ts";
import type { Address } from "./address.ts";
import { askTopology, type Topology } from "./topology.ts";
import type { Transport } from "./transport.ts";

const refreshPauseMs = 100;
const maxAgeMs = 60_000;

/** The owners of all slots, as far as is known. Wrong ones are harmless: servers say who it is instead. */
export class SlotOwners {
  readonly #transport: Transport;
  readonly #seeds: readonly Address[];
  readonly #onRefreshed: (owners: ReadonlySet<Address>) => void;
  readonly #bySlot = new Array<Address | undefined>(slotCount).fill(undefined);
  #topology: Topology = { view: [], isCluster: false };
  #refreshes = 0;
  #refreshedAtMs = 0;
  #refreshing: Promise<void> | undefined;
  #closed = false;

  /**
   * @param seeds where to begin; the servers name the others.
   * @param onRefreshed told of all owners whenever they were asked for.
   */
  constructor(
    transport: Transport,
    seeds: readonly Address[],
    onRefreshed: (owners: ReadonlySet<Address>) => void,
  ) {
    this.#transport = transport;
    this.#seeds = seeds;
    this.#onRefreshed = onRefreshed;
  }

  /** Whether the servers are in Cluster mode. */
  get isCluster(): boolean {
    return this.#topology.isCluster;
  }

  /** Masters and replicas. */
  get servers(): readonly Address[] {
    return [...new Set(this.#topology.view.flatMap(({ servers }) => servers))];
  }

  /** How often the servers were asked, and how long ago the last time was. */
  get stats(): {
    readonly slotMapRefreshes: number;
    readonly slotMapAgeMs: number;
    readonly servers: number;
  } {
    const slotMapAgeMs = performance.now() - this.#refreshedAtMs;
    return { slotMapRefreshes: this.#refreshes, slotMapAgeMs, servers: this.#owners().size };
  }

  /** The owner of a slot. */
  of(slot: number): Address | undefined {
    return this.#bySlot[slot];
  }

  /** Notes one slot's new owner. */
  patch(slot: number, address: Address): void {
    this.#bySlot[slot] = address;
  }

  /** Asks the servers. Slots that they do not know keep the owner they had. @throws `unavailable`, `permission_denied` */
  async refresh(): Promise<void> {
    const known = new Set([...this.#owners(), ...this.servers, ...this.#seeds]);
    this.#topology = await askTopology(this.#transport, [...known]);
    for (const { first, last, owner } of this.#topology.view) this.#bySlot.fill(owner, first, last + 1);
    this.#refreshes++;
    this.#refreshedAtMs = performance.now();
    this.#onRefreshed(this.#owners());
  }

  /** Asks the servers in the background, and not all the time. */
  requestRefresh(): void {
    if (this.#refreshing !== undefined || this.#closed) return;
    this.#refreshing = this.refresh()
      // Nobody answers: calls that wait for an owner go on waiting, and ask again.
      .catch(() => {})
      .finally(() => {
        setTimeout(() => {
          this.#refreshing = undefined;
        }, refreshPauseMs).unref();
      });
  }

  /** Asks the servers in the background if that was long ago. */
  refreshIfOld(nowMs: number): void {
    if (nowMs - this.#refreshedAtMs > maxAgeMs) this.requestRefresh();
  }

  /** Asks no more. */
  close(): void {
    this.#closed = true;
  }

  #owners(): Set<Address> {
    const owners = new Set(this.#bySlot);
    owners.delete(undefined);
    return owners as Set<Address>;
  }
}
