/** Fills `{colour}`, `{version}` … in a text; braces with other words in them (PromQL has many) are left alone. */
export declare function fill(text: string, values: Readonly<Record<string, string>>): string;
