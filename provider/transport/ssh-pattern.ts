/** OpenSSH's patterns (ssh_config(5), PATTERNS): `*` is any text, `?` one character. */
export function matchesPattern(pattern: string, text: string): boolean {
  const expression = pattern.replace(/[\\^$.|+()[\]{}]/g, "\\$&").replaceAll("*", ".*").replaceAll("?", ".");
  return new RegExp(`^${expression}$`, "s").test(text);
}

/** A list matches when one of its patterns does and none of its negated ones (`!pattern`) does. */
export function matchesPatternList(patterns: readonly string[], text: string): boolean {
  let matched = false;
  for (const pattern of patterns) {
    const negated = pattern.startsWith("!");
    if (!matchesPattern(negated ? pattern.slice(1) : pattern, text)) continue;
    if (negated) return false;
    matched = true;
  }
  return matched;
}
