import { messages } from "./catalogue";

const TIME = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const LONG_AGO = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "long", year: "numeric" });
const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });

/** Times are milliseconds since 1970; one that no calendar holds is shown as nothing. */
export function time(at: number): string {
  return valid(at) ? TIME.format(at) : "";
}

/** The same for a narrow column: without the half of the day, which the message above it says. */
export function narrowTime(at: number): string {
  if (!valid(at)) return "";
  const parts = TIME.formatToParts(at).filter(({ type }) => type !== "dayPeriod");
  return parts.map(({ value }) => value).join("").trim();
}

export function fullTime(at: number): string {
  return valid(at) ? FULL.format(at) : "";
}

/** Machine-readable form. */
export function stamp(at: number): string {
  return valid(at) ? new Date(at).toISOString() : "";
}

/** "Today", "Yesterday", or the date, with the year when it is another one. */
export function day(at: number, now: number = Date.now()): string {
  if (!valid(at)) return "";
  const date = new Date(at);
  const today = new Date(now);
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  if (date.toDateString() === today.toDateString()) return messages.today;
  if (date.toDateString() === yesterday.toDateString()) return messages.yesterday;
  return (date.getFullYear() === today.getFullYear() ? DAY : LONG_AGO).format(at);
}

/** When the day of a time began. */
export function startOfDay(now: number = Date.now()): number {
  return new Date(now).setHours(0, 0, 0, 0);
}

function valid(at: number): boolean {
  return Math.abs(at) <= 8.64e15;
}
