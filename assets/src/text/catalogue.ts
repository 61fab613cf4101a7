import type { Notification } from "../wire/protocol";
import type { Label } from "./crowd";
import { doorSigns, ruleWords } from "./words/doorwords";

/** A number as the person's own language writes it. */
const number = (value: number): string => NUMBERS.format(value);
const NUMBERS = new Intl.NumberFormat();

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
  moreRooms: (count: number): string => `${number(count)} more. Type a name above to open one of them.`,
  roomFieldKeys: "Ctrl K",
  unread: (count: number): string => `${count} unread`,
  unreadShort: (count: number): string => (count > 99 ? `${number(99)}+` : number(count)),
  membersHere: (count: number): string => (count === 1 ? "1 person there" : `${count} people there`),
  away: "away",
  twinRoom: (name: string, begin: string): string => `${name} ·${begin}`,
  homedAt: (node: string): string => `at ${node}`,

  invite: "Invite people",
  inviteEncrypted: "Encrypted",
  inviteEncryptedHint: "The browser warns once; go on if it shows the key below.",
  fingerprint: "Key of this computer (SHA-256)",

  nick: "Your name",
  nickHint: "This is how others see you",
  guestNick: "You are",
  unencrypted: "Not encrypted: others on this network can read along.",
  useEncrypted: "Use the encrypted address.",
  useEncryptedHint: "The browser warns once, because nobody vouches for this computer's key. Or install Lanchat.",

  connection: {
    connecting: "Connecting…",
    ready: "Connected",
    waiting: "No connection. Trying again…",
    refused: "Not connected",
    closed: "Not connected",
  },
  tryNow: "Try now",
  partMissing: "A part of this page did not come. Reload it when there is a connection.",
  keptHere: "Kept on this computer",
  keptAt: (node: string): string => `Kept by ${node}`,
  fetching: (done: number, total: number): string =>
    `Fetching what was said: ${number(done)} of ${number(total)}`,
  fetchingHint: "What was said here before is on its way. You can write meanwhile; it appears when everything is here.",
  offline: "What you write waits",
  offlineHint: (node: string): string => `${node} does not answer now. What you write waits and goes out when it is back.`,
  mayLose: "A crash of Redis can lose the last second",
  full: "Full",
  fullHint:
    "This copy has as much as it may take on this computer, so nothing more of it is fetched. What is here stays. To go on, " +
    "forget the room here, let older messages go (keep_days) or allow more ([limits]) in lanchat.toml.",
  fullHintGuest: (node: string): string =>
    `The copy on ${node} is full, so nothing new comes in there. The person whose computer that is can make room.`,
  diskFull: "The disk of this computer is full. What is said now is not kept here, so it is not shown; it comes when there is space.",
  namesake: (name: string, node: string): string => `People spoke in another room called ${name} as well, on ${node}.`,
  unite: "Make them one",
  uniteHint: "Everything said here goes there, with its times, and everybody moves there.",
  notHome: "Another machine answers",
  otherMachine: (node: string): string => `Another machine answers where ${node} was`,
  otherMachineKept: (node: string): string =>
    `Its key is another, so nothing is sent there. What you write stays here, and goes out when ${node} itself answers.`,
  otherMachineDo: (node: string): string =>
    `If ${node} has a new address, Lanchat finds it by itself. If Lanchat was installed anew there, open the room again from the list. ` +
    `If neither is so, somebody may be standing in between: ask the people at ${node} in person.`,
  showMembers: (count: number): string => `Who is here: ${count}`,
  closeMembers: "Close the list of people",
  members: "Who is here",
  /** What stands behind a name that could be somebody else's. */
  tail: (begin: string): string => ` ·${begin}`,
  tailHint: "Somebody else's name looks like this one, or it mixes letters of several alphabets.",
  /** What stands beside a name. */
  kind: { verified: "", guest: "guest", unverified: "unverified" },
  kindHint: {
    verified: "Signed: this was said with this person's own key.",
    guest: "A guest: this name belongs to no key, anybody may take it. The computer where they are says that it was them.",
    unverified: "Not verified: this was imported, or is from an older version. Nobody can know who said it.",
  },
  memberYou: "you",
  findMember: "Find a person",
  membersFound: (found: number, all: number): string => `${number(found)} of ${number(all)}`,
  verified: "Verified: you compared words with this person",
  memberNode: (nodes: readonly string[]): string => `on ${nodes.join(", ")}`,
  nobody: "Nobody is seen here yet.",

  notifications: "Notifications",
  mentioned: (nick: string, room: string): string => `${nick} mentioned you in ${room}`,
  invited: (nick: string, room: string): string => `${nick} invites you to ${room}`,
  announced: (nick: string): string => `${nick} announces`,
  openRoom: (room: string): string => `Open ${room}`,
  inviteShort: "Invite",
  nicks: "People to mention",

  log: (room: string): string => `Messages in ${room}`,
  emptyTitle: (room: string): string => `This is ${room}`,
  empty: "Nobody has said anything yet. Everybody on the network who opens this room reads along.",
  loading: "Opening the room…",
  noRoomTitle: "No room is open",
  noRoom: "Choose one from the list, or type a name to open your own.",
  earlier: "Earlier messages",
  earlierLoading: "Fetching earlier messages…",
  removed: "Earlier messages were removed.",
  replaced: "This room's history was replaced. What you saw before is gone.",
  newMessages: "New messages",
  toEnd: "Go to the newest message",
  toLive: "Jump to latest",
  pending: "Sending",
  held: "Kept on this computer; it goes on by itself when the room's computer answers",
  heldAt: (node: string): string => `Kept on ${node}; it goes on by itself when the room's computer answers`,
  /** What is true of a message of ours, in short and as a whole. */
  receiptShort: (machines: number, readers: number): string =>
    readers > 0 ? `Read by ${readers}` : machines > 1 ? `On ${machines} computers` : "Kept",
  receipt: (machines: number, readers: number): string =>
    (machines > 1 ? `On ${machines} computers` : "Kept by the room's computer") + (readers > 0 ? `. Read by ${readers}` : ""),
  failed: (reason: string): string => `Not sent. ${reason}`,
  changeFailed: (reason: string): string => `Not changed. ${reason}`,
  retry: "Send again",
  discard: "Discard",
  edited: "edited",
  saidApart: "said while apart",
  deleted: "This message was deleted.",
  actions: (nick: string, text: string): string => `Actions for ${nick}: ${text.slice(0, 40)}`,
  reaction: (emoji: string, nicks: readonly string[]): string => `${emoji} ${nicks.length}: ${nicks.join(", ")}`,
  editField: "Edit the message",
  save: "Save",
  cancel: "Cancel",
  copied: "Copied",
  notCopied: "The browser does not allow copying.",
  today: "Today",
  yesterday: "Yesterday",

  search: "Search",

  composer: (room: string): string => `Message ${room}`,
  send: "Send",
  left: (count: number): string =>
    count < 0 ? `${number(-count)} characters too many` : `${number(count)} characters left`,
  leftShort: (count: number): string => (count < 0 ? `${number(-count)} too many` : `${number(count)} left`),
  typing: (names: readonly string[]): string => {
    if (names.length === 0) return "";
    if (names.length === 1) return `${names[0]} is writing…`;
    if (names.length === 2) return `${names[0]} and ${names[1]} are writing…`;
    return "Several people are writing…";
  },
  dismiss: "Dismiss",

  isOwner: "owner",
  isModerator: "moderator",
  isMuted: "muted",
  doorSigns,
  ruleWords,

  roomMenu: (room: string): string => `More about ${room}`,
  exportOf: (room: string): string => `Saving ${room}`,
  importOf: (file: string): string => `Importing ${file}`,
  jobLost: "The connection was lost. What was begun may go on, but is not shown here any more.",
} as const;

/** How somebody is called within a sentence. */
export function spokenName({ nick, tail, kind }: Label): string {
  return `${nick}${tail === "" ? "" : messages.tail(tail)}${kind === "verified" ? "" : ` (${messages.kind[kind]})`}`;
}

/** Say in one line what a notification is about, and of whom by their label. */
export function headline({ kind, room }: Notification, author: Label): string {
  const name = spokenName(author);
  if (kind === "mention") return messages.mentioned(name, room?.name ?? "");
  return kind === "invitation" ? messages.invited(name, room?.name ?? "") : messages.announced(name);
}
