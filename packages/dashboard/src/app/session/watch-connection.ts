import { loadEnvironments } from "./environments.ts";
import { isOnline, signedIn } from "./session.ts";
import { isRefused, reasonOf, signOut } from "./sign-in.ts";

const everyMs = 3_000;
const patienceMs = 5_000;

/**
 * Asks the server from time to time for the environments, as long as somebody is signed in and looks at the page. It finds
 * out that the server is gone or back, and that the token has ended. Returns what stops it.
 */
export function watchConnection(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isStopped = false;
  const look = async () => {
    clearTimeout(timer);
    if (!document.hidden) await ask();
    if (!isStopped) timer = setTimeout(look, everyMs);
  };
  const now = () => void look();
  addEventListener("online", now);
  addEventListener("offline", now);
  document.addEventListener("visibilitychange", now);
  timer = setTimeout(look, everyMs);
  return () => {
    isStopped = true;
    clearTimeout(timer);
    removeEventListener("online", now);
    removeEventListener("offline", now);
    document.removeEventListener("visibilitychange", now);
  };
}

async function ask(): Promise<void> {
  const before = signedIn.value;
  if (before === undefined) return;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(reject, patienceMs, new Error("the server does not answer"));
  });
  try {
    await Promise.race([loadEnvironments(before.client), late]);
    if (signedIn.value === before) isOnline.value = true;
  } catch (error) {
    if (signedIn.value !== before) return;
    if (isRefused(error)) signOut(reasonOf(error));
    else isOnline.value = false;
  } finally {
    clearTimeout(timer);
  }
}
