import "./shell.css";
import { useEffect, useRef } from "preact/hooks";
import { Spinner } from "../parts/spinner.tsx";
import { Toasts } from "../parts/toast.tsx";
import { currentRoute, type Route } from "../routes/route.ts";
import { isOnline, signedIn } from "../session/session.ts";
import { isResuming, resume } from "../session/sign-in.ts";
import { watchConnection } from "../session/watch-connection.ts";
import { CurrentView } from "./current-view.tsx";
import { ErrorBoundary } from "./error-boundary.tsx";
import { Header } from "./header.tsx";
import { Palette } from "./palette.tsx";
import { SignInView } from "./sign-in-view.tsx";

/** The whole dashboard. */
export function App() {
  useEffect(() => {
    void resume();
    return watchConnection();
  }, []);
  if (signedIn.value !== undefined) return <Frame />;
  if (!isResuming.value) return <SignInView />;
  return (
    <main class="shell-waiting">
      <h1 class="unseen">Everdict</h1>
      <Spinner label="Signing in" />
    </main>
  );
}

function titleOf(route: Route): string {
  return "dict" in route ? route.dict : "Dictionaries";
}

function Frame() {
  const main = useRef<HTMLElement>(null);
  const route = currentRoute.value;
  useEffect(() => {
    document.title = `${titleOf(route)} · Everdict`;
    // A reader of the screen goes on in the new view, not at the top of the page.
    if (document.activeElement === document.body) main.current?.focus();
  }, [route]);
  return (
    <>
      <button type="button" class="shell-skip" onClick={() => main.current?.focus()}>
        Skip to content
      </button>
      <Header />
      {!isOnline.value && (
        <div class="shell-offline" role="status">
          The server does not answer. What is shown may be old; the connection comes back by itself.
        </div>
      )}
      <main id="main" class="shell-main" tabIndex={-1} ref={main}>
        <ErrorBoundary key={location.hash}>
          <CurrentView />
        </ErrorBoundary>
      </main>
      <Palette />
      <Toasts />
    </>
  );
}
