/** The two notes, a fourth apart: hertz. */
const NOTES = [587.33, 783.99] as const;
/** How loud, of 1: to be heard in a quiet room. */
const LOUDNESS = 0.06;
/** Seconds. */
const APART = 0.09;
const LENGTH = 0.5;

let context: AudioContext | undefined;

/** Play two soft notes, made here. A browser that has not been touched yet plays nothing. */
export function chime(): void {
  try {
    context ??= new AudioContext();
    const { currentTime, destination, state } = context;
    if (state === "suspended") void context.resume().catch(() => undefined);
    NOTES.forEach((hertz, index) => {
      const begin = currentTime + index * APART;
      const [note, loudness] = [context!.createOscillator(), context!.createGain()];
      note.frequency.value = hertz;
      loudness.gain.setValueAtTime(0, begin);
      loudness.gain.linearRampToValueAtTime(LOUDNESS, begin + 0.015);
      loudness.gain.exponentialRampToValueAtTime(0.0001, begin + LENGTH);
      note.connect(loudness).connect(destination);
      note.start(begin);
      note.stop(begin + LENGTH);
    });
  } catch {
    // No sound on this machine.
  }
}
