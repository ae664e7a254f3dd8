/** To be built. */
export function EntriesView(_: { readonly environment: string; readonly dict: string }) {
  return <p>EntriesView</p>;
}
