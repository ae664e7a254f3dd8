import { useEffect, useRef } from "preact/hooks";
import { Button } from "../parts/button.tsx";
import { SafeText } from "../parts/safe-text.tsx";
import { SelectField } from "../parts/select-field.tsx";
import { isReadOnlyByChoice, signedIn } from "../session/session.ts";
import { signOut } from "../session/sign-in.ts";
import { isKeysOpen } from "./palette-state.ts";
import { theme } from "./theme.ts";

/** Who is signed in, and what they choose for themselves. */
export function UserMenu() {
  const menu = useClosing();
  const { role } = signedIn.value!;
  return (
    <details class="shell-menu" ref={menu}>
      <summary class="button">
        Account<span class="unseen"> and settings</span>
      </summary>
      <div class="shell-menu-body stack">
        <Facts />
        <SelectField
          label="Theme"
          value={theme.value}
          choices={[
            ["auto", "As the system"],
            ["light", "Light"],
            ["dark", "Dark"],
          ]}
          onValue={(chosen) => {
            theme.value = chosen;
          }}
        />
        {role !== "read-only" && (
          <label class="check">
            <input
              type="checkbox"
              checked={isReadOnlyByChoice.value}
              onChange={(event) => {
                isReadOnlyByChoice.value = event.currentTarget.checked;
              }}
            />
            Read only: offer no changes
          </label>
        )}
        <div class="row">
          <Button
            onClick={() => {
              menu.current!.open = false;
              isKeysOpen.value = true;
            }}
          >
            Keys
          </Button>
          <Button onClick={() => signOut()}>Sign out</Button>
        </div>
      </div>
    </details>
  );
}

/** A menu that Escape and a click beside it close. */
function useClosing() {
  const menu = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const close = (event: Event) => {
      const element = menu.current!;
      if (event instanceof KeyboardEvent ? event.key !== "Escape" : element.contains(event.target as Node))
        return;
      if (element.open && event instanceof KeyboardEvent) element.querySelector("summary")?.focus();
      element.open = false;
    };
    addEventListener("keydown", close);
    addEventListener("pointerdown", close);
    return () => {
      removeEventListener("keydown", close);
      removeEventListener("pointerdown", close);
    };
  }, []);
  return menu;
}

/** Which token it is, and what it may do. */
function Facts() {
  const { tokenId, role } = signedIn.value!;
  return (
    <dl>
      <dt>Token</dt>
      <dd class="mono">{tokenId}</dd>
      <dt>Role</dt>
      <dd>{role}</dd>
      <dt>Server</dt>
      <dd>
        <SafeText text={location.host} />
      </dd>
    </dl>
  );
}
