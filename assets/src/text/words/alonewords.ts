/** A time in words, of full minutes in minutes. */
const howLong = (seconds: number): string => (seconds < 60 || seconds % 60 > 0 ? `${seconds} s` : `${seconds / 60} min`);

/** The words about a room whose machines that decide cannot be reached. */
export const aloneWords = {
  missing: (nodes: string): string => `${nodes} cannot be reached, so nothing can be sent to everybody. What you write waits.`,
  goesOn: (seconds: number): string => `After ${howLong(seconds)} the room goes on by itself.`,
  wentOn: "The others could not be reached, so the room goes on without them. What they say meanwhile is joined when you meet again.",
  joined: "You have met the others again. What was said here meanwhile stands behind what they said, marked.",
  continueHere: "Continue here",
  continueHint: "Go on with this room on this computer. What others say meanwhile elsewhere is joined when you meet again.",
  continues: "Without the machines that decide",
  kinds: (seconds: number): string => (seconds === 0 ? "Wait for them" : `Go on after ${howLong(seconds)}`),
  help: "When the computers that keep this room's order cannot be reached, what you write waits. Or the room goes on by itself in each part of the network, and the parts are joined when they meet: what was said in one of them then stands behind what was said in the other.",
};
