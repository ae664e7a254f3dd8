import { checkDictName } from "@everdict/protocol";
import { Dict } from "everdict";
import { useState } from "preact/hooks";
import { Button } from "../parts/button.tsx";
import { CommandHint } from "../parts/command-hint.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { ErrorNote } from "../parts/error-note.tsx";
import { errorText } from "../parts/error-text.ts";
import { TextField } from "../parts/text-field.tsx";
import { toast } from "../parts/toast.tsx";
import { signedIn } from "../session/session.ts";
import { expiryWord } from "./expiry-text.ts";
import { changeOf, SetUpFields, useSetUp } from "./set-up-fields.tsx";

interface Options {
  readonly environment: string;
  onClose(): void;
  onDone(): void;
}

/** Creates a dictionary. */
export function CreateDict({ environment, onClose, onDone }: Options) {
  const [name, setName] = useState("");
  const [setUp, setSetUp] = useSetUp({});
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const wrong = name === "" ? undefined : wrongName(name);
  const change = changeOf(setUp);
  const isReady = name !== "" && wrong === undefined && change !== undefined && !isBusy;
  const create = async () => {
    if (!isReady) return;
    setBusy(true);
    try {
      await Dict.objects.create(name, { client: signedIn.value!.client, environment, ...change });
      toast(`${name} was created.`);
      onClose();
      onDone();
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  return (
    <Dialog
      title="New dictionary"
      onClose={onClose}
      onSubmit={() => void create()}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="main" type="submit" disabled={!isReady}>
            Create
          </Button>
        </>
      }
    >
      <TextField
        label="Name"
        value={name}
        onValue={setName}
        wrong={wrong}
        hint="Up to 64 letters, digits, dashes, periods and underscores."
      />
      <SetUpFields value={setUp} onValue={setSetUp} hasDefaults />
      {error !== undefined && <ErrorNote error={error} />}
      <CommandHint
        words={[
          ...["dict", "create", name || "NAME", "--env", environment, "--fail-if-exists"],
          ...(change?.expiry ? ["--expiry", expiryWord(change.expiry)] : []),
          ...(change?.durability ? ["--durability", change.durability] : []),
        ]}
      />
    </Dialog>
  );
}

function wrongName(name: string): string | undefined {
  try {
    checkDictName(name);
    return undefined;
  } catch (error) {
    return errorText(error);
  }
}
