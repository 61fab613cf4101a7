/** What a key does anywhere in the page. */
export type Shortcut = "above" | "below" | "find" | "search" | "back";

type Key = Pick<KeyboardEvent, "key" | "altKey" | "ctrlKey" | "metaKey" | "isComposing">;

/** Alt+↑/↓ walks the rooms, Ctrl+K (⌘K) goes to the room field, Ctrl+F (⌘F) to the search, Escape back to the message. */
export function shortcut({ key, altKey, ctrlKey, metaKey, isComposing }: Key): Shortcut | null {
  if (isComposing) return null;
  if (altKey && !ctrlKey && key === "ArrowUp") return "above";
  if (altKey && !ctrlKey && key === "ArrowDown") return "below";
  if ((ctrlKey || metaKey) && !altKey && key.toLowerCase() === "k") return "find";
  if ((ctrlKey || metaKey) && !altKey && key.toLowerCase() === "f") return "search";
  return key === "Escape" ? "back" : null;
}
