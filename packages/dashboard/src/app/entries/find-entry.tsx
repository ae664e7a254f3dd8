import { toBase64Url } from "@everdict/protocol";
import type { RefObject } from "preact";
import { useState } from "preact/hooks";
import { Button } from "../parts/button.tsx";
import { errorText } from "../parts/error-text.ts";
import { go } from "../routes/route.ts";
import { typedKey } from "./key-bytes.ts";

interface Options {
  readonly environment: string;
  readonly dict: string;
  readonly input: RefObject<HTMLInputElement | null>;
  /** The list is to show only keys that begin so; empty: all. */
  onPrefix(prefix: string): void;
}

/** Finds an entry by its whole key, or the entries whose keys begin so. */
export function FindEntry({ environment, dict, input, onPrefix }: Options) {
  const [text, setText] = useState("");
  const [isJson, setJson] = useState(false);
  const [wrong, setWrong] = useState<string>();
  const open = () => {
    try {
      go({ view: "entry", environment, dict, key: toBase64Url(typedKey(text, isJson)) });
    } catch (error) {
      setWrong(`This is no key: ${errorText(error)}`);
    }
  };
  return (
    <form
      class="row entries-find"
      onSubmit={(event) => {
        event.preventDefault();
        open();
      }}
    >
      <input
        ref={input}
        class="input"
        type="search"
        aria-label="Key"
        placeholder="Key, or how it begins"
        spellcheck={false}
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setWrong(undefined);
        }}
      />
      <label class="check">
        <input type="checkbox" checked={isJson} onChange={(event) => setJson(event.currentTarget.checked)} />
        JSON (numbers, tuples as arrays)
      </label>
      <Button type="submit" disabled={text === "" && !isJson}>
        Open key
      </Button>
      <Button disabled={isJson} onClick={() => onPrefix(text)}>
        {text === "" ? "Show all" : "List what begins so"}
      </Button>
      {wrong !== undefined && (
        <span class="field-wrong" role="alert">
          {wrong}
        </span>
      )}
    </form>
  );
}
