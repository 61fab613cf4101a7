/** What somebody's computer is: a system as Python names it, a phone, or something that is not known. */
export type System = "linux" | "win32" | "darwin" | "phone" | "";

/** Tell from what a browser says of itself for which system it needs a program. */
export function systemFrom(userAgent: string): System {
  if (/Android|iPhone|iPad|iPod|Mobile/u.test(userAgent)) return "phone";
  if (/Windows/u.test(userAgent)) return "win32";
  if (/Macintosh|Mac OS X/u.test(userAgent)) return "darwin";
  return /Linux/u.test(userAgent) ? "linux" : "";
}
