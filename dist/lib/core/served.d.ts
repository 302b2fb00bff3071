/** Whether the candidate serves what its weight says: in the stage, and lately. */
export declare class ServedShare {
    private stage;
    private recent;
    blocks: number;
    add(expected: number, got: number, stable: number): void;
    /** The candidate's part of the recent requests, 0 to 1. */
    get share(): number;
    /** Recent requests of both colours. */
    get requests(): number;
    /**
     * Whether the candidate serves less than a part of what its weight says. It must do so lately: a mesh that followed
     * late is forgiven. Few requests are gathered over the whole stage.
     *
     * @param part 0 to 1
     * @param least expected requests that are enough to say so
     */
    isBelow(part: number, least: number): boolean;
}
