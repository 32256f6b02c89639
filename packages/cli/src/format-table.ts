/** Longer texts are cut: a line should fit a terminal. */
const widest = 60;

/** Lines with aligned columns. What would steer the terminal is shown as `·`: names come from whoever sends spans. */
export function formatTable(rows: readonly (readonly string[])[]): string[] {
  const cells = rows.map((row) => row.map(toCell));
  const widths = (cells[0] ?? []).map((_, column) =>
    Math.max(...cells.map((row) => [...row[column]!].length)),
  );
  return cells.map((row) =>
    row
      .map((cell, column) => cell + ' '.repeat(widths[column]! - [...cell].length))
      .join('  ')
      .trimEnd(),
  );
}

function toCell(text: string): string {
  // Narrow blanks are for screens with proportional type.
  const plain = text.replaceAll('\u202f', ' ').replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '·');
  const characters = [...plain];
  return characters.length <= widest ? plain : `${characters.slice(0, widest - 1).join('')}…`;
}
