/** Fills `{colour}`, `{version}` … in a text; braces with other words in them (PromQL has many) are left alone. */
export function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\{([a-z-]+)\}/g, (whole, name: string) => values[name] ?? whole)
}
