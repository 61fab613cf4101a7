/** Every word that a person reads in the page. */
export const messages = {
  product: "Lanchat",
  title: (unread: number, room: string): string =>
    `${unread > 0 ? `(${unread}) ` : ""}${room === "" ? "" : `${room} · `}Lanchat`,

  rooms: "Rooms",
  openRooms: "Show rooms",
  closeRooms: "Close rooms",
  here: "On this computer",
  hereGuest: (node: string): string => `On ${node}`,
  elsewhere: "Joined elsewhere",
  network: "On the network",
  looking: "Looking around the network…",
  noRooms: "No room yet. Type a name above to open one.",
  roomField: "Open or join a room",
  roomFieldHint: "Room name",
  roomFieldKeys: "Ctrl K",
  open: "Open",
  unread: (count: number): string => `${count} unread`,
  unreadShort: (count: number): string => (count > 99 ? "99+" : String(count)),
  membersHere: (count: number): string => (count === 1 ? "1 person there" : `${count} people there`),
  away: "away",
  homedAt: (node: string): string => `at ${node}`,

  invite: "Others join with a browser at",

  you: "You",
  nick: "Your name",
  nickHint: "This is how others see you",
  guestNick: "You are",
  clear: "Guests come over plain http: others on this network could read along.",

  connection: {
    connecting: "Connecting…",
    ready: "Connected",
    waiting: "No connection. Trying again…",
    refused: "Not connected",
    closed: "Not connected",
  },
  tryNow: "Try now",
  refusedTitle: "This window cannot come in",
  refusedHint: {
    unauthorised: "Close this page and start Lanchat again: it opens a new window with a new key.",
    unsupported_version: "Reload this page. If that does not help, update Lanchat on this computer.",
    other: "Close this page and start Lanchat again.",
  } as Readonly<Record<string, string>>,

  keptHere: "Kept on this computer",
  keptAt: (node: string): string => `Home: ${node}`,
  offline: "Home away",
  offlineHint: (node: string): string => `${node} does not answer now. What you write waits and goes out when it is back.`,
  showMembers: (count: number): string => `Who is here: ${count}`,
  closeMembers: "Close the list of people",
  members: "Who is here",
  memberYou: "you",
  memberNode: (nodes: readonly string[]): string => `on ${nodes.join(", ")}`,
  nobody: "Nobody is seen here yet.",

  log: (room: string): string => `Messages in ${room}`,
  emptyTitle: (room: string): string => `This is ${room}`,
  empty: "Nobody has said anything yet. Everybody on the network who opens this room reads along.",
  loading: "Opening the room…",
  noRoomTitle: "No room is open",
  noRoom: "Choose one from the list, or type a name to open your own.",
  earlier: "Earlier messages",
  earlierLoading: "Fetching earlier messages…",
  newMessages: "New messages",
  toEnd: "Go to the newest message",
  pending: "Sending",
  failed: (reason: string): string => `Not sent. ${reason}`,
  retry: "Send again",
  discard: "Discard",
  today: "Today",
  yesterday: "Yesterday",

  composer: (room: string): string => `Message ${room}`,
  send: "Send",
  left: (count: number): string => `${count} characters left`,
  leftShort: (count: number): string => String(count),
  typing: (names: readonly string[]): string => {
    if (names.length === 0) return "";
    if (names.length === 1) return `${names[0]} is writing…`;
    if (names.length === 2) return `${names[0]} and ${names[1]} are writing…`;
    return "Several people are writing…";
  },
  dismiss: "Dismiss",
} as const;
