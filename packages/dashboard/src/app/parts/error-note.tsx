import { Button } from "./button.tsx";
import { errorText } from "./error-text.ts";
import { SafeText } from "./safe-text.tsx";

/** An error with its code and request id, and a way to try again if there is one. */
export function ErrorNote({
  error,
  onRetry,
}: {
  readonly error: unknown;
  readonly onRetry?: (() => void) | undefined;
}) {
  const { code, requestId } = (error ?? {}) as { code?: unknown; requestId?: unknown };
  const about = [code, requestId].filter((each) => typeof each === "string").join(" · ");
  return (
    <div class="error-note row" role="alert">
      <span class="grow">
        <SafeText text={errorText(error)} max={1_000} /> {about && <span class="mono">({about})</span>}
      </span>
      {onRetry && <Button onClick={onRetry}>Try again</Button>}
    </div>
  );
}
