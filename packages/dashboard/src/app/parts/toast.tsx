import { signal } from "@preact/signals";
import { Button } from "./button.tsx";

interface Toast {
  readonly id: number;
  readonly text: string;
  readonly isBad: boolean;
}

const toasts = signal<readonly Toast[]>([]);
let lastId = 0;

/** Says at the corner of the window what was done; what went wrong stays until it is closed. */
export function toast(text: string, look: "good" | "bad" = "good"): void {
  const id = ++lastId;
  toasts.value = [...toasts.value.slice(-3), { id, text, isBad: look === "bad" }];
  if (look === "good") setTimeout(close, 5_000, id);
}

function close(id: number): void {
  toasts.value = toasts.value.filter((each) => each.id !== id);
}

/** Where toasts appear; once in the page. */
export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map(({ id, text, isBad }) => (
        <div key={id} class={isBad ? "toast toast-bad" : "toast"}>
          <span class="grow">{text}</span>
          <Button look="quiet" aria-label="Close message" onClick={() => close(id)}>
            ✕
          </Button>
        </div>
      ))}
    </div>
  );
}
