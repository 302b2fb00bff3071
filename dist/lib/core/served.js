const NONE = { expected: 0, got: 0, stable: 0 };
/** What is left of a block's weight after the next one: about ten blocks count as recent. */
const DECAY = 0.9;
const plus = (sums, expected, got, stable, kept) => ({
    expected: sums.expected * kept + expected,
    got: sums.got * kept + got,
    stable: sums.stable * kept + stable,
});
/** Whether the candidate serves what its weight says: in the stage, and lately. */
export class ServedShare {
    stage = NONE;
    recent = NONE;
    blocks = 0;
    add(expected, got, stable) {
        this.stage = plus(this.stage, expected, got, stable, 1);
        this.recent = plus(this.recent, expected, got, stable, DECAY);
        this.blocks += 1;
    }
    /** The candidate's part of the recent requests, 0 to 1. */
    get share() {
        const { got, stable } = this.recent;
        return got + stable > 0 ? got / (got + stable) : 0;
    }
    /** Recent requests of both colours. */
    get requests() {
        return this.recent.got + this.recent.stable;
    }
    /**
     * Whether the candidate serves less than a part of what its weight says. It must do so lately: a mesh that followed
     * late is forgiven. Few requests are gathered over the whole stage.
     *
     * @param part 0 to 1
     * @param least expected requests that are enough to say so
     */
    isBelow(part, least) {
        const { recent, stage } = this;
        const isLow = ({ expected, got }) => got < part * expected;
        if (!isLow(recent))
            return false;
        return recent.expected >= least || (stage.expected >= least && isLow(stage));
    }
}
