/** Looks of the report: light, dark and paper. Every pair of text and ground has a contrast of 4.5 or more. */
export const STYLE = `
:root{color-scheme:light dark;--ground:#fff;--text:#1b1f24;--muted:#57606a;--grid:#d8dee4;--shade:#8c959f1f;--blue:#2257c4;--green:#117a43;
--neutral:#8a5a00;--against:#b3261e;--goingOn:#0f766e;--link:#0a58ca;--panel:#f6f8fa}
@media (prefers-color-scheme:dark){:root{--ground:#0f1318;--text:#e8ebef;--muted:#a3adb8;--grid:#343b44;--shade:#aab4be1f;--blue:#7fabff;--green:#4fc787;
--neutral:#e2b55a;--against:#ff8f85;--goingOn:#52d1c4;--link:#8ab8ff;--panel:#181d24}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1.2rem;max-width:1100px;background:var(--ground);color:var(--text);font:15px/1.45 system-ui,sans-serif}
h1{font-size:1.5rem;margin:0 0 .3rem}h2{font-size:1.1rem;margin:1.5rem 0 .5rem}h3{margin:.7rem 0 .1rem;font-size:.95rem}
a{color:var(--link)}:focus-visible{outline:2px solid var(--link);outline-offset:2px}
.outcome{font-size:1rem;padding:.1rem .6rem;border-radius:1rem;border:2px solid currentColor;vertical-align:middle}
.promoted{color:var(--goingOn)}.reverted,.stuck{color:var(--against)}.paused,.interrupted{color:var(--neutral)}
.reason{font-size:1.05rem;margin:.2rem 0 .8rem;overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem .9rem;margin:.3rem 0}dt{color:var(--muted)}dd{margin:0;overflow-wrap:anywhere}
b.stable{color:var(--stable)}b.candidate{color:var(--candidate)}
figure{margin:0 0 .6rem}figcaption{font-weight:600}.key{font-weight:400;color:var(--muted);margin-left:.9rem;white-space:nowrap}
.key i{display:inline-block;width:1.1em;height:.22em;margin-right:.35em;vertical-align:middle}
.chart svg{display:block;width:100%;height:auto}
.scroll{overflow-x:auto}table{border-collapse:collapse;font-size:.88rem;width:100%}
th,td{padding:.25rem .6rem;text-align:left;border-bottom:1px solid var(--grid);vertical-align:top}
thead th{color:var(--muted);font-weight:600}td{font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.numbers th,.numbers td,.told td:first-child{white-space:nowrap;overflow-wrap:normal}
tr.failed th,tr.failed td:nth-child(4){color:var(--against)}
details{background:var(--panel);border-radius:.4rem;padding:.45rem .7rem;margin:.35rem 0}summary{cursor:pointer;overflow-wrap:anywhere}
code{font-size:.85em;overflow-wrap:anywhere}ul{padding-left:1.2rem}small,footer{color:var(--muted)}
@media print{@page{size:A4;margin:11mm}:root{color-scheme:light}body{padding:0;max-width:none;font-size:9.5px}h1{font-size:15px}h2{font-size:12px;margin:.6rem 0 .2rem}
.charts{display:grid;grid-template-columns:1fr 1fr;gap:0 .8rem}.charts figure:first-child{grid-column:1/-1}figure,tr,details{break-inside:avoid}
th,td{padding:1px 4px}details{padding:1px 4px;margin:2px 0}summary{list-style:none}#events~*{max-height:none}footer{display:none}}
`;
