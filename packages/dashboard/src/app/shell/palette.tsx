import { useEffect, useState } from "preact/hooks";
import { knownDicts, loadDicts } from "../dicts/known-dicts.ts";
import { Dialog } from "../parts/dialog.tsx";
import { isTyping } from "../parts/keyboard.ts";
import { go, type Route } from "../routes/route.ts";
import { signOut } from "../session/sign-in.ts";
import { type Action, currentActions } from "./actions.ts";
import { fuzzyDistance } from "./fuzzy.ts";
import { currentEnvironment } from "./header.tsx";
import { isKeysOpen, isPaletteOpen } from "./palette-state.ts";

const shownMax = 12;

interface Choice extends Action {
  readonly kind: string;
}

/** Finds views, dictionaries and actions by a few letters, and does what the keys say. */
export function Palette() {
  useEffect(() => {
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
  if (isPaletteOpen.value) return <PaletteDialog />;
  return isKeysOpen.value ? <KeysDialog /> : null;
}

function onKey(event: KeyboardEvent): void {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    isKeysOpen.value = false;
    isPaletteOpen.value = !isPaletteOpen.value;
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
  if (document.querySelector("dialog[open]") !== null) return;
  if (event.key === "?") isKeysOpen.value = true;
  const action = currentActions.value.find((each) => each.key === event.key);
  if (action === undefined) return;
  event.preventDefault();
  action.run();
}

function choices(): Choice[] {
  const environment = currentEnvironment();
  const view = (name: string, route: Route) => ({ kind: "View", name, run: () => go(route) });
  return [
    ...currentActions.value.map((each) => ({ kind: "Action", ...each })),
    view("Dictionaries", { view: "dicts", environment }),
    ...(knownDicts.value?.environment === environment ? knownDicts.value.dicts : []).map(({ name }) => ({
      kind: "Dictionary",
      name,
      run: () => go({ view: "entries", environment, dict: name }),
    })),
    { kind: "Action", name: "Show keys", key: "?", run: () => (isKeysOpen.value = true) },
    { kind: "Action", name: "Sign out", run: () => signOut() },
  ];
}

function PaletteDialog() {
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const close = () => {
    isPaletteOpen.value = false;
  };
  useEffect(() => {
    void loadDicts(currentEnvironment()).catch(() => {});
  }, []);
  const found = choices()
    .map((choice) => ({ choice, distance: fuzzyDistance(typed, choice.name) }))
    .filter((each) => each.distance !== undefined)
    .sort((a, b) => (typed === "" ? 0 : a.distance! - b.distance!))
    .slice(0, shownMax)
    .map((each) => each.choice);
  const selected = Math.min(at, found.length - 1);
  const run = (choice: Choice | undefined) => {
    if (choice === undefined) return;
    close();
    // The focus returns to where it was before the action takes it.
    setTimeout(() => choice.run());
  };
  return (
    <Dialog title="Go to or do" onClose={close} onSubmit={() => run(found[selected])}>
      <input
        class="input"
        role="combobox"
        aria-label="Search views, dictionaries and actions"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={found.length === 0 ? undefined : `palette-${selected}`}
        autocomplete="off"
        spellcheck={false}
        placeholder="A view, a dictionary, an action"
        value={typed}
        onInput={(event) => {
          setTyped(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={(event) => {
          const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
          if (step === undefined || found.length === 0) return;
          event.preventDefault();
          setAt((selected + step + found.length) % found.length);
        }}
      />
      <div id="palette-list" class="shell-choices" role="listbox" aria-label="Found">
        {found.map((choice, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field above takes the keys
          <div
            key={`${choice.kind} ${choice.name}`}
            id={`palette-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === selected}
            onClick={() => run(choice)}
          >
            <bdi class="grow">{choice.name}</bdi>
            {choice.key && <kbd>{choice.key}</kbd>}
            <span class="soft">{choice.kind}</span>
          </div>
        ))}
      </div>
      {found.length === 0 && <p class="soft">Nothing is called like that.</p>}
    </Dialog>
  );
}

function KeysDialog() {
  const keys: (readonly [string, string])[] = [
    ["Ctrl K", "Search views, dictionaries and actions"],
    ["?", "Show these keys"],
    ["Esc", "Close what is open"],
    ...currentActions.value.flatMap((each) => (each.key ? [[each.key, each.name] as const] : [])),
  ];
  return (
    <Dialog
      title="Keys"
      onClose={() => {
        isKeysOpen.value = false;
      }}
    >
      <dl class="shell-keys">
        {keys.map(([key, what]) => (
          <div key={key} class="row">
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
