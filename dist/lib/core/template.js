/** Fills `{colour}`, `{version}` … in a text; braces with other words in them (PromQL has many) are left alone. */
export function fill(text, values) {
    return text.replaceAll(/\{([a-z-]+)\}/g, (whole, name) => values[name] ?? whole);
}
