// How well a few typed letters fit a name: letters in their order; words that begin with them come first.
/** Higher is better; null does not fit. */
export function fits(typed: string, name: string): number | null {
  const [wanted, text] = [typed.trim().toLowerCase(), name.toLowerCase()];
  if (wanted === "") return 0;
  const whole = text.indexOf(wanted);
  if (whole === 0) return 1000 - text.length;
  if (whole > 0) return (/[\s(:#]/.test(text.charAt(whole - 1)) ? 800 : 600) - text.length;
  let [from, gaps] = [0, 0];
  for (const letter of wanted.replaceAll(" ", "")) {
    const found = text.indexOf(letter, from);
    if (found < 0) return null;
    gaps += found - from;
    from = found + 1;
  }
  return 400 - gaps * 4 - text.length;
}
