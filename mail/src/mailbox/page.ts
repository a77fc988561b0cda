import { createElement as h, type ReactElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import type { MailboxMail } from './mailbox.ts';

const style = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
  body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
  table { width: 100%; border-collapse: collapse }
  th, td { text-align: left; padding: .4rem .8rem .4rem 0; border-bottom: 1px solid #8884; overflow-wrap: anywhere }
  iframe { width: 100%; height: 40rem; border: 1px solid #8884; background: #fff }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; padding: 1rem; border: 1px solid #8884 }
`;

const utc = (at: Date): string => at.toISOString().replace('T', ' ').slice(0, 19);

/** The list of mails, newest first. */
export const listPage = (mails: readonly MailboxMail[]): string =>
  page(
    'Mailbox',
    h('p', null, 'What this shop would have mailed: no mail server is set (SMTP_URL), so nothing leaves this machine.'),
    mails.length === 0
      ? h('p', null, 'No mails yet.')
      : h(
          'table',
          null,
          h('thead', null, h('tr', null, ...['Sent (UTC)', 'To', 'Subject'].map((it) => h('th', { key: it }, it)))),
          h(
            'tbody',
            null,
            ...mails.map(({ id, at, to, subject }) =>
              h(
                'tr',
                { key: id },
                h('td', null, utc(at)),
                h('td', null, h('a', { href: `/mailbox?${new URLSearchParams({ to })}` }, to)),
                h('td', null, h('a', { href: `/mailbox/${id}` }, subject)),
              ),
            ),
          ),
        ),
  );

/** One mail as HTML, as text and as its source. */
export const mailPage = ({ at, to, subject, html, text, source }: MailboxMail): string =>
  page(
    subject,
    h('p', null, h('a', { href: '/mailbox' }, 'All mails')),
    h('p', null, `To ${to}, ${utc(at)} UTC`),
    // No scripts and no origin of its own. Links open in a new tab, because the shop refuses to be framed.
    h('iframe', {
      title: 'HTML',
      sandbox: 'allow-popups allow-popups-to-escape-sandbox',
      srcDoc: html.replace('<head>', '<head><base target="_blank">'),
    }),
    h('h2', null, 'Text'),
    h('pre', null, text),
    h('h2', null, 'Source'),
    h('pre', null, source),
  );

function page(title: string, ...content: readonly ReactElement[]): string {
  const html = h(
    'html',
    { lang: 'en' },
    h(
      'head',
      null,
      h('meta', { charSet: 'utf-8' }),
      h('meta', { name: 'viewport', content: 'width=device-width' }),
      h('title', null, title),
      h('style', null, style),
    ),
    h('body', null, h('h1', null, title), ...content),
  );
  return `<!DOCTYPE html>${renderToStaticMarkup(html)}`;
}
