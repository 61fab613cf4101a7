/** The words of comparing words with somebody, by which one knows that it is really them. */
export const compareWords = {
  compare: "Compare words",
  compareTitle: (nick: string): string => `Is this really ${nick}?`,
  compareAsked: (nick: string): string =>
    `${nick} wants to compare six words with you. Do it side by side or on the phone, not in this chat.`,
  compareWaiting: (nick: string): string => `Waiting for ${nick}…`,
  compareWords: (nick: string): string =>
    `Read these words to ${nick}, side by side or on the phone, not in this chat. Do both of you see the same ones, in this order?`,
  compareMatch: "They match",
  compareDiffer: "They do not match",
  compareConfirmed: (nick: string): string => `You said that they match. Waiting for ${nick} to say so too…`,
  compareVerified: (nick: string): string => `Verified: whatever is signed by ${nick} from now on is theirs.`,
  compareEnded: {
    differ: (nick: string): string =>
      `The words differ: somebody may be between you and ${nick}, or speak in their name. Do not trust what comes under this name.`,
    declined: (nick: string): string => `You and ${nick} have not compared words: one of you gave it up.`,
    expired: (nick: string): string => `It took too long. Compare words with ${nick} again.`,
  } as Readonly<Record<string, (nick: string) => string>>,
  compareFailed: (nick: string): string =>
    `What came from the other side does not fit: somebody may be between you and ${nick}. You have not verified them.`,
  compareClose: "Close",
  compareNotNow: "Not now",
} as const;
