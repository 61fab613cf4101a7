/**
 * Where a key has its meaning: `page` anywhere; `unwritten` where nothing is written that the key would move in; `away`
 * where nothing can be written; `composer` in the composer, `blank` while it is empty; `list` among the messages.
 */
export type Scope = "page" | "unwritten" | "away" | "composer" | "blank" | "list";

export interface Binding {
  readonly action: string;
  readonly scope: Scope;
  /** A key as KeyboardEvent.key names it, behind the modifiers; Mod is Ctrl, and ⌘ on a Mac. */
  readonly keys: string;
}

/** Everything that keys do. The bindings and the sheet of shortcuts are made from this, in this order. */
export const BINDINGS = [
  { action: "send", scope: "composer", keys: "Enter" },
  { action: "newLine", scope: "composer", keys: "Shift+Enter" },
  { action: "editLast", scope: "blank", keys: "ArrowUp" },
  { action: "back", scope: "page", keys: "Escape" },
  { action: "pageUp", scope: "page", keys: "PageUp" },
  { action: "pageDown", scope: "page", keys: "PageDown" },
  { action: "start", scope: "unwritten", keys: "Home" },
  { action: "start", scope: "page", keys: "Mod+Home" },
  { action: "end", scope: "unwritten", keys: "End" },
  { action: "end", scope: "page", keys: "Mod+End" },
  { action: "earlier", scope: "list", keys: "ArrowUp" },
  { action: "later", scope: "list", keys: "ArrowDown" },
  { action: "above", scope: "page", keys: "Alt+ArrowUp" },
  { action: "below", scope: "page", keys: "Alt+ArrowDown" },
  { action: "unreadAbove", scope: "page", keys: "Alt+Shift+ArrowUp" },
  { action: "unreadBelow", scope: "page", keys: "Alt+Shift+ArrowDown" },
  { action: "catchUp", scope: "page", keys: "Shift+Escape" },
  { action: "find", scope: "page", keys: "Mod+K" },
  { action: "search", scope: "page", keys: "Mod+F" },
  { action: "invite", scope: "page", keys: "Mod+I" },
  { action: "shortcuts", scope: "away", keys: "?" },
  { action: "shortcuts", scope: "page", keys: "Mod+/" },
] as const satisfies readonly Binding[];

export type Action = (typeof BINDINGS)[number]["action"];

/** The part of the element with the focus that is used here. */
export interface Focused {
  matches(selectors: string): boolean;
  readonly value?: string;
}

type Key = Pick<KeyboardEvent, "key" | "altKey" | "ctrlKey" | "metaKey" | "shiftKey" | "isComposing">;

/** Return what a key does in one of these scopes; null when it is no business of ours. */
export function action(event: Key, scopes: readonly Scope[]): Action | null {
  if (event.isComposing) return null;
  return BINDINGS.find(({ scope, keys }) => scopes.includes(scope) && isPressed(keys, event))?.action ?? null;
}

/** Return whether a key writes something where that is possible. A space also presses buttons, so it is none. */
export function writes({ key, altKey, ctrlKey, metaKey, isComposing }: Key): boolean {
  // With AltGr, which sets both, people write.
  const command = metaKey || ctrlKey !== altKey;
  return !isComposing && !command && key !== " " && (Array.from(key).length === 1 || key === "Dead" || key === "Process");
}

/** Return which of the scopes that hold for the whole page an element is in. */
export function scopesOf(element: Focused | null): readonly Scope[] {
  if (element?.matches("input, textarea, select, [contenteditable]") !== true) return ["page", "unwritten", "away"];
  return element.value === "" ? ["page", "unwritten"] : ["page"];
}

function isPressed(keys: string, { key, altKey, ctrlKey, metaKey, shiftKey }: Key): boolean {
  const parts = keys.split("+");
  const wanted = parts.at(-1)!;
  // Some keyboards have a sign only with Shift.
  const shift = /^[^\p{L}]$/u.test(wanted) || shiftKey === parts.includes("Shift");
  return (
    key.toLowerCase() === wanted.toLowerCase() &&
    shift &&
    altKey === parts.includes("Alt") &&
    (ctrlKey || metaKey) === parts.includes("Mod")
  );
}
