/** The reactions that are offered; any other emoji can be typed. */
export const OFFERED = ["👍", "❤️", "😂", "🎉", "😮", "😢"] as const;

const letters = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** The first character of a text as a person sees it, however many code points it has; empty when there is none. */
export function firstCharacter(text: string): string {
  const [first] = letters.segment(text.trim());
  return first?.segment ?? "";
}
