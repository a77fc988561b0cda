import { html, raw } from '../../docs/html.ts';
import { css } from '../../docs/style.ts';

interface Question {
  /** Whose orders they are, as a sentence. */
  readonly whose: string;
  /** The link itself, to be opened from this page. */
  readonly link: string;
}

const ownCss = `
main { max-width: 34rem; margin: 2rem auto; padding: 0 1rem; }
.button { display: inline-block; padding: 0.6rem 1.1rem; border-radius: 0.6rem; background: var(--main); color: var(--card); font-weight: 600; text-decoration: none; }
`;

/**
 * Asks a visitor whom another site has led to a link from a mail, as a mailbox in the browser does too. It needs no
 * JavaScript, and the key in its own address does not get into the referrer of the next page.
 */
export function questionPage({ whose, link }: Question): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>Open these orders? · Box Office</title>
<link rel="icon" href="/icon.svg">
<style>${raw(css + ownCss)}</style>
</head>
<body>
<header><a class="brand" href="/">Box Office</a></header>
<main>
<div class="card">
<h1>Open these orders?</h1>
<p>${whose} If you did not order them, close this page.</p>
<a class="button" href="${link}">Open the orders</a>
</div>
</main>
</body>
</html>
`.html;
}
