/** The words about coming in, coming back, and going out for good; the rest is in the catalogue. */
export const arrivalWords = {
  nodeAway: "Lanchat does not answer. What is written here is safe, and goes out by itself when it is back.",
  maybeElsewhere: "If it runs and this stays, it has another address now: start Lanchat again, and it opens there.",
  signOut: "Sign out this browser",
  signOutAll: "Sign out all browsers",
  signedOut: "This browser is signed out.",
  notSignedOut: "Nobody was signed out: Lanchat did not answer. Try again in a moment.",
  refusedTitle: "This window cannot come in",
  refusedHint: {
    unauthorised: "Close this page and start Lanchat again: it opens a new window with a new key.",
    unsupported_version: "Reload this page. If that does not help, update Lanchat on this computer.",
    signed_out: "To come in again here, start Lanchat again: it opens a new window. `lanchat windows` lists who may come in.",
    other: "Close this page and start Lanchat again.",
  } as Readonly<Record<string, string>>,
} as const;
