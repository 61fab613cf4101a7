/** How many colours the styles define for people: `.hue-0` and on. */
export const HUES = 10;

/** One or two letters for a name: the first of its first and last word. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/u).filter(Boolean);
  const first = letter(words[0]);
  const last = words.length > 1 ? letter(words.at(-1)) : "";
  return (first + last).toUpperCase() || "?";
}

/** The colour of a person: always the same for the same id, on every machine. */
export function hue(id: string): number {
  let hash = 2166136261;
  for (const sign of id) hash = Math.imul(hash ^ (sign.codePointAt(0) ?? 0), 16777619);
  return (hash >>> 0) % HUES;
}

function letter(word: string | undefined): string {
  return Array.from(word ?? "")[0] ?? "";
}
