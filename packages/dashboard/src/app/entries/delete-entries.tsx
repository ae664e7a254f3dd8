import { useState } from "preact/hooks";
import { Button } from "../parts/button.tsx";
import { CommandHint } from "../parts/command-hint.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { ErrorNote } from "../parts/error-note.tsx";
import { countOf } from "../parts/numbers.ts";
import { SafeText } from "../parts/safe-text.tsx";
import { toast } from "../parts/toast.tsx";
import type { EntryRow } from "./entry-rows.ts";
import { keyWords } from "./key-bytes.ts";
import type { OpenDict } from "./open-dict.ts";

interface Options {
  readonly environment: string;
  readonly dict: string;
  readonly opened: OpenDict;
  readonly rows: readonly EntryRow[];
  onClose(): void;
  onDone(): void;
}

const namedMax = 5;
/** So many keys fit into a request unless most of them have over 100 KiB. */
const batchKeys = 1_000;

/** Deletes entries after their count was shown. */
export function DeleteEntries({ environment, dict, opened, rows, onClose, onDone }: Options) {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const remove = async () => {
    setBusy(true);
    try {
      let removed = 0;
      for (let at = 0; at < rows.length; at += batchKeys) {
        const keys = rows.slice(at, at + batchKeys).map(({ key }) => key);
        removed += await opened.service.removeMany(opened.info.dictId, keys);
      }
      toast(`${countOf(removed, "entry was", "entries were")} deleted.`);
      onDone();
      onClose();
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  const [first] = rows;
  return (
    <Dialog
      title={`Delete ${countOf(rows.length, "entry", "entries")}`}
      onClose={onClose}
      onSubmit={() => void remove()}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="danger" type="submit" disabled={isBusy}>
            Delete for good
          </Button>
        </>
      }
    >
      <ul class="entries-named">
        {rows.slice(0, namedMax).map(({ key, keyText }) => (
          <li key={key}>
            <SafeText text={keyText} max={80} class="mono" />
          </li>
        ))}
        {rows.length > namedMax && <li class="soft">and {countOf(rows.length - namedMax, "other")}</li>}
      </ul>
      <p>This cannot be undone. An entry that was written anew meanwhile goes as well.</p>
      {error !== undefined && <ErrorNote error={error} />}
      {first && rows.length === 1 && (
        <CommandHint words={["dict", "remove", dict, ...keyWords(first.key), "--env", environment]} />
      )}
    </Dialog>
  );
}
