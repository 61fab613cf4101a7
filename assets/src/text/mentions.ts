import type { Author } from "../wire/protocol";

/** Where a text calls somebody: `@Nick`, from the sign to the end of the nick. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** How many `@` of a text are looked at. */
export const MOST_SIGNS = 100;

const IN_WORD = /[\p{L}\p{N}_]/u;

/** Find who of these is called in a text, by the rule of the node (lanchat/notify/mentions.py). */
export function spans(text: string, nicks: readonly string[]): Span[] {
  if (!text.includes("@")) return [];
  const longestFirst = [...new Set(nicks)].sort((one, other) => other.length - one.length);
  const found: Span[] = [];
  let signs = 0;
  for (let at = text.indexOf("@"); at >= 0 && signs < MOST_SIGNS; at = text.indexOf("@", at + 1)) {
    signs += 1;
    const nick = inWord(before(text, at)) ? undefined : longestFirst.find((name) => fits(text, at + 1, name));
    if (nick !== undefined) found.push({ start: at, end: at + 1 + nick.length });
  }
  return found;
}

/** Whether a text calls this nick, and not somebody whose longer nick begins with it. */
export function calls(text: string, nick: string, nicks: readonly string[]): boolean {
  return spans(text, [nick, ...nicks]).some(({ start, end }) => same(text.slice(start + 1, end), nick));
}

/** Return the nicks of a room: the same list as before when nobody came, went or was renamed. */
export function nicksOf(
  members: readonly { readonly author: Author }[],
  me: Author,
  known: readonly string[] = [],
): readonly string[] {
  const nicks = [...new Set([me.nick, ...members.map(({ author }) => author.nick)])];
  return nicks.length === known.length && nicks.every((nick, index) => nick === known[index]) ? known : nicks;
}

function fits(text: string, start: number, nick: string): boolean {
  const end = start + nick.length;
  return nick !== "" && same(text.slice(start, end), nick) && !inWord(after(text, end));
}

export function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function inWord(letter: string): boolean {
  return IN_WORD.test(letter);
}

/** The character that ends before a place; letters beyond the first 65536 take two units. */
function before(text: string, at: number): string {
  return Array.from(text.slice(Math.max(0, at - 2), at)).at(-1) ?? "";
}

function after(text: string, at: number): string {
  return Array.from(text.slice(at, at + 2))[0] ?? "";
}
