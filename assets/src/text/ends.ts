/** Names longer than this are shown with their end: characters. */
const LONG = 24;
/** So much of the end is always shown. */
const END = 8;

/** Cut a long name into what may be left out in the middle and its end, so that names that begin alike are told apart. */
export function ends(name: string): readonly [begin: string, end: string] {
  const letters = Array.from(new Intl.Segmenter().segment(name), ({ segment }) => segment);
  if (letters.length <= LONG) return [name, ""];
  return [letters.slice(0, -END).join(""), letters.slice(-END).join("")];
}
