import { Body } from '@react-email/body';
import { Button } from '@react-email/button';
import { Container } from '@react-email/container';
import { Head } from '@react-email/head';
import { Heading } from '@react-email/heading';
import { Hr } from '@react-email/hr';
import { Html } from '@react-email/html';
import { Preview } from '@react-email/preview';
import { Section } from '@react-email/section';
import { Text } from '@react-email/text';
import { htmlToText } from 'html-to-text';
import { type CSSProperties, createElement as h, type ReactElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import type { Letter } from '../letter.ts';
import { english } from './english.ts';
import { formats } from './formats.ts';
import { german } from './german.ts';
import { isolated } from './isolated.ts';
import { type Action, write } from './written.ts';

/** Whom a mail goes to, as far as its content depends on it. */
export interface Reader {
  readonly name?: string | undefined;
  readonly language: 'en' | 'de';
  /** A guest's key: with it every link opens their orders, without an account. */
  readonly key?: string | undefined;
}

export interface Content {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

const languages = {
  en: { words: english, formats: formats(english.locale) },
  de: { words: german, formats: formats(german.locale) },
};

/** A letter as it is sent. `origin` is where people open the shop. */
export function render(letter: Letter, { name, language, key }: Reader, origin: string): Content {
  const { words, formats } = languages[language];
  const { subject, paragraphs, details = [], action } = write(letter, words, formats);
  const page: Page = {
    ...{ language, subject, paragraphs, details },
    footer: (key === undefined ? words.footer : words.guestFooter)(origin),
    greeting: words.greeting(name && isolated(name)),
    ...(action ? { action: { label: action.label, href: hrefOf(action, origin, key) } } : {}),
  };
  const html = `<!DOCTYPE html>${renderToStaticMarkup(mail(page))}`;
  return { subject, html, text: textOf(html) };
}

/** A guest's link first shows their key to the shop, which then leads them to the page. */
export function hrefOf({ path, isKey }: Action, origin: string, key: string | undefined): string {
  if (isKey || key === undefined) return `${origin}${path}`;
  return `${origin}/open?${new URLSearchParams({ key, to: path })}`;
}

interface Page {
  readonly language: 'en' | 'de';
  readonly subject: string;
  readonly greeting: string;
  readonly paragraphs: readonly string[];
  readonly details: readonly (readonly [string, string])[];
  readonly action?: { readonly label: string; readonly href: string };
  readonly footer: string;
}

const ink = '#1a1a2e';
const cell = { fontSize: '14px', lineHeight: '20px', verticalAlign: 'top' } as const;
const styles = {
  body: {
    backgroundColor: '#f4f4f7',
    color: ink,
    fontFamily: 'Helvetica, Arial, sans-serif',
    margin: 0,
    padding: '24px 0',
  },
  container: { backgroundColor: '#ffffff', padding: '24px', maxWidth: '560px', borderRadius: '8px' },
  heading: { fontSize: '22px', lineHeight: '28px', margin: '0 0 16px' },
  text: { fontSize: '16px', lineHeight: '24px', margin: '0 0 16px' },
  label: { ...cell, padding: '4px 16px 4px 0', color: '#5a5a6e', whiteSpace: 'nowrap' },
  value: { ...cell, padding: '4px 0', wordBreak: 'break-word' },
  button: { backgroundColor: ink, color: '#ffffff', padding: '12px 20px', borderRadius: '6px', fontSize: '16px' },
  line: { margin: '24px 0 16px' },
  small: { fontSize: '12px', lineHeight: '18px', color: '#5a5a6e', margin: 0 },
} as const satisfies Record<string, CSSProperties>;

/** For mail programs that honour it; others show the light colours, or darken them as they see fit. */
const dark = `@media (prefers-color-scheme: dark) {
  .back, .back > table > tbody > tr > td { background-color: #16161f !important }
  .sheet { background-color: #22222e !important; color: #ececf4 !important }
  .muted { color: #b4b4c6 !important }
  .button { background-color: #ececf4 !important; color: #1a1a2e !important }
  hr { border-color: #44445a !important }
}`;

/** Calls instead of JSX: Node strips types from a file but does not compile JSX. */
function mail({ language, subject, greeting, paragraphs, details, action, footer }: Page): ReactElement {
  const [first = subject] = paragraphs;
  const rows = details.map(([label, value]) =>
    h(
      'tr',
      { key: label },
      h('td', { style: styles.label, className: 'muted' }, label),
      h('td', { style: styles.value }, value),
    ),
  );
  return h(
    Html,
    { lang: language },
    h(
      Head,
      null,
      h('meta', { name: 'viewport', content: 'width=device-width' }),
      h('meta', { name: 'color-scheme', content: 'light dark' }),
      h('title', null, subject),
      h('style', null, dark),
    ),
    h(Preview, null, first),
    h(
      Body,
      { style: styles.body, className: 'back' },
      h(
        Container,
        { style: styles.container, className: 'sheet' },
        h(Heading, { as: 'h1', style: styles.heading }, subject),
        h(Text, { style: styles.text }, greeting),
        ...paragraphs.map((paragraph) => h(Text, { style: styles.text }, paragraph)),
        rows.length > 0 ? h('table', { className: 'details' }, h('tbody', null, ...rows)) : null,
        action
          ? h(
              Section,
              { style: { margin: '24px 0' } },
              h(Button, { href: action.href, style: styles.button, className: 'button' }, action.label),
            )
          : null,
        h(Hr, { style: styles.line }),
        h(Text, { style: styles.small, className: 'muted' }, footer),
      ),
    ),
  );
}

/** The same for readers without HTML. The preview repeats the first sentence, so it is left out. */
function textOf(html: string): string {
  return htmlToText(html, {
    wordwrap: 76,
    selectors: [
      { selector: '[data-skip-in-text=true]', format: 'skip' },
      { selector: 'h1', options: { uppercase: false } },
      { selector: 'table.details', format: 'dataTable', options: { maxColumnWidth: 60 } },
      { selector: 'a', options: { hideLinkHrefIfSameAsText: true, linkBrackets: false } },
    ],
  });
}
