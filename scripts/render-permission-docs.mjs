// The table of docs/security.md that says who may do what.

const begin = "<!-- permissions: made by `npm run generate` from packages/protocol/src/permissions.ts -->";
const end = "<!-- permissions: end -->";

/** What each role may do: one row for each thing to do, from the table of permissions. */
export function permissionRows({ methodTable, roles, roleMay, tokenManagementNeeds }) {
  const row = (what, needs) => ({ what, roles: roles.filter((role) => roleMay(role, needs)) });
  const rows = Object.entries(methodTable).flatMap(([method, { needs, lookupNeeds }]) =>
    lookupNeeds === undefined
      ? [row(method, needs)]
      : [row(`${method}, to find`, lookupNeeds), row(`${method}, to create`, needs)],
  );
  return [...rows, row("manage tokens", tokenManagementNeeds), row("ask who one is", "read")];
}

/** The text with the table in its place. */
export function withPermissionTable(text, rows, roles) {
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error("docs/security.md has no place for the table of permissions");
  const lines = rows.map(
    ({ what, roles: may }) =>
      `| ${what.replace(/^\w+(?=,|$)/, "`$&`")} | ${roles.map((role) => (may.includes(role) ? "yes" : "no")).join(" | ")} |`,
  );
  const heading = `| | ${roles.join(" | ")} |\n| --- |${" --- |".repeat(roles.length)}`;
  return `${text.slice(0, from)}${begin}\n\n${heading}\n${lines.join("\n")}\n\n${text.slice(to)}`;
}
