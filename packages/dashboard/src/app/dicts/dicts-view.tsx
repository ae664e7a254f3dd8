/** To be built. */
export function DictsView(_: { readonly environment: string }) {
  return <p>DictsView</p>;
}
