// Repeated short texts in a value (property names above all) are written once and referred to afterwards, as
// CPython does for names that are one object. Which texts repeat is guessed by a small direct-mapped table that
// lives as long as the encoder: a collision only costs a repeated spelling, which Python reads as equal.

const SLOTS = 512;
/** Longer texts seldom repeat, and comparing them costs more than writing them. */
const TEXT_MAX_UNITS = 40;

/** Memo numbers of short texts, for one pickle at a time. */
export class TextMemo {
  private readonly texts: string[] = new Array(SLOTS).fill("");
  private readonly numbers = new Int32Array(SLOTS);
  private readonly epochs = new Int32Array(SLOTS);
  private epoch = 0;
  private slot = -1;

  /** Forgets all texts. */
  clear(): void {
    this.epoch++;
    if (this.epoch === 0x7fffffff) {
      this.epochs.fill(0);
      this.epoch = 1;
    }
  }

  /** The memo number of a text, or -1; in that case {@link setLast} may follow. */
  get(text: string): number {
    const { length } = text;
    if (length > TEXT_MAX_UNITS) {
      this.slot = -1;
      return -1;
    }
    let hash = length;
    if (length > 0) {
      hash += text.charCodeAt(0) * 7 + text.charCodeAt(length >> 1) * 31 + text.charCodeAt(length - 1) * 127;
    }
    const slot = hash & (SLOTS - 1);
    this.slot = slot;
    return this.epochs[slot] === this.epoch && this.texts[slot] === text
      ? (this.numbers[slot] as number)
      : -1;
  }

  /** Remembers the text that {@link get} was last asked for. */
  setLast(text: string, number: number): void {
    const { slot } = this;
    if (slot < 0) return;
    this.texts[slot] = text;
    this.numbers[slot] = number;
    this.epochs[slot] = this.epoch;
  }
}
