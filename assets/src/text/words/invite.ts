/** The words of the button that invites; what is behind it has its words in `invitewords`, which come after the first view. */
export const inviteShort = {
  word: "Invite",
  button: "Invite people",
} as const;
