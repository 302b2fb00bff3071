import { toDuration } from "../core/duration.js";
import { toLine } from "../report/line.js";
const BAR = 40;
const FRAME_MS = 200;
const PLAIN_LOOK_MS = 60_000;
/** Opens the view. Without a terminal it is a plain log with a look at the gates once a minute. */
export function openView(out, now) {
    const isLive = out.isTTY;
    const hasColour = isLive && process.env['NO_COLOR'] === undefined;
    const paint = (code, text) => (hasColour ? `\u001b[${code}m${text}\u001b[0m` : text);
    let footer = 0;
    let current = null;
    let lastVerdict = '';
    let lastLook = 0;
    let closed = false;
    const erase = () => (footer === 0 ? '' : `\u001b[${footer}A\u001b[0J`);
    const cut = (line) => (isLive ? line.slice(0, Math.max(20, out.columns) - 1) : line);
    const frame = () => {
        if (current === null)
            return [];
        const { state, release } = current;
        const filled = Math.round((state.weight * BAR) / 100);
        const bar = (length, code) => paint(code, '█'.repeat(length)) + '░'.repeat(BAR - length);
        const lines = [
            `  ${release.stable.padEnd(8)}${bar(BAR - filled, 34)} ${100 - state.weight} %`,
            `  ${release.candidate.padEnd(8)}${bar(filled, 32)} ${state.weight} %`,
        ];
        if (state.phase !== 'baking')
            return [...lines, `  ${state.phase}`];
        const stage = state.plan.stages[state.stage];
        const held = toDuration(now() - state.enteredAt);
        const code = state.verdict === 'pass' ? 32 : state.verdict === 'fail' ? 31 : 33;
        const head = `  stage ${stage?.name ?? ''}, held ${held} (min ${toDuration(stage?.minMs ?? 0)}, max ${toDuration(stage?.maxMs ?? 0)}): `;
        return [...lines, head + paint(code, state.verdict), cut(`  ${state.reason}`)];
    };
    const draw = (permanent) => {
        if (!isLive) {
            if (permanent !== '')
                out.write(`${permanent}\n`);
            return;
        }
        const lines = closed ? [] : frame();
        const kept = permanent === '' ? '' : `${permanent}\n`;
        out.write(erase() + kept + lines.map((line) => `${line}\n`).join(''));
        footer = lines.length;
    };
    const timer = isLive
        ? setInterval(() => {
            draw('');
        }, FRAME_MS)
        : undefined;
    timer?.unref();
    return {
        listener: (event, state, release) => {
            current = { state, release };
            if (event.type === 'analysis-completed') {
                const isNews = event.verdict !== lastVerdict || event.at - lastLook >= PLAIN_LOOK_MS;
                if (!isNews)
                    return;
                lastVerdict = event.verdict;
                lastLook = event.at;
            }
            else
                lastVerdict = '';
            draw(toLine(event, state, release));
        },
        say: (line) => {
            draw(`  ${line}`);
        },
        close: () => {
            if (closed)
                return;
            closed = true;
            clearInterval(timer);
            draw('');
        },
    };
}
