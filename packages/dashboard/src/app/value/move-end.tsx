import { useState } from "preact/hooks";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { ErrorNote } from "../parts/error-note.tsx";
import { TextField } from "../parts/text-field.tsx";
import { toast } from "../parts/toast.tsx";
import { moveEnd, type StoredEntry } from "./stored-entry.ts";

interface Options {
  readonly entry: StoredEntry;
  onClose(): void;
  onDone(): void;
}

/** Sets when an entry ends. */
export function MoveEnd({ entry, onClose, onDone }: Options) {
  const [text, setText] = useState("");
  const [error, setError] = useState<unknown>();
  const seconds = Number(text);
  const isTime = text.trim() !== "" && Number.isFinite(seconds) && seconds >= 0.001;
  const move = async (ttlMs: number | null | undefined) => {
    try {
      const outcome = await moveEnd(entry, ttlMs);
      toast(outcome === "written" ? "The end was moved." : "Somebody else changed the entry: look again.");
      onDone();
      onClose();
    } catch (failure) {
      setError(failure);
    }
  };
  return (
    <Dialog
      title="When the entry ends"
      onClose={onClose}
      onSubmit={() => isTime && void move(Math.round(seconds * 1_000))}
      foot={
        <>
          <Button onClick={() => void move(undefined)}>As the policy says</Button>
          <Button onClick={() => void move(null)}>Never</Button>
          <Button look="main" type="submit" disabled={!isTime}>
            Set
          </Button>
        </>
      }
    >
      <TextField
        label="Seconds from now"
        value={text}
        onValue={setText}
        wrong={text !== "" && !isTime ? "This is no number of seconds, at least 0.001." : undefined}
      />
      {error !== undefined && <ErrorNote error={error} />}
    </Dialog>
  );
}
