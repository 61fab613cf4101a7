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
  moreRooms: (count: number): string => `${count} more. Type a name above to open one of them.`,
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

  you: "You",
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
  compare: "Compare words",
  comparePerson: (nick: string): string => `Compare words with ${nick}, to know that it is really them`,
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
  verified: "Verified: you compared words with this person",
  memberNode: (nodes: readonly string[]): string => `on ${nodes.join(", ")}`,
  nobody: "Nobody is seen here yet.",

  notifications: "Notifications",
  mentioned: (nick: string, room: string): string => `${nick} mentioned you in ${room}`,
  invited: (nick: string, room: string): string => `${nick} invites you to ${room}`,
  announced: (nick: string): string => `${nick} announces`,
  openRoom: (room: string): string => `Open ${room}`,
  inviteShort: "Invite",
  invitePerson: (nick: string): string => `Invite ${nick} to another room`,
  inviteInto: (nick: string): string => `Rooms to invite ${nick} to`,
  hasInvited: (nick: string, room: string): string => `${nick} is invited to ${room}.`,
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
  actionsOf: (nick: string): string => `Actions for the message of ${nick}`,
  reactWith: (emoji: string): string => `React with ${emoji}`,
  otherEmoji: "React with another emoji",
  otherEmojiShort: "Other",
  reaction: (emoji: string, nicks: readonly string[]): string => `${emoji} ${nicks.length}: ${nicks.join(", ")}`,
  edit: "Edit",
  editField: "Edit the message",
  save: "Save",
  cancel: "Cancel",
  copyText: "Copy text",
  copied: "Copied",
  notCopied: "The browser does not allow copying.",
  delete: "Delete",
  deleteReally: "Really delete this message?",
  today: "Today",
  yesterday: "Yesterday",

  search: "Search",
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

  door: "Door and rules",
  doorOf: (room: string): string => `Door of ${room}`,
  closeDoor: "Close the door's settings",
  doorHelp: "What is set here holds for everybody, on every computer that has this room.",
  doorBy: "Who comes in",
  doorKinds: { open: "Everybody", passphrase: "Who knows the passphrase", invite: "Who is invited" },
  doorOwnerOnly: "Only the owner of the room changes this.",
  passphrase: "Passphrase",
  passphraseNew: "New passphrase",
  passphraseSet: "Set",
  passphraseHelp: "At least 8 characters; a few words are easy to say. Who is not in the room now has to enter the new one.",
  keylessOwner: "The computer where this room lives does not know the passphrase. Set it again, so that people can come in by it.",
  keyless: "This computer does not know the passphrase. Enter it here, so that guests of this computer can come in by it.",
  listed: "Show this room in lists",
  listedHelp: "Otherwise one comes in by an invitation only; who was in it finds it by its name.",
  guests: "Guests in a browser",
  guestKinds: { on: "Read and write", read: "Only read", off: "Stay outside" },
  slow: "Slow mode",
  slowKinds: (seconds: number): string =>
    seconds === 0 ? "Off" : seconds < 60 ? `One message in ${seconds} s` : `One message in ${seconds / 60} min`,
  locked: "Lock the room",
  lockedHelp: "Nobody new comes in. Who is inside may go and come back.",
  invitations: "Invitations",
  inviteOne: "For one guest, 10 minutes",
  inviteMany: "For many, 7 days",
  inviteHelp: "Whoever opens this address in a browser comes into the room. It counts on every computer that has this room.",
  inviteLink: "Address of the invitation",
  inviteQr: "The same address as a picture for a phone's camera",
  ticket: (single: boolean, until: string): string => `${single ? "For one" : "For many"}, until ${until}`,
  noTickets: "No invitation stands.",
  revoke: "Take back",
  revokeTicket: (id: string): string => `Take invitation ${id} back`,
  person: (nick: string): string => `More about ${nick}`,
  makeModerator: "Make moderator",
  noModerator: "No moderator any more",
  mute: "Mute",
  unmute: "Let them write again",
  kick: "Send out",
  ban: "Ban",
  banAddress: "Ban, and their address",
  hideSaid: "Hide what they said today",
  isOwner: "owner",
  isModerator: "moderator",
  isMuted: "muted",
  bannedList: "Banned",
  unban: "Let in again",
  unbanPerson: (id: string): string => `Let ${id} in again`,
  doorSigns,
  ruleWords,
  outsideTitle: {
    needs_passphrase: "This room has a passphrase",
    needs_invitation: "This room is by invitation",
    room_locked: "This room is locked",
    banned: "You are banned from this room",
    kicked: "You were sent out",
    no_guests: "This room is not for guests",
  } as Readonly<Record<string, string>>,
  outsideUnencrypted:
    "A passphrase that is typed here could be read on the network. Ask somebody in the room for an invitation, and open its address.",
  code: "Code of an invitation",
  comeIn: "Come in",
  tryAgain: "Try again",

  roomMenu: (room: string): string => `More about ${room}`,
  exportJsonl: "Save a copy that can be imported",
  exportHtml: "Save as a page to read",
  importRoom: "Import a saved room…",
  importFile: "File of a saved room",
  stats: "Statistics",
  forget: "Forget this room here…",
  forgetTitle: (room: string): string => `Forget ${room} on this computer?`,
  forgetGoes: "Everything that was said in it is deleted from this computer, for good, and so is what waits to be sent.",
  forgetHome:
    "The room lives on this computer: nobody can say anything in it any more. Everybody else who was in it keeps their copy, but no new one comes.",
  forgetCopy: (node: string): string =>
    `The room goes on at ${node} and with everybody else who is in it. You can open it again while it is there.`,
  forgetSaved: "Copies that you saved as files, and backups, stay where they are.",
  forgetReally: "Forget it here",
  jobs: "Copies being saved and imported",
  exportOf: (room: string): string => `Saving ${room}`,
  importOf: (file: string): string => `Importing ${file}`,
  jobState: { waiting: "Waiting", running: "Going on", done: "Done", failed: "Failed", cancelled: "Cancelled" },
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
