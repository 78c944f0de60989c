// Whole numbers as they are typed: what does not fit is told, never written.

/** What is wrong with a typed number; null where it fits. */
export function misfit(typed: string, min: number, max: number): string | null {
  const number = Number(typed);
  if (typed.trim() === "" || !Number.isInteger(number)) return "A whole number is needed.";
  if (number < min || number > max) return `From ${min.toLocaleString()} to ${max.toLocaleString()}.`;
  return null;
}
