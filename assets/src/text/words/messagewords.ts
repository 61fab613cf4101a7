/** The words of what is done with one message. */
export const messageWords = {
  actionsOf: (nick: string): string => `Actions for the message of ${nick}`,
  reactWith: (emoji: string): string => `React with ${emoji}`,
  otherEmoji: "React with another emoji",
  otherEmojiShort: "Other",
  edit: "Edit",
  copyText: "Copy text",
  delete: "Delete",
  deleteReally: "Really delete this message?",
} as const;
