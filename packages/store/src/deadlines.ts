/**
 * Deadlines: finds which of many items are due, in time proportional to how many are due.
 *
 * A binary heap of items by moment. It remembers each item's place in the heap, so that a deadline can be moved or
 * dropped exactly, without stale nodes. `set` and `delete` take O(log n), looking at the earliest O(1).
 */

interface Node<Item> {
  readonly item: Item;
  atMs: number;
  place: number;
}

/** Items with one moment each, earliest first. */
export class Deadlines<Item> {
  readonly #heap: Node<Item>[] = [];
  readonly #nodes = new Map<Item, Node<Item>>();

  /** How many items have a deadline. */
  get size(): number {
    return this.#heap.length;
  }

  /** The earliest moment, or `Infinity` if there is none. */
  get earliestMs(): number {
    return this.#heap[0]?.atMs ?? Number.POSITIVE_INFINITY;
  }

  /** Gives an item a deadline or moves the one it has. `Infinity` means none. */
  set(item: Item, atMs: number): void {
    if (atMs === Number.POSITIVE_INFINITY) {
      this.delete(item);
      return;
    }
    const known = this.#nodes.get(item);
    if (known !== undefined) {
      known.atMs = atMs;
      this.#settle(known);
      return;
    }
    const node = { item, atMs, place: this.#heap.length };
    this.#heap.push(node);
    this.#nodes.set(item, node);
    this.#settle(node);
  }

  /** Drops an item's deadline if it has one. */
  delete(item: Item): void {
    const node = this.#nodes.get(item);
    if (node === undefined) return;
    this.#nodes.delete(item);
    const last = this.#heap.pop()!;
    if (last === node) return;
    this.#place(last, node.place);
    this.#settle(last);
  }

  /** The earliest item if its moment has come; it stays until it is moved or deleted. */
  due(nowMs: number): Item | undefined {
    const first = this.#heap[0];
    return first !== undefined && first.atMs <= nowMs ? first.item : undefined;
  }

  /** Up to `maxItems` items whose moment has come, in no particular order; they stay. */
  allDue(nowMs: number, maxItems: number): Item[] {
    const found: Item[] = [];
    // A parent is never later than its children, so the due nodes form a tree at the root: only they and the
    // children just below them are looked at.
    const places = [0];
    while (places.length > 0 && found.length < maxItems) {
      const place = places.pop()!;
      const node = this.#heap[place];
      if (node === undefined || node.atMs > nowMs) continue;
      found.push(node.item);
      places.push(2 * place + 1, 2 * place + 2);
    }
    return found;
  }

  #place(node: Node<Item>, place: number): void {
    node.place = place;
    this.#heap[place] = node;
  }

  #settle(node: Node<Item>): void {
    this.#rise(node);
    this.#sink(node);
  }

  #rise(node: Node<Item>): void {
    while (node.place > 0) {
      const parent = this.#heap[(node.place - 1) >> 1]!;
      if (parent.atMs <= node.atMs) return;
      this.#swap(parent, node);
    }
  }

  #sink(node: Node<Item>): void {
    for (;;) {
      const left = this.#heap[2 * node.place + 1];
      const right = this.#heap[2 * node.place + 2];
      const child = right !== undefined && right.atMs < left!.atMs ? right : left;
      if (child === undefined || child.atMs >= node.atMs) return;
      this.#swap(node, child);
    }
  }

  #swap(one: Node<Item>, other: Node<Item>): void {
    const place = one.place;
    this.#place(one, other.place);
    this.#place(other, place);
  }
}
