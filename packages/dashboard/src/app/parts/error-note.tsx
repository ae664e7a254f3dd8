import { Button } from "./button.tsx";
import { errorText } from "./error-text.ts";
import { SafeText } from "./safe-text.tsx";

/** An error with its code, and a way to try again if there is one. */
export function ErrorNote({
  error,
  onRetry,
}: {
  readonly error: unknown;
  readonly onRetry?: (() => void) | undefined;
}) {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return (
    <div class="error-note row" role="alert">
      <span class="grow">
        <SafeText text={errorText(error)} max={1_000} />{" "}
        {typeof code === "string" && <span class="mono">({code})</span>}
      </span>
      {onRetry && <Button onClick={onRetry}>Try again</Button>}
    </div>
  );
}
