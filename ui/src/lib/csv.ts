// Tables as text for a spreadsheet. A cell that a spreadsheet would take for a formula is marked as text.

const FORMULA = /^[=+\-@\t\r]/;

function cell(value: string): string {
  const text = FORMULA.test(value) ? `'${value}` : value;
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Comma-separated, one line a row, as RFC 4180 has it. */
export function csv(rows: string[][]): string {
  return rows.map((row) => row.map(cell).join(",")).join("\r\n");
}
