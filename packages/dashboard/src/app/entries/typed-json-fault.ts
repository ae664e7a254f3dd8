const tokens = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|[{}[\]:]/g;

/**
 * What of valid JSON text would become another value than it says: a number that is not kept exactly or changes its type,
 * a name that an object has twice, names whose order would be lost. Undefined: nothing.
 */
export function typedJsonFault(text: string): string | undefined {
  const open: (string[] | undefined)[] = [];
  let last = "";
  for (const [token] of text.matchAll(tokens)) {
    if (token === "{") open.push([]);
    else if (token === "[") open.push(undefined);
    else if (token === "}" || token === "]") open.pop();
    else {
      const names = open.at(-1);
      const fault = token === ":" && names !== undefined ? nameFault(last, names) : numberFault(token);
      if (fault !== undefined) return fault;
    }
    last = token;
  }
  return undefined;
}

function nameFault(token: string, names: string[]): string | undefined {
  const name = JSON.parse(token) as string;
  if (names.includes(name)) return `${token} is there twice: the first would be lost.`;
  names.push(name);
  if (!losesNames(names)) return undefined;
  return name === "__proto__"
    ? `${token} cannot be a name here.`
    : "Names that are numbers would change their order.";
}

/** Whether an object would have these names in another order, or not all of them as names. */
export function losesNames(names: readonly string[]): boolean {
  return names.includes("__proto__") || (names.length > 1 && names.some((name) => /^\d+$/.test(name)));
}

function numberFault(token: string): string | undefined {
  if (!/^-?\d/.test(token)) return undefined;
  const number = Number(token);
  if (!Number.isFinite(number)) return `${token} is too large for a number here.`;
  if (!Number.isInteger(number)) return undefined;
  if (/[.eE]/.test(token)) return `${token} would become the integer ${number}.`;
  if (Object.is(number, -0)) return `${token} would become the float -0.0.`;
  return Number.isSafeInteger(number) ? undefined : `${token} would not be kept exactly: it is beyond 2^53.`;
}
