import { encode } from "@everdict/pickle";
import type { FoundEntry } from "@everdict/protocol";
import { useEffect, useState } from "preact/hooks";
import { readJson } from "../entries/plain-json.ts";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { ErrorNote } from "../parts/error-note.tsx";
import { toast } from "../parts/toast.tsx";
import { type StoredEntry, writeIfUnchanged } from "./stored-entry.ts";
import { valueText } from "./value-text.ts";

interface Options {
  readonly entry: StoredEntry;
  /** The value as JSON. */
  readonly text: string;
  onClose(): void;
  onDone(): void;
}

/** Edits a value as JSON. Saving overwrites only what was read; else both values are shown, and the person chooses. */
export function EditValue({ entry, text: before, onClose, onDone }: Options) {
  const [text, setText] = useState(before);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  /** What somebody else wrote meanwhile; undefined: nothing that is known of. */
  const [conflict, setConflict] = useState<{ readonly now: FoundEntry | undefined }>();
  const read = readJson(text);
  const save = async (expected: string) => {
    if ("wrong" in read) return;
    setBusy(true);
    setError(undefined);
    try {
      const outcome = await writeIfUnchanged(entry, encode(read.value), expected);
      if (outcome === "written") {
        toast("The value was saved.");
        onDone();
        onClose();
      } else setConflict(outcome);
    } catch (failure) {
      setError(failure);
    }
    setBusy(false);
  };
  const isChanged = text !== before;
  useEffect(() => {
    if (!isChanged) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [isChanged]);
  const leave = () => {
    if (!isChanged || confirm("Leave without saving what you typed?")) onClose();
  };
  const keepTheirs = () => {
    onDone();
    onClose();
  };
  return (
    <Dialog
      title={conflict ? "Somebody else changed this entry" : "Edit value"}
      isWide
      onClose={leave}
      onSubmit={() => conflict === undefined && void save(entry.found!.version)}
      foot={
        <Foot
          {...{ conflict, keepTheirs }}
          onClose={leave}
          isSavable={!isBusy && !("wrong" in read)}
          isSame={!isChanged}
          onOverwrite={() => void save(conflict?.now?.version ?? "absent")}
        />
      }
    >
      {conflict && <Theirs now={conflict.now} />}
      <label class="field">
        <span>{conflict ? "Mine, as JSON" : "Value, as JSON"}</span>
        <textarea
          rows={12}
          spellcheck={false}
          class="mono"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        {"wrong" in read && <span class="field-wrong">{read.wrong}</span>}
      </label>
      <p class="soft">Saving is a write: from then on the dictionary says again when the entry ends.</p>
      {error !== undefined && <ErrorNote error={error} />}
    </Dialog>
  );
}

function Theirs({ now }: { readonly now: FoundEntry | undefined }) {
  return (
    <div role="alert" class="field">
      <span>{now ? "Theirs, as it is now" : "They removed it."}</span>
      {now && <pre class="value-text">{valueText(now.value, "value")}</pre>}
    </div>
  );
}

interface FootOptions {
  readonly conflict: { readonly now: FoundEntry | undefined } | undefined;
  readonly isSavable: boolean;
  /** Whether nothing was changed. */
  readonly isSame: boolean;
  onClose(): void;
  keepTheirs(): void;
  onOverwrite(): void;
}

/** What can be done: save or not, or, where somebody else wrote, whose value it shall be. */
function Foot({ conflict, isSavable, isSame, onClose, keepTheirs, onOverwrite }: FootOptions) {
  if (conflict === undefined) {
    return (
      <>
        <Button onClick={onClose}>Cancel</Button>
        <Button look="main" type="submit" disabled={!isSavable || isSame}>
          Save
        </Button>
      </>
    );
  }
  return (
    <>
      <Button onClick={keepTheirs}>{conflict.now ? "Keep theirs" : "Leave it removed"}</Button>
      <Button look="danger" disabled={!isSavable} onClick={onOverwrite}>
        {conflict.now ? "Overwrite theirs with mine" : "Write mine again"}
      </Button>
    </>
  );
}
