/** What is read when a guest's page goes on at another machine. */
export const journeyWords = {
  going: "Connecting to another machine of this room …",
  through: (node: string): string => `You are now connected through ${node}.`,
  left: (count: number): string =>
    count === 1
      ? "One text did not fit, and waits in this browser until the other machine is back."
      : `${count} texts did not fit, and wait in this browser until the other machine is back.`,
  doubtful: (nick: string): string =>
    `This address wants this page to go on as ${nick}. Only accept it if you were ${nick} at another machine just now.`,
  accept: (nick: string): string => `Go on as ${nick}`,
  decline: "Stay as I am",
};
