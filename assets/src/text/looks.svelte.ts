/** How the signs of ASCII look like others: what is known without the table, which is large and comes after the first view. */
const ASCII: ReadonlyMap<string, string> = new Map(
  Object.entries({ '"': "''", "%": "º/₀", "0": "o", "1": "l", I: "l", "`": "'", m: "rn", "|": "l" }),
);
const BEYOND_ASCII = /[^\x20-\x7e]/u;
/** What has no look of its own (Default_Ignorable_Code_Point). */
const IGNORED = /\p{Default_Ignorable_Code_Point}/gu;
const SPACES = /\s+/gu;
/** A mark that looks like nothing on its own, and letters that are no part of an alphabet. */
const OF_NO_SCRIPT = /[\p{M}\p{Lm}]/gu;
const WORDS = /[\p{L}\p{M}]+/gu;
/** The scripts that people write in one word ("highly restrictive" in UTS #39, section 5.1). */
const TOGETHER = [
  /^[\p{sc=Latn}\p{sc=Hani}\p{sc=Hira}\p{sc=Kana}]*$/u,
  /^[\p{sc=Latn}\p{sc=Hani}\p{sc=Bopo}]*$/u,
  /^[\p{sc=Latn}\p{sc=Hani}\p{sc=Hang}]*$/u,
  /^\p{sc=Cyrl}*$/u,
  /^\p{sc=Grek}*$/u,
  /^\p{sc=Armn}*$/u,
  /^\p{sc=Cher}*$/u,
  /^\p{sc=Copt}*$/u,
  /^\p{sc=Geor}*$/u,
  /^\p{sc=Hebr}*$/u,
  /^\p{sc=Arab}*$/u,
  // The others look like none of these, and are not told apart here.
  /^[^\p{sc=Latn}\p{sc=Cyrl}\p{sc=Grek}\p{sc=Armn}\p{sc=Cher}\p{sc=Copt}\p{sc=Geor}\p{sc=Hebr}\p{sc=Arab}]*$/u,
];

let table: ReadonlyMap<string, string> = $state.raw(ASCII);
let learning: Promise<void> | undefined;
const known = new Map<string, readonly string[]>();
/** Most names whose keys are remembered. */
const MOST = 5_000;

/** Fetch what every other character looks like, unless it is here; whoever compares names follows it. */
export function learn(): Promise<void> {
  return (learning ??= import("./confusables").then(
    ({ DISTANCES, LOOKS }) => {
      known.clear();
      table = confusables(DISTANCES, LOOKS);
    },
    () => (learning = undefined),
  ));
}

/** By what names are compared now; another object once more is known. */
export function looks(): object {
  return table;
}

/** Whether nobody knows yet what a name looks like. */
export function isUnsure(name: string): boolean {
  return table === ASCII && BEYOND_ASCII.test(name);
}

/**
 * By what a name is compared: two names look alike when they have one of these in common.
 *
 * The node has the same rule (lanchat/identity/names/looks.py): RFC 8266, then the skeleton of UTS #39. There are two,
 * because letters look alike in one case only: `Iana` is `iana` in another case, and looks like `lana`.
 */
export function keys(name: string): readonly string[] {
  const looks = table;
  let found = known.get(name);
  if (found === undefined) {
    const shown = name.replace(IGNORED, "").normalize("NFKC").replace(SPACES, " ").trim();
    found = [...new Set([shown, shown.toLowerCase().normalize("NFKC")].map((form) => skeleton(form, looks)))];
    if (known.size >= MOST) known.clear();
    known.set(name, found);
  }
  return found;
}

/** Whether somebody could take one name for the other. */
export function alike(one: string, other: string): boolean {
  const those = keys(other);
  return keys(one).some((key) => those.includes(key));
}

/** Whether a word of the name has letters of scripts that are not written in one word. */
export function mixesScripts(name: string): boolean {
  const words = name.normalize("NFKC").match(WORDS) ?? [];
  return words.map((word) => word.replace(OF_NO_SCRIPT, "")).some((word) => !TOGETHER.some((scripts) => scripts.test(word)));
}

/** The ids of those whose name looks like that of another one, or may do so for all that is known. */
export function lookalikes(named: readonly { readonly id: string; readonly name: string }[]): ReadonlySet<string> {
  const bearers = new Map<string, string[]>();
  for (const { id, name } of named) for (const key of keys(name)) bearers.set(key, [...(bearers.get(key) ?? []), id]);
  const unsure = named.filter(({ name }) => isUnsure(name)).map(({ id }) => id);
  return new Set([...bearers.values()].filter((ids) => ids.length > 1).flat().concat(unsure));
}

function skeleton(text: string, looks: ReadonlyMap<string, string>): string {
  return Array.from(text.normalize("NFD"), (letter) => looks.get(letter) ?? letter)
    .join("")
    .toLowerCase()
    .normalize("NFD");
}

function confusables(distances: string, shown: string): ReadonlyMap<string, string> {
  const column = (words: string): string[] => words.trim().split(SPACES);
  const looks = column(shown).map((points) => String.fromCodePoint(...points.split("+").map(hexadecimal)));
  let point = 0;
  return new Map(
    column(distances).map((distance, index) => {
      point += hexadecimal(distance);
      return [String.fromCodePoint(point), looks[index]!];
    }),
  );
}

function hexadecimal(digits: string): number {
  return Number.parseInt(digits, 16);
}
