/** What an error says: its message, as text. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
