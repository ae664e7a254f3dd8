import type { DictInfo } from "@everdict/protocol";
import { Dict } from "everdict";
import { useState } from "preact/hooks";
import { Button } from "../parts/button.tsx";
import { CommandHint } from "../parts/command-hint.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { ErrorNote } from "../parts/error-note.tsx";
import { bytesText, countOf } from "../parts/numbers.ts";
import { Spinner } from "../parts/spinner.tsx";
import { TimeText } from "../parts/time-text.tsx";
import { toast } from "../parts/toast.tsx";
import { TypeToConfirm } from "../parts/type-to-confirm.tsx";
import { useLoaded } from "../parts/use-loaded.ts";
import { mayWrite, signedIn } from "../session/session.ts";
import { expiryWord } from "./expiry-text.ts";
import { changeOf, SetUpFields, useSetUp } from "./set-up-fields.tsx";

interface Options {
  readonly environment: string;
  readonly info: DictInfo;
  onClose(): void;
  onDone(): void;
}

/** How a dictionary is set up, and what ends it or what is in it. */
export function ManageDict(options: Options) {
  const [loss, setLoss] = useState<"clear" | "delete">();
  if (loss !== undefined) return <Lose {...options} how={loss} />;
  return <Configure {...options} onLoss={setLoss} />;
}

function Configure({
  environment,
  info,
  onClose,
  onDone,
  onLoss,
}: Options & { onLoss(how: "clear" | "delete"): void }) {
  const { name, dictId } = info;
  const [setUp, setSetUp] = useSetUp(info);
  const [error, setError] = useState<unknown>();
  const change = changeOf(setUp);
  const save = async () => {
    if (change === undefined) return;
    try {
      await Dict.fromId(dictId, { client: signedIn.value!.client }).configure(change);
      toast(`${name} was changed.`);
      onClose();
      onDone();
    } catch (failure) {
      setError(failure);
    }
  };
  const words = [
    ...["dict", "configure", name, "--env", environment],
    ...(change?.expiry ? ["--expiry", expiryWord(change.expiry)] : []),
    ...(change?.durability ? ["--durability", change.durability] : []),
  ];
  const saveButton = mayWrite() && (
    <Button look="main" type="submit" disabled={change === undefined}>
      Save
    </Button>
  );
  return (
    <Dialog title={name} onClose={onClose} onSubmit={() => void save()} foot={saveButton}>
      <p class="soft dicts-facts">
        Created <TimeText seconds={info.createdAtSeconds} /> by <bdi>{info.createdBy || "nobody known"}</bdi>
        <br />
        <span class="mono">{dictId}</span>
      </p>
      {mayWrite() && (
        <>
          <SetUpFields value={setUp} onValue={setSetUp} hasDefaults={false} />
          {error !== undefined && <ErrorNote error={error} />}
          <CommandHint words={words} />
        </>
      )}
      <div class="row dicts-more">
        {mayWrite() && (
          <>
            <span class="grow" />
            <Button onClick={() => onLoss("clear")}>Remove all entries…</Button>
            <Button onClick={() => onLoss("delete")}>Delete…</Button>
          </>
        )}
      </div>
    </Dialog>
  );
}

function Lose({ environment, info, onClose, onDone, how }: Options & { readonly how: "clear" | "delete" }) {
  const { name, dictId } = info;
  const { client } = signedIn.value!;
  const stats = useLoaded(() => Dict.fromId(dictId, { client }).stats(), [dictId]);
  const lose = async () => {
    if (how === "clear") await Dict.fromId(dictId, { client }).clear();
    // By its id: a dictionary of the same name that somebody made meanwhile is another one.
    else await (await client.service()).deleteDict(dictId);
    toast(how === "clear" ? `${name} is empty.` : `${name} was deleted.`);
    onDone();
  };
  const { entries, bytes } = stats.value ?? {};
  return (
    <TypeToConfirm
      title={how === "clear" ? "Remove all entries" : "Delete dictionary"}
      name={name}
      action={how === "clear" ? "Remove all entries" : "Delete for good"}
      onClose={onClose}
      onConfirm={lose}
    >
      <p>
        {entries === undefined ? (
          stats.error === undefined ? (
            <Spinner label="Counting" />
          ) : (
            "All entries"
          )
        ) : (
          <strong>
            {countOf(entries, "entry", "entries")}
            {bytes !== undefined && `, ${bytesText(bytes)}`}
          </strong>
        )}{" "}
        will be lost{how === "delete" && ", and the dictionary with them"}. This cannot be undone.
      </p>
      <CommandHint words={["dict", how, name, "--env", environment]} />
    </TypeToConfirm>
  );
}
