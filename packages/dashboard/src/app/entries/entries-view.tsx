import "./entries.css";
import { Dict } from "everdict";
import { useEffect, useRef, useState } from "preact/hooks";
import { Button } from "../parts/button.tsx";
import { CommandHint } from "../parts/command-hint.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { ErrorNote } from "../parts/error-note.tsx";
import { bytesText, countOf } from "../parts/numbers.ts";
import { Spinner } from "../parts/spinner.tsx";
import { useLoaded } from "../parts/use-loaded.ts";
import { hrefOf } from "../routes/route.ts";
import { environmentName } from "../session/environments.ts";
import { mayWrite, signedIn } from "../session/session.ts";
import { useActions } from "../shell/actions.ts";
import { AddEntry } from "./add-entry.tsx";
import { DeleteEntries } from "./delete-entries.tsx";
import type { EntryRow } from "./entry-rows.ts";
import { EntryTable } from "./entry-table.tsx";
import { FindEntry } from "./find-entry.tsx";
import { openDict } from "./open-dict.ts";
import { useRows } from "./use-rows.ts";

interface Options {
  readonly environment: string;
  readonly dict: string;
}

/** The entries of a dictionary. */
export function EntriesView({ environment: named, dict }: Options) {
  const environment = environmentName(named);
  const opened = useLoaded(() => openDict(environment, dict), [environment, dict]);
  const [prefix, setPrefix] = useState("");
  const [selected, setSelected] = useState<ReadonlySet<EntryRow>>(new Set());
  const [open, setOpen] = useState<"add" | "delete">();
  const find = useRef<HTMLInputElement>(null);
  const rows = useRows(opened.value, prefix);
  useEffect(() => setSelected(new Set()), [prefix]);
  const again = () => {
    // Rows that are read anew are others: what no box shows must not be deleted.
    setSelected(new Set());
    rows.again();
  };
  useActions(
    () => [
      ...(mayWrite() ? [{ name: "New entry", key: "n", run: () => setOpen("add") }] : []),
      { name: "Find an entry", key: "/", run: () => find.current?.focus() },
      { name: "Load again", key: "r", run: again },
    ],
    [mayWrite()],
  );
  if (opened.error !== undefined) return <ErrorNote error={opened.error} onRetry={opened.again} />;
  const close = () => setOpen(undefined);
  const words = prefix === "" ? [] : ["--prefix", prefix];
  return (
    <div class="stack">
      <div class="row entries-head">
        <a href={hrefOf({ view: "dicts", environment })}>Dictionaries</a>
        <span class="soft">/</span>
        <h1>
          <bdi>{dict}</bdi>
        </h1>
        <Size dictId={opened.value?.info.dictId} />
        <span class="grow" />
        <Button onClick={again}>Load again</Button>
        {mayWrite() && <Changes count={selected.size} onOpen={setOpen} />}
      </div>
      <FindEntry environment={environment} dict={dict} input={find} onPrefix={setPrefix} />
      {rows.error !== undefined && <ErrorNote error={rows.error} onRetry={again} />}
      {rows.rows.length > 0 && (
        <EntryTable
          {...{ environment, dict, selected }}
          rows={rows.rows}
          onSelected={setSelected}
          onNearEnd={rows.more}
        />
      )}
      <End rows={rows} nothing={prefix === "" ? "No entries here yet" : "No key begins so"} />
      <CommandHint words={["dict", "items", dict, ...words, "--env", environment]} />
      {open === "add" && <AddEntry {...{ environment, dict }} onClose={close} />}
      {open === "delete" && opened.value && (
        <DeleteEntries
          {...{ environment, dict }}
          opened={opened.value}
          rows={[...selected]}
          onClose={close}
          onDone={() => {
            rows.leaveOut(selected);
            setSelected(new Set());
          }}
        />
      )}
    </div>
  );
}

/** What can be changed: of the selected entries, how many there are is said. */
function Changes({ count, onOpen }: { readonly count: number; onOpen(what: "add" | "delete"): void }) {
  return (
    <>
      {count > 0 && (
        <Button look="danger" onClick={() => onOpen("delete")}>
          Delete {countOf(count, "entry", "entries")}…
        </Button>
      )}
      <Button look="main" onClick={() => onOpen("add")}>
        New entry
      </Button>
    </>
  );
}

/** What stands below the last row that was read. */
function End({ rows, nothing }: { readonly rows: ReturnType<typeof useRows>; readonly nothing: string }) {
  if (rows.isLoading) return <Spinner label="Loading entries" />;
  if (rows.next !== undefined) return <Button onClick={rows.more}>Load more</Button>;
  return rows.rows.length === 0 && rows.error === undefined ? <EmptyState title={nothing} /> : null;
}

/** How much is in the dictionary. */
function Size({ dictId }: { readonly dictId: string | undefined }) {
  const stats = useLoaded(
    async () => dictId && Dict.fromId(dictId, { client: signedIn.value!.client }).stats(),
    [dictId],
  );
  if (!stats.value) return null;
  const { entries, bytes } = stats.value;
  return (
    <span class="soft">
      {countOf(entries, "entry", "entries")}
      {bytes !== undefined && `, ${bytesText(bytes)}`}
    </span>
  );
}
