import type { OwnAddress, Program } from "../../wire/protocol";

type Network = OwnAddress["network"];

/** The words of inviting, and of being alone. */
export const inviteWords = {
  title: "Invite people",
  panelOf: (room: string): string => `Invite people to ${room}`,
  close: "Close the invitation",
  help: "Whoever opens this address in a browser is in this room. They need nothing else.",
  address: "Address of this room",
  copy: "Copy",
  copied: "Copied",
  notCopied: "The browser does not allow copying. The address is selected: copy it with Ctrl+C.",
  share: "Share…",
  shareText: (room: string): string => `Come to ${room}`,
  qr: "The same address as a picture for a phone's camera",
  fetching: "Looking for the address of this computer…",
  choose: "Which network are they in?",
  chooseHelp: "This computer is in several networks, and in each it has another address.",
  network: {
    wifi: "Wi-Fi",
    cable: "Cable",
    vpn: "VPN",
    virtual: "Virtual network",
    direct: "Direct, without a router",
    loopback: "This computer only",
    other: "Network",
  } satisfies Record<Network, string>,
  /** Who cannot come by such an address; empty where everybody near can. */
  unreachable: {
    wifi: "",
    cable: "",
    vpn: "Only people in the same VPN reach this address.",
    virtual: "Only containers and virtual machines on this computer reach this address.",
    direct: "Only computers on the same cable or Wi-Fi reach this address, and some phones do not.",
    loopback: "Nobody else reaches this address: it means this computer to whoever opens it.",
    other: "",
  } satisfies Record<Network, string>,
  loopbackOwner: "Join a network, or start Lanchat without --bind. The address here changes by itself.",
  loopbackGuest: "Open this page by an address of the network, and pass that one on.",
  wants: "This room lets in who is invited, so its address alone lets nobody in. Make an invitation:",
  passphrase: "They are asked for the passphrase. An invitation spares them that:",
  one: "For one person, 10 minutes",
  many: "For many, 7 days",
  invitation: { one: "This address lets one person in, within 10 minutes.", many: "This address lets people in for 7 days." },
  locked: "The room is locked: nobody new comes in until it is unlocked.",
  noGuests: "Guests in a browser stay outside in this room. People who have Lanchat find it by itself.",

  nobodyTitle: "Nobody else is here yet",
  nobody: "Whoever opens Lanchat on this network is here by themselves. Everybody else comes with a browser:",
  searching: "Looking for others on the network…",
  examining: "Finding out why nobody is found…",
  why: "Why nobody is found",
  well: "The network is fine, as far as this computer can tell: nobody else runs Lanchat here now.",
  lookAgain: "Look again",
  tried: "What was tried",
  copyCommand: (command: string): string => `Copy the command ${command}`,
  renew: "Give this computer keys of its own",
  renewed: "Done. Quit Lanchat and start it again: it goes on as a computer of its own.",
  elseCode: "Meanwhile, show somebody the code below.",

  app: "Get Lanchat itself",
  appWhy: "Then you keep your name and what was said, and the room goes on when this computer is off.",
  download: (name: string, size: number): string => `Download ${name} (${(size / 1_000_000).toFixed(0)} MB)`,
  hash: "SHA-256 of the file",
  hashHelp: "Read it to each other before you run the file: over the network somebody could give you another one.",
  hashOwner: "Guests with the same system can get this program from you. Its SHA-256, to read to them:",
  otherSystem: (own: string, theirs: string): string =>
    `This computer has Lanchat for ${own}. For ${theirs}, somebody who has it there can give it to you, or make it from the source.`,
  phone: "On a phone the browser is all there is, and it is enough.",
  noFile: "This Lanchat runs from its source, so there is no program file to give. In its folder, “make binary” makes one; with Python 3.11 or newer, “make run” starts it.",
  systems: { linux: "Linux", win32: "Windows", darwin: "macOS" } as Readonly<Record<string, string>>,
} as const;

/** Name a program's system and machine, as in "Linux (x86_64)". */
export function systemOf({ system, machine }: Program): string {
  return `${inviteWords.systems[system] ?? system} (${machine})`;
}
