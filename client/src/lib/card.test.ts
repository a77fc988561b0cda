import { confirmationForm, confirmationOf, intentIdOf, readCard } from './card.ts';

const good = { number: '4242 4242-4242 4242', expiry: '12/34', cvc: '123' };

describe('a typed card', () => {
  it('is parsed without its spaces', () => {
    expect(readCard(good)).toEqual({
      card: { number: '4242424242424242', expMonth: '12', expYear: '2034', cvc: '123' },
    });
  });

  it.each(['1/34', '01 / 2034', '0134', '01-34'])('may expire %s', (expiry) => {
    expect(readCard({ ...good, expiry })).toMatchObject({ card: { expMonth: '1', expYear: '2034' } });
  });

  it.each(['', '13/34', '00/34', '12', '12/1934'])('may not expire "%s"', (expiry) => {
    expect(readCard({ ...good, expiry })).toEqual({ faults: { expiry: expect.any(String) } });
  });

  it('has all of its faults reported at once', () => {
    expect(readCard({ number: '42', expiry: 'soon', cvc: '1' })).toEqual({
      faults: { number: expect.any(String), expiry: expect.any(String), cvc: expect.any(String) },
    });
  });

  it('is sent in the format of Stripe’s API', () => {
    const form = confirmationForm(
      { number: '4242', expMonth: '1', expYear: '2034', cvc: '123' },
      'pi_1_secret_2',
      'http://x/',
    );
    expect(`${form}`).toContain('payment_method_data%5Bcard%5D%5Bexp_month%5D=1&');
    expect(form.get('client_secret')).toBe('pi_1_secret_2');
    expect(intentIdOf('pi_1_secret_2')).toBe('pi_1');
  });
});

describe('Stripe’s answer', () => {
  it.each(['requires_capture', 'processing', 'succeeded'])('%s is accepted', (status) => {
    expect(confirmationOf({ status })).toEqual({ kind: 'accepted' });
  });

  it('redirects to the bank if required', () => {
    const answer = { status: 'requires_action', next_action: { redirect_to_url: { url: 'https://bank.example/' } } };
    expect(confirmationOf(answer)).toEqual({ kind: 'redirect', url: 'https://bank.example/' });
  });

  it.each([
    [{ code: 'incorrect_number', param: 'number' }, 'number'],
    [{ code: 'invalid_number' }, 'number'],
    [{ code: 'invalid_expiry_month', param: 'exp_month' }, 'expiry'],
    [{ code: 'expired_card' }, 'expiry'],
    [{ code: 'incorrect_cvc', param: 'cvc' }, 'cvc'],
    [{ code: 'parameter_invalid', param: 'payment_method_data[card][cvc]' }, 'cvc'],
    [{ code: 'card_declined' }, undefined],
  ])('%j concerns the field %s', (error, field) => {
    const said = confirmationOf({ error: { message: 'No.', ...error } });
    expect(said).toEqual({ kind: 'refused', message: 'No.', ...(field ? { field } : {}) });
  });

  it('accepts an intent that was paid before', () => {
    const error = { code: 'payment_intent_unexpected_state', payment_intent: { status: 'requires_capture' } };
    expect(confirmationOf({ error })).toEqual({ kind: 'accepted' });
  });

  it('counts as a refusal if it is unknown', () => {
    expect(confirmationOf('<html>').kind).toBe('refused');
    expect(confirmationOf({ status: 'requires_payment_method' }).kind).toBe('refused');
  });
});
