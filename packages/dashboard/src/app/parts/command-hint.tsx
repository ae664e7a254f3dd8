import { CopyButton } from "./copy-button.tsx";
import { shellLine } from "./shell-quote.ts";

interface Options {
  /** What stands behind `everdict`, word by word and not quoted: `["dict", "get", name, key]`. */
  readonly words: readonly string[];
  /** Shown at once, not behind a word to click. */
  readonly isOpen?: boolean | undefined;
}

/** The line of the command line that does the same, to be copied. */
export function CommandHint({ words, isOpen = false }: Options) {
  const line = shellLine(["everdict", ...words]);
  return (
    <details class="command" open={isOpen}>
      <summary>The command for this</summary>
      <div class="command-line">
        <code>{line}</code>
        <CopyButton text={line} />
      </div>
    </details>
  );
}
