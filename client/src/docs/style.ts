/** The documentation's styles. One text, so that the page's policy can allow it by its hash. */
export const css = `
:root { color-scheme: light dark; --paper: #f7f6f2; --card: #fff; --ink: #1d1b20; --muted: #5d5a66; --line: #dcd9d2; --main: #5b2be0; --soft: #efeafd; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #141318; --card: #1f1d25; --ink: #f1eff6; --muted: #aba6b8; --line: #36323f; --main: #a78bfa; --soft: #2b2540; }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.5 ui-sans-serif, system-ui, sans-serif; }
a { color: var(--main); text-underline-offset: 0.15em; }
:focus-visible { outline: 3px solid var(--main); outline-offset: 2px; border-radius: 0.3rem; }
main:focus { outline: none; }
.skip { position: absolute; left: -999rem; }
.skip:focus { left: 1rem; top: 0.5rem; padding: 0.5rem 1rem; background: var(--card); }
header { padding: 0.75rem 1rem; background: var(--card); border-bottom: 1px solid var(--line); }
.brand { font-weight: 800; font-size: 1.25rem; letter-spacing: -0.02em; color: var(--ink); text-decoration: none; }
.page { display: grid; grid-template-columns: 19rem minmax(0, 1fr); gap: 2rem; max-width: 84rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
nav { position: sticky; top: 1rem; align-self: start; max-height: calc(100vh - 2rem); overflow: auto; font-size: 0.9rem; }
nav h2 { margin: 0.75rem 0 0.25rem; font-size: 1rem; }
nav ul { margin: 0; padding: 0; list-style: none; }
nav li a { display: block; padding: 0.3rem 0; color: inherit; text-decoration: none; overflow-wrap: anywhere; }
nav li a:hover { text-decoration: underline; }
h1 { margin: 0 0 1rem; font-size: 2rem; line-height: 1.2; }
h2 { margin: 2.5rem 0 0.5rem; font-size: 1.5rem; text-transform: capitalize; }
nav h2 { text-transform: capitalize; }
h3 { margin: 0 0 0.5rem; font-size: 1.1rem; overflow-wrap: anywhere; }
p { margin: 0 0 0.75rem; }
code { font: 0.9em ui-monospace, monospace; overflow-wrap: anywhere; }
.card { margin: 0 0 1rem; padding: 1.25rem; background: var(--card); border: 1px solid var(--line); border-radius: 0.75rem; }
.method { display: inline-block; min-width: 3.5rem; font: 700 0.8rem ui-monospace, monospace; color: var(--main); }
.table { overflow-x: auto; margin: 0 0 0.75rem; }
table { width: 100%; border-collapse: collapse; font-size: 0.9rem; }
th, td { padding: 0.35rem 0.75rem 0.35rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th { color: var(--muted); font-weight: 600; }
td:first-child { white-space: nowrap; }
em { color: var(--muted); font-size: 0.85em; }
@media (max-width: 54rem) { .page { grid-template-columns: minmax(0, 1fr); } nav { position: static; max-height: none; } }
`;
