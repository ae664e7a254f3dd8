import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";
import { ErrorNote } from "./error-note.tsx";
import { SafeText } from "./safe-text.tsx";

interface Options {
  readonly title: string;
  /** What has to be typed. */
  readonly name: string;
  /** What the button says. */
  readonly action: string;
  onClose(): void;
  /** Done when the promise is; an error is shown and the dialog stays. */
  onConfirm(): Promise<void>;
  /** What will be lost, with its count. */
  readonly children: ComponentChildren;
}

/** Asks for a name to be typed before something is lost for good. */
export function TypeToConfirm({ title, name, action, onClose, onConfirm, children }: Options) {
  const [typed, setTyped] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const confirm = async () => {
    if (typed !== name || isBusy) return;
    setBusy(true);
    try {
      await onConfirm();
      onClose();
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={title}
      onClose={onClose}
      onSubmit={() => void confirm()}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="danger" type="submit" disabled={typed !== name || isBusy}>
            {action}
          </Button>
        </>
      }
    >
      <div>{children}</div>
      <label class="field">
        <span>
          Type <SafeText text={name} class="mono" /> to confirm
        </span>
        <input
          autocomplete="off"
          spellcheck={false}
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
      </label>
      {error !== undefined && <ErrorNote error={error} />}
    </Dialog>
  );
}
