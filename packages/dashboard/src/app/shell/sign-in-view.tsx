import { useEffect, useState } from "preact/hooks";
import { Button } from "../parts/button.tsx";
import { CopyButton } from "../parts/copy-button.tsx";
import { SafeText } from "../parts/safe-text.tsx";
import { Spinner } from "../parts/spinner.tsx";
import { TextField } from "../parts/text-field.tsx";
import { parseCredentials } from "../session/credentials.ts";
import { endedBecause, reasonOf, serverUrl, signIn } from "../session/sign-in.ts";

/** Where one signs in, and how programs connect. It shows no secret. */
export function SignInView() {
  useEffect(() => {
    document.title = "Sign in · Everdict";
  }, []);
  return (
    <main class="shell-sign-in">
      <h1>Everdict</h1>
      <SignInForm />
      <HowToConnect url={serverUrl()} />
    </main>
  );
}

function SignInForm() {
  const [id, setId] = useState("");
  const [secret, setSecret] = useState("");
  const [isForGood, setForGood] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string>();
  // Whatever was pasted with a secret in it goes into the fields where it belongs, so that no secret is shown.
  const take = (text: string, set: (text: string) => void) => {
    const found = parseCredentials(text, "");
    if (found === undefined) return set(text);
    setId(found.tokenId);
    setSecret(found.tokenSecret);
  };
  const submit = async () => {
    const credentials = parseCredentials(id, secret);
    if (credentials === undefined) return setWrong("A token has an id, ak-…, and a secret, as-….");
    setBusy(true);
    setWrong(undefined);
    endedBecause.value = undefined;
    try {
      await signIn(credentials, isForGood);
    } catch (error) {
      setWrong(reasonOf(error));
      setBusy(false);
    }
  };
  const shown = wrong ?? endedBecause.value;
  return (
    <form
      class="stack shell-card"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      {shown && (
        <div class="error-note" role="alert">
          <SafeText text={shown} max={500} />
        </div>
      )}
      <TextField
        label="Token id"
        value={id}
        onValue={(text) => take(text, setId)}
        placeholder="ak-…"
        autocomplete="username"
        hint="Also takes id:secret, or the lines that the server printed."
      />
      <TextField
        label="Token secret"
        type="password"
        value={secret}
        onValue={(text) => take(text, setSecret)}
        placeholder="as-…"
        autocomplete="current-password"
      />
      <label class="check">
        <input
          type="checkbox"
          checked={isForGood}
          onChange={(event) => setForGood(event.currentTarget.checked)}
        />
        Remember on this device
      </label>
      <Button look="main" type="submit" disabled={isBusy}>
        {isBusy ? <Spinner label="Signing in" /> : "Sign in"}
      </Button>
    </form>
  );
}

function HowToConnect({ url }: { readonly url: string }) {
  const python = `export MODAL_SERVER_URL=${url}
export MODAL_TOKEN_ID=ak-… MODAL_TOKEN_SECRET=as-…

import modal
jobs = modal.Dict.from_name("jobs", create_if_missing=True)
jobs["first"] = {"state": "done"}`;
  const typescript = `export EVERDICT_URL=${url}
export MODAL_TOKEN_ID=ak-… MODAL_TOKEN_SECRET=as-…

import { Dict } from "everdict";
const jobs = Dict.fromName("jobs", { createIfMissing: true });
console.log(await jobs.get("first"));`;
  return (
    <section class="stack shell-connect" aria-labelledby="connect">
      <h2 id="connect">Connect a program</h2>
      <Code title="Python" text={python} />
      <Code title="TypeScript" text={typescript} />
      <p class="soft">
        The server printed a token at its first start and keeps it in the file <code>credentials</code> of its
        data directory. <code>everdict token create</code> makes more. <a href="healthz">Health</a> ·{" "}
        <a href="readyz">Readiness</a>
      </p>
    </section>
  );
}

function Code({ title, text }: { readonly title: string; readonly text: string }) {
  return (
    <div class="shell-code">
      <div class="row">
        <strong class="grow">{title}</strong>
        <CopyButton text={text} label={`Copy ${title}`} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled with keys */}
      <pre tabIndex={0}>{text}</pre>
    </div>
  );
}
