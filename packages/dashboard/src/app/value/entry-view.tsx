import { fromBase64Url } from "@everdict/protocol";
import "./value.css";
import { useMemo, useState } from "preact/hooks";
import { keyText, keyWords } from "../entries/key-bytes.ts";
import { Button } from "../parts/button.tsx";
import { CommandHint } from "../parts/command-hint.tsx";
import { CopyButton } from "../parts/copy-button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { ErrorNote } from "../parts/error-note.tsx";
import { BytesText } from "../parts/number-text.tsx";
import { SafeText } from "../parts/safe-text.tsx";
import { Spinner } from "../parts/spinner.tsx";
import { Tabs } from "../parts/tabs.tsx";
import { TimeText } from "../parts/time-text.tsx";
import { toast } from "../parts/toast.tsx";
import { useLoaded } from "../parts/use-loaded.ts";
import { go, hrefOf } from "../routes/route.ts";
import { environmentName } from "../session/environments.ts";
import { mayWrite } from "../session/session.ts";
import { useActions } from "../shell/actions.ts";
import { EditValue } from "./edit-value.tsx";
import { MoveEnd } from "./move-end.tsx";
import { editableText, readEntry, removeIfUnchanged, type StoredEntry } from "./stored-entry.ts";
import { type Form, forms, valueText } from "./value-text.ts";

interface Options {
  readonly environment: string;
  readonly dict: string;
  /** The bytes of the key, as an address has them. */
  readonly entryKey: string;
}

/** One entry. */
export function EntryView({ environment: named, dict, entryKey }: Options) {
  const environment = environmentName(named);
  const key = fromBase64Url(entryKey);
  const loaded = useLoaded(
    async () => (key === undefined ? undefined : readEntry(environment, dict, key)),
    [environment, dict, entryKey],
  );
  useActions(() => [{ name: "Load again", key: "r", run: loaded.again }], []);
  if (key === undefined) return <EmptyState title="This address has no key" />;
  return (
    <div class="stack">
      <div class="row">
        <a href={hrefOf({ view: "entries", environment, dict })}>
          <bdi>{dict}</bdi>
        </a>
        <span class="soft">/</span>
        <h1 class="value-key">
          <SafeText text={keyText(key) || '""'} />
        </h1>
        {loaded.isLoading && <Spinner />}
        <span class="grow" />
        <Button onClick={loaded.again}>Load again</Button>
      </div>
      {loaded.error !== undefined && <ErrorNote error={loaded.error} onRetry={loaded.again} />}
      {loaded.value && !loaded.value.found && <EmptyState title="No entry has this key" />}
      {loaded.value?.found && (
        <Found
          entry={loaded.value}
          onChanged={loaded.again}
          onGone={() => go({ view: "entries", environment, dict })}
        />
      )}
      <CommandHint words={["dict", "entry", dict, ...keyWords(key), "--env", environment]} />
    </div>
  );
}

interface FoundOptions {
  readonly entry: StoredEntry;
  onChanged(): void;
  onGone(): void;
}

function Found({ entry, onChanged, onGone }: FoundOptions) {
  const [form, setForm] = useState<Form>("value");
  const [open, setOpen] = useState<"edit" | "end" | "delete">();
  const { value, version, expiresAtMs } = entry.found!;
  const text = useMemo(() => valueText(value, form), [value, form]);
  const editable = useMemo(() => editableText(value), [value]);
  const close = () => setOpen(undefined);
  return (
    <>
      <dl class="value-facts">
        <dt>Size</dt>
        <dd>
          <BytesText bytes={value.length} />
        </dd>
        <dt>Ends</dt>
        <dd>{expiresAtMs === undefined ? "never" : <TimeText seconds={expiresAtMs / 1_000} />}</dd>
        <dt>Version</dt>
        <dd class="mono">{version}</dd>
      </dl>
      <div class="row">
        {mayWrite() && (
          <>
            <Button
              look="main"
              disabled={editable === undefined}
              title={editable === undefined ? "JSON cannot say all that this value holds." : undefined}
              onClick={() => setOpen("edit")}
            >
              Edit
            </Button>
            <Button onClick={() => setOpen("end")}>Set end…</Button>
            <Button onClick={() => setOpen("delete")}>Delete…</Button>
          </>
        )}
        <span class="grow" />
        <CopyButton text={text} label="Copy what is shown" />
      </div>
      <Tabs<Form> label="Forms of the value" tabs={forms} selected={form} onSelect={setForm}>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
        <pre class="value-text" tabIndex={0}>
          {text}
        </pre>
      </Tabs>
      {open === "edit" && editable !== undefined && (
        <EditValue entry={entry} text={editable} onClose={close} onDone={onChanged} />
      )}
      {open === "end" && <MoveEnd entry={entry} onClose={close} onDone={onChanged} />}
      {open === "delete" && <DeleteEntry entry={entry} onClose={close} {...{ onChanged, onGone }} />}
    </>
  );
}

function DeleteEntry({ entry, onClose, onChanged, onGone }: FoundOptions & { onClose(): void }) {
  const [error, setError] = useState<unknown>();
  const remove = async () => {
    try {
      const outcome = await removeIfUnchanged(entry, entry.found!.version);
      toast(
        outcome === "written" ? "The entry was deleted." : "Somebody else changed the entry: look again.",
      );
      onClose();
      if (outcome === "written") onGone();
      else onChanged();
    } catch (failure) {
      setError(failure);
    }
  };
  return (
    <Dialog
      title="Delete entry"
      onClose={onClose}
      onSubmit={() => void remove()}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="danger" type="submit">
            Delete for good
          </Button>
        </>
      }
    >
      <p>
        <SafeText text={keyText(entry.key)} class="mono" /> will be lost. This cannot be undone.
      </p>
      {error !== undefined && <ErrorNote error={error} />}
    </Dialog>
  );
}
