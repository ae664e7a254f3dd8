/** Something is being waited for. */
export function Spinner({ label = "Loading" }: { readonly label?: string }) {
  return (
    <span role="status">
      <span class="spinner" aria-hidden="true" />
      <span class="unseen">{label}</span>
    </span>
  );
}
