import { currentRoute, go, hrefOf, type Route } from "../routes/route.ts";
import { environmentName, environments } from "../session/environments.ts";
import { isOnline, mayWrite } from "../session/session.ts";
import { isPaletteOpen } from "./palette-state.ts";
import { UserMenu } from "./user-menu.tsx";

/** The environment that is shown; where the address names none, the default one. */
export function currentEnvironment(): string {
  const route = currentRoute.value;
  return environmentName("environment" in route ? route.environment : "");
}

/** What stands above every view. */
export function Header() {
  return (
    <header class="shell-header">
      <a class="shell-brand" href={hrefOf({ view: "dicts", environment: "" })}>
        Everdict
      </a>
      <EnvironmentSwitch />
      <nav class="shell-nav" aria-label="Views">
        <NavLink route={{ view: "dicts", environment: currentEnvironment() }} name="Dictionaries" />
      </nav>
      <span class="shell-gap" />
      {!mayWrite() && <span class="badge badge-warn">read only</span>}
      {!isOnline.value && <span class="badge badge-bad">offline</span>}
      <button type="button" class="button shell-search" onClick={() => (isPaletteOpen.value = true)}>
        <span>Search</span> <kbd>{/Mac|iP/.test(navigator.userAgent) ? "⌘" : "Ctrl"} K</kbd>
      </button>
      <UserMenu />
    </header>
  );
}

function NavLink({ route, name }: { readonly route: Route; readonly name: string }) {
  return (
    <a href={hrefOf(route)} aria-current={currentRoute.value.view === route.view ? "page" : undefined}>
      {name}
    </a>
  );
}

function EnvironmentSwitch() {
  const all = environments.value;
  const current = currentEnvironment();
  return (
    <select
      class="input shell-environment"
      aria-label="Environment"
      value={current}
      onChange={(event) => go({ view: "dicts", environment: event.currentTarget.value })}
    >
      {!all.some((each) => each.name === current) && <option value={current}>{current || "none"}</option>}
      {all.map(({ name }) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </select>
  );
}
