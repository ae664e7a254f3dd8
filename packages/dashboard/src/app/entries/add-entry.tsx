import { encode } from "@everdict/pickle";
import { toBase64Url } from "@everdict/protocol";
import { useState } from "preact/hooks";
import { Button } from "../parts/button.tsx";
import { CommandHint } from "../parts/command-hint.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { ErrorNote } from "../parts/error-note.tsx";
import { errorText } from "../parts/error-text.ts";
import { TextField } from "../parts/text-field.tsx";
import { toast } from "../parts/toast.tsx";
import { go } from "../routes/route.ts";
import { typedKey } from "./key-bytes.ts";
import { openDict } from "./open-dict.ts";
import { readJson } from "./plain-json.ts";

interface Options {
  readonly environment: string;
  readonly dict: string;
  onClose(): void;
}

/** Adds an entry whose key is not there yet. One that is there is never written over. */
export function AddEntry({ environment, dict, onClose }: Options) {
  const [key, setKey] = useState("");
  const [isJson, setJson] = useState(false);
  const [text, setText] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [present, setPresent] = useState<string>();
  const value = text.trim() === "" ? undefined : readJson(text);
  const isReady = value !== undefined && !("wrong" in value) && !isBusy;
  const add = async () => {
    if (!isReady) return;
    setBusy(true);
    setError(undefined);
    try {
      const bytes = typedKey(key, isJson);
      const { service, info } = await openDict(environment, dict);
      const isWritten = await service.putIfAbsent(info.dictId, bytes, encode(value.value));
      if (isWritten) {
        toast("The entry was added.");
        onClose();
        go({ view: "entry", environment, dict, key: toBase64Url(bytes) });
      } else setPresent(toBase64Url(bytes));
    } catch (failure) {
      setError(failure instanceof SyntaxError ? `The key is no JSON: ${errorText(failure)}` : failure);
    }
    setBusy(false);
  };
  return (
    <Dialog
      title="New entry"
      onClose={onClose}
      onSubmit={() => void add()}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="main" type="submit" disabled={!isReady}>
            Add
          </Button>
        </>
      }
    >
      <TextField label="Key" value={key} onValue={setKey} />
      <label class="check">
        <input type="checkbox" checked={isJson} onChange={(event) => setJson(event.currentTarget.checked)} />
        The key is JSON: a number, a constant, or an array, which is a tuple in Python
      </label>
      <JsonField value={text} onValue={setText} wrong={value && "wrong" in value ? value.wrong : undefined} />
      {error !== undefined && <ErrorNote error={error} />}
      {present !== undefined && <Present address={{ environment, dict, key: present }} onClose={onClose} />}
      <CommandHint
        words={[
          ...["dict", "put", dict, key || "KEY", text || "VALUE", "--value-json", "--if-absent"],
          ...(isJson ? ["--key-json"] : []),
          ...["--env", environment],
        ]}
      />
    </Dialog>
  );
}

interface JsonFieldOptions {
  readonly value: string;
  onValue(value: string): void;
  readonly wrong: string | undefined;
}

function JsonField({ value, onValue, wrong }: JsonFieldOptions) {
  return (
    <label class="field">
      <span>Value, as JSON</span>
      <textarea
        rows={6}
        spellcheck={false}
        class="mono"
        value={value}
        onInput={(event) => onValue(event.currentTarget.value)}
      />
      {wrong !== undefined && <span class="field-wrong">{wrong}</span>}
    </label>
  );
}

interface PresentOptions {
  readonly address: { readonly environment: string; readonly dict: string; readonly key: string };
  onClose(): void;
}

/** Says that the key is taken, and leads to what is there. */
function Present({ address, onClose }: PresentOptions) {
  const open = () => {
    onClose();
    go({ view: "entry", ...address });
  };
  return (
    <p role="alert">
      An entry with this key is there. <Button onClick={open}>Open it</Button>
    </p>
  );
}
