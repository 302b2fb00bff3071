/** The help text; options are the Action's inputs. */
export declare function usage(): string;
