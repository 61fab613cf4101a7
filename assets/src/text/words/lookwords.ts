import type { Looked } from "../../wire/protocol";
import { roomWords } from "./roomwords";

const number = (value: number): string => NUMBERS.format(value);
const NUMBERS = new Intl.NumberFormat();

/** The words of looking for other computers where the network does not tell of them. */
export const lookWords = {
  title: roomWords.look,
  close: "Close the search for computers",
  why: "Some networks do not tell computers of each other. Lanchat can ask for itself:",
  around: "Search this network",
  searching: "Asking each address of this network for Lanchat…",
  field: "Ask at the address of a computer",
  placeholder: "192.168.1.20",
  hint: "It stands in its invitation. An address of a room from there does as well.",
  ask: "Ask there",
  asking: (address: string): string => `Asking ${address}…`,

  bridgeOffer: (home: string): string =>
    `Some computers near you do not reach ${home}, where this room is: they are in another network, and this computer is in both.`,
  bridgeBegin: "Let them into this room through this computer",
  bridged: (home: string): string => `People in another network come to ${home} and this room through this computer.`,
  bridgeEnd: "End that",
} as const;

/** Say what a look has come to. @param where the address that was asked; empty for all of the network. */
export function outcome({ nodes, asked }: Looked, where: string): string {
  const names = nodes.map(({ name }) => name).join(", ");
  if (where !== "") return `${names} answers at ${where}. Its rooms are in the list.`;
  if (asked === 0) return "This computer is in no network that can be searched: it has no private address.";
  const searched = `Searched ${asked === 1 ? "1 address" : `${number(asked)} addresses`} of this network`;
  if (nodes.length === 0) return `${searched}: nobody.`;
  return `${searched}: found ${names}. ${nodes.length === 1 ? "Its" : "Their"} rooms are in the list.`;
}
