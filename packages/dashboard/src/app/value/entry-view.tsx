/** To be built. */
export function EntryView(_: {
  readonly environment: string;
  readonly dict: string;
  readonly entryKey: string;
}) {
  return <p>EntryView</p>;
}
