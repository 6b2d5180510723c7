/** The list with one item in another place. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const others = [...list];
  const taken = others.splice(from, 1);
  others.splice(to, 0, ...taken);
  return others;
}
