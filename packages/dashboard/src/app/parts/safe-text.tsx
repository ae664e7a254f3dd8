import { countText } from "./numbers.ts";
import { visiblePieces } from "./visible-pieces.ts";

interface Options {
  /** Any text: a name, a key, a value. */
  readonly text: string;
  /** How many characters are shown; then follows how many there are. Default: 200. */
  readonly max?: number | undefined;
  /** One line that ends with an ellipsis where the room ends. */
  readonly isOneLine?: boolean | undefined;
  readonly class?: string | undefined;
}

/** Text of others as text: it cannot turn what is around it, nothing in it is unseen, and it is cut where it is long. */
export function SafeText({ text, max = 200, isOneLine = false, class: name = "" }: Options) {
  const cut = text.length > max ? text.slice(0, max) : text;
  return (
    <bdi class={`safe ${isOneLine ? "safe-one-line" : ""} ${name}`}>
      {visiblePieces(cut).map(({ text: piece, isControl }, index) =>
        isControl ? (
          <span key={index} class="safe-control">
            {piece}
          </span>
        ) : (
          piece
        ),
      )}
      {cut !== text && <span class="soft">… {countText(text.length)} characters</span>}
    </bdi>
  );
}
