/** Prints a title and rows of equal length; the first cell says what the row is. */
export function printTable(title: string, head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => (row[column] ?? '').length)) + 2);
  console.log(`\n${title}`);
  for (const row of [head, ...rows]) {
    const cells = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
    );
    console.log(cells.join('').trimEnd());
  }
}

/** Says of a figure that is wanted whether it is met. */
export function printWanted(wanted: string, figure: string, met: boolean): void {
  console.log(`${met ? 'met    ' : 'NOT MET'}  wanted: ${wanted}; measured: ${figure}`);
}
