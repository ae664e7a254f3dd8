/** Stands for rows of a long table that are not in sight. Wider tables leave the rest of the row empty. */
export function SpaceRow({ height }: { readonly height: number }) {
  return height > 0 ? (
    <tr>
      <td style={{ height: `${height}px` }} />
    </tr>
  ) : null;
}
