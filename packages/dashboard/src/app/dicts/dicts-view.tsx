import "./dicts.css";
import type { DictInfo } from "@everdict/protocol";
import { useRef, useState } from "preact/hooks";
import { Button } from "../parts/button.tsx";
import { CommandHint } from "../parts/command-hint.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { ErrorNote } from "../parts/error-note.tsx";
import { countText } from "../parts/numbers.ts";
import { Spinner } from "../parts/spinner.tsx";
import { useLoaded } from "../parts/use-loaded.ts";
import { environmentName } from "../session/environments.ts";
import { mayAdminister, mayWrite } from "../session/session.ts";
import { useActions } from "../shell/actions.ts";
import { CreateDict } from "./create-dict.tsx";
import { DictTable, type Order } from "./dict-table.tsx";
import { EnvironmentsDialog } from "./environments-dialog.tsx";
import { loadDicts } from "./known-dicts.ts";
import { ManageDict } from "./manage-dict.tsx";

/** The dictionaries of an environment. */
export function DictsView({ environment: named }: { readonly environment: string }) {
  const environment = environmentName(named);
  const loaded = useLoaded(() => loadDicts(environment), [environment]);
  const [typed, setTyped] = useState("");
  const [order, setOrder] = useState<Order>("name");
  const [open, setOpen] = useState<"create" | "environments" | DictInfo>();
  const search = useRef<HTMLInputElement>(null);
  useActions(
    () => [
      ...(mayWrite() ? [{ name: "New dictionary", key: "n", run: () => setOpen("create") }] : []),
      ...(mayAdminister() ? [{ name: "Manage environments", run: () => setOpen("environments") }] : []),
      { name: "Filter dictionaries", key: "/", run: () => search.current?.focus() },
      { name: "Load again", key: "r", run: loaded.again },
    ],
    [mayWrite(), mayAdminister()],
  );
  const all = loaded.value ?? [];
  const close = () => setOpen(undefined);
  return (
    <div class="stack">
      <div class="row dicts-head">
        <h1>Dictionaries</h1>
        {/* One element in either case: else the buttons behind it would change places while they are made anew. */}
        <span class="soft">{loaded.isLoading ? <Spinner /> : countText(all.length)}</span>
        <span class="grow" />
        {mayAdminister() && <Button onClick={() => setOpen("environments")}>Environments</Button>}
        {mayWrite() && (
          <Button look="main" onClick={() => setOpen("create")}>
            New dictionary
          </Button>
        )}
      </div>
      <input
        ref={search}
        class="input dicts-filter"
        type="search"
        aria-label="Filter dictionaries"
        placeholder="Filter by name"
        value={typed}
        onInput={(event) => setTyped(event.currentTarget.value)}
      />
      {loaded.error !== undefined && <ErrorNote error={loaded.error} onRetry={loaded.again} />}
      {loaded.value !== undefined && (
        <Found {...{ environment, all, typed, order }} onOrder={setOrder} onManage={setOpen} />
      )}
      <CommandHint words={["dict", "list", "--env", environment]} />
      {open === "create" && <CreateDict environment={environment} onClose={close} onDone={loaded.again} />}
      {open === "environments" && <EnvironmentsDialog onClose={close} />}
      {typeof open === "object" && (
        <ManageDict environment={environment} info={open} onClose={close} onDone={loaded.again} />
      )}
    </div>
  );
}

interface FoundOptions {
  readonly environment: string;
  readonly all: readonly DictInfo[];
  readonly typed: string;
  readonly order: Order;
  onOrder(order: Order): void;
  onManage(info: DictInfo): void;
}

function Found({ environment, all, typed, order, onOrder, onManage }: FoundOptions) {
  const wanted = typed.trim().toLowerCase();
  const dicts = all.filter(({ name }) => name.toLowerCase().includes(wanted)).sort(comparing(order));
  if (all.length === 0) {
    return (
      <EmptyState title="No dictionaries here yet">
        {mayWrite()
          ? "Create one, or let a program do it: its first use with “create if missing” is enough."
          : "They show here as soon as a program creates them."}
      </EmptyState>
    );
  }
  if (dicts.length === 0) return <EmptyState title="No dictionary has this in its name" />;
  return <DictTable {...{ environment, dicts, order, onOrder, onManage }} />;
}

function comparing(order: Order): (a: DictInfo, b: DictInfo) => number {
  if (order === "created") return (a, b) => b.createdAtSeconds - a.createdAtSeconds;
  return (a, b) => (a.name < b.name ? -1 : 1);
}
