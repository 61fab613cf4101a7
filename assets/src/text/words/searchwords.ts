/** The words of looking for what was said. */
export const searchWords = {
  searchIn: (room: string): string => `Search in ${room}`,
  searchField: "Words to look for",
  closeSearch: "Close the search",
  searchIdle: "Type a word. All words have to be in the message; the last one may be a beginning.",
  searching: "Searching…",
  searchCut: "No connection. The search goes on when it is back.",
  nothingFound: (text: string): string => `No message has “${text}”.`,
  found: (count: number, more: boolean): string =>
    `${count}${more ? " or more" : ""} ${count === 1 ? "message" : "messages"} found`,
  older: "Older messages",
  olderLoading: "Fetching older messages…",
} as const;
