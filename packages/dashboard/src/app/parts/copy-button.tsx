import { useState } from "preact/hooks";
import { Button } from "./button.tsx";
import { toast } from "./toast.tsx";

interface Options {
  readonly text: string;
  /** What the button says. Default: "Copy". */
  readonly label?: string | undefined;
}

/** Copies text to the clipboard and says so. */
export function CopyButton({ text, label = "Copy" }: Options) {
  const [isDone, setDone] = useState(false);
  const copy = async () => {
    try {
      await copyText(text);
      setDone(true);
      setTimeout(setDone, 1_500, false);
    } catch {
      toast("The browser did not let the text be copied.", "bad");
    }
  };
  return (
    <Button look="quiet" onClick={() => void copy()}>
      {isDone ? "Copied" : label}
    </Button>
  );
}

/** Copies text; also on a page without TLS, which has no `navigator.clipboard`. */
async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = document.createElement("textarea");
  field.value = text;
  field.style.position = "fixed";
  // Outside an open dialog nothing can be selected.
  (document.querySelector("dialog[open]") ?? document.body).append(field);
  field.select();
  const isCopied = document.execCommand("copy");
  field.remove();
  if (!isCopied) throw new Error("not copied");
}
