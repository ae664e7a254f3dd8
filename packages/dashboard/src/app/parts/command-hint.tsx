import { CopyButton } from "./copy-button.tsx";
import { shellLine } from "./shell-quote.ts";

interface Options {
  /** What stands behind `everdict`, word by word and not quoted: `["dict", "get", name, key]`. */
  readonly words: readonly string[];
}

/** The line of the command line that does the same, to be copied. */
export function CommandHint({ words }: Options) {
  const line = shellLine(["everdict", ...words]);
  return (
    <details class="command">
      <summary>The command for this</summary>
      <div class="command-line">
        <code>{line}</code>
        <CopyButton text={line} />
      </div>
    </details>
  );
}
