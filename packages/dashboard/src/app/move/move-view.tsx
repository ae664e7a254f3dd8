/** To be built. */
export function MoveView(_: { readonly environment: string; readonly dict: string }) {
  return <p>MoveView</p>;
}
