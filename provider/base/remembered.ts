/**
 * A pure function of a text that remembers what it made of the last few: what 300 hosts say is often the same to the letter.
 * What it returns is shared, and must not be changed.
 * @param most texts that are remembered
 * @example const markOf = remembered(parseHostMark);
 */
export function remembered<T>(make: (text: string) => T, most = 16): (text: string) => T {
  const known = new Map<string, { readonly value: T }>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found.value;
    const made = { value: make(text) };
    const [oldest] = known.keys();
    if (known.size >= most && oldest !== undefined) known.delete(oldest);
    known.set(text, made);
    return made.value;
  };
}
