import { BINDINGS, type Action } from "../../platform/keys";

/** The words of the sheet of shortcuts; the rest of what the page says stands in the catalogue. */
export const sheet = {
  title: "Keys",
  close: "Close",
  typing: "Typing goes to the message, wherever the focus is.",
  actions: {
    send: "Send the message",
    newLine: "Begin a new line",
    editLast: "Edit my last message",
    back: "Back to the message",
    pageUp: "Scroll up",
    pageDown: "Scroll down",
    start: "To the first message of the room",
    end: "To the newest message",
    earlier: "To the message above, from a message",
    later: "To the message below, from a message",
    above: "To the room above",
    below: "To the room below",
    unreadAbove: "To the unread room above",
    unreadBelow: "To the unread room below",
    catchUp: "Mark everything in all rooms as read",
    find: "Find or open a room",
    search: "Search in the room",
    invite: "Invite people to the room",
    shortcuts: "Show these keys",
  } satisfies Record<Action, string>,
} as const;

const NAMES: Readonly<Record<string, string>> = {
  ArrowUp: "↑",
  ArrowDown: "↓",
  Escape: "Esc",
  PageUp: "Page Up",
  PageDown: "Page Down",
};

/** One line of the sheet: what is done, and each way to do it, key by key. */
export interface Shortcut {
  readonly action: Action;
  readonly ways: readonly (readonly string[])[];
}

/** Return the lines of the sheet. @param mac whether the keyboard is a Mac's. */
export function shortcuts(mac: boolean): Shortcut[] {
  const ways = new Map<Action, string[][]>();
  for (const { action, keys } of BINDINGS) ways.set(action, [...(ways.get(action) ?? []), spelled(keys, mac)]);
  return Array.from(ways, ([action, all]) => ({ action, ways: all }));
}

/** Return the names of the keys that are pressed together, as they stand on a keyboard. */
function spelled(keys: string, mac: boolean): string[] {
  return keys.split("+").map((key) => (key === "Mod" ? (mac ? "⌘" : "Ctrl") : (NAMES[key] ?? key)));
}
