import type { Panel } from './panels.ts';
import type { StageRow } from './stages.ts';
/**
 * One chart as SVG, with colours as variables of the page: `--stable`, `--candidate`, `--neutral`, `--against`,
 * `--goingOn`, `--text`, `--muted`, `--grid`, `--shade`.
 *
 * @param index tells the names inside this drawing from those of the others on the page
 */
export declare function draw(panel: Panel, stages: readonly StageRow[], from: number, to: number, index: number): string;
