/** Why a release could not be driven: a code for programs, a message naming the object, a hint for the person. */
export class ReleaseError extends Error {
    code;
    hint;
    problems;
    constructor(code, message, more = {}) {
        super(message, { cause: more.cause });
        this.name = 'ReleaseError';
        this.code = code;
        this.hint = more.hint ?? '';
        this.problems = more.problems ?? [];
    }
}
/** The refusal of a driver that has been replaced: `by` holds the newer fence on the object. */
export function overtaken(object, by) {
    return new ReleaseError('STATE_CONFLICT', `${object} is driven by ${by} now`, {
        hint: 'this run no longer drives; look at that one',
    });
}
/** The refusal of a service that is being released with others. */
export function takingPart(object, release) {
    return new ReleaseError('UNFINISHED_RELEASE', `${object} takes part in the release of ${release}, which has not ended`, {
        hint: `go on with ${release}, or bring its traffic back with abort, and then release this service alone`,
    });
}
/** Any thrown value as a `ReleaseError`; what nobody foresaw becomes `INTERNAL` and says how to report it. */
export function toReleaseError(thrown) {
    if (thrown instanceof ReleaseError)
        return thrown;
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return new ReleaseError('INTERNAL', `unexpected failure: ${message}`, {
        hint: 'this is a defect of gray-release: please report it with the debug log',
        cause: thrown,
    });
}
/** The same error with every secret replaced, for people. */
export function masked(thrown, mask) {
    const { code, message, hint, problems } = toReleaseError(thrown);
    return new ReleaseError(code, mask(message), { hint: mask(hint), problems, cause: thrown });
}
