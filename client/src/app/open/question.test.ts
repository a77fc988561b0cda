import { questionPage } from './question.ts';

const whose = 'You are about to open the orders of <b>Gerda</b>, gerda@example.com.';
const link = '/open?key=a%22b&to=%2Forders';

describe('the question before a link from another site is opened', () => {
  const page = questionPage({ whose, link });

  it('says whose orders they are, whatever their name', () => {
    expect(page).toContain('the orders of &lt;b&gt;Gerda&lt;/b&gt;, gerda@example.com. If you did not order them');
  });

  it('leads on by one link, without JavaScript and without telling the next page its address', () => {
    expect(page).toContain('<a class="button" href="/open?key=a%22b&amp;to=%2Forders">');
    expect(page).toContain('<meta name="referrer" content="no-referrer">');
    expect(page).not.toMatch(/<script|\son\w+=/);
  });
});
