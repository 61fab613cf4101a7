import { same, spans } from "./mentions";

/** A piece of a message. Views turn pieces into nodes; a message never becomes markup. */
export type Token =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "link"; readonly text: string; readonly href: string }
  | { readonly kind: "mention"; readonly text: string; readonly mine: boolean }
  | { readonly kind: "break" };

/** No address goes on behind a sign that changes directions: it would read as another one. */
const ADDRESS = /\bhttps?:\/\/[^\s<>"'`\u200e\u200f\u202a-\u202e\u2066-\u2069]+/giu;
/** Signs that turn letters around; without them no text that people write is another one. */
const OVERRIDES = /[\u202d\u202e]/gu;
/** The counter shows when no more code points than this are left. */
const NEAR_LIMIT = 400;
const TRAILING = /[.,;:!?…*_~]$/u;
const PAIRS: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };

/** Who may be called in a message, and which of them we are. */
export interface Names {
  readonly me: string;
  readonly nicks: readonly string[];
}

const NOBODY: Names = { me: "", nicks: [] };

/**
 * Cut a message into plain text, links to http and https, mentions, and line breaks. Signs that turn letters around are
 * shown and do nothing.
 */
export function tokens(text: string, names: Names = NOBODY): Token[] {
  return harmless(text).split(/\r\n|\r|\n/u).flatMap((line, index) => {
    const found = lineTokens(line, names);
    return index === 0 ? found : [{ kind: "break" } as const, ...found];
  });
}

/** Show the signs that turn letters around, in place of what they do. */
export function harmless(text: string): string {
  return text.replace(OVERRIDES, "\ufffd");
}

function lineTokens(line: string, names: Names): Token[] {
  const found: Token[] = [];
  let done = 0;
  for (const match of line.matchAll(ADDRESS)) {
    const text = withoutTrailing(match[0]);
    const href = address(text);
    if (href === null) continue;
    plain(found, line.slice(done, match.index), names);
    found.push({ kind: "link", text, href });
    done = match.index + text.length;
  }
  plain(found, line.slice(done), names);
  return found;
}

function plain(found: Token[], text: string, { me, nicks }: Names): void {
  let done = 0;
  for (const { start, end } of spans(text, nicks)) {
    words(found, text.slice(done, start));
    found.push({ kind: "mention", text: text.slice(start, end), mine: same(text.slice(start + 1, end), me) });
    done = end;
  }
  words(found, text.slice(done));
}

function words(found: Token[], text: string): void {
  if (text !== "") found.push({ kind: "text", text });
}

/** "(see http://a.b/c)." links to http://a.b/c; a bracket that opens inside the address stays. */
function withoutTrailing(text: string): string {
  const surplus = new Map(Object.entries(PAIRS).map(([close, open]) => [close, count(text, close) - count(text, open)]));
  let end = text.length;
  for (; end > 0; end -= 1) {
    const sign = text.charAt(end - 1);
    const unpaired = surplus.get(sign) ?? 0;
    if (unpaired > 0) surplus.set(sign, unpaired - 1);
    else if (!TRAILING.test(sign)) break;
  }
  return text.slice(0, end);
}

function count(text: string, sign: string): number {
  return text.split(sign).length - 1;
}

function address(text: string): string | null {
  try {
    const url = new URL(text);
    return url.protocol === "http:" || url.protocol === "https:" ? url.href : null;
  } catch {
    return null;
  }
}

/** How much of a limit is left, in code points as the node counts them; null while it is far away. */
export function remaining(text: string, limit: number): number | null {
  if (text.length < limit - NEAR_LIMIT) return null;
  const left = limit - Array.from(text.trim()).length;
  return left <= NEAR_LIMIT ? left : null;
}
