'use client';

import { call } from '../browser/api.ts';
import { goSignIn, goTo } from '../browser/navigate.ts';
import { useForm } from '../browser/use-form.ts';
import { passwordFault, passwordHint } from '../lib/password.ts';
import { formFaults } from '../lib/problem.ts';
import { AccountPart } from './account-part.tsx';
import { Button } from './button.tsx';
import { Field } from './fields.tsx';
import { Form } from './form.tsx';
import { NewPasskey } from './new-passkey.tsx';

const reload = () => goTo(window.location.pathname);

/** Makes an account of what a guest has bought, in one step. Leads back to the page that it is on. */
export function AccountOffer({ email }: { readonly email: string }) {
  const form = useForm(async (typed) => {
    const password = typed('password');
    const wrong = passwordFault(password);
    if (wrong) return { fields: { password: wrong } };
    const answer = await call('POST', '/api/auth/account', { password });
    // Somebody has made an account in another tab.
    if (answer.ok || answer.fault.code === 'guest-only') reload();
    else if (answer.fault.status === 401 && answer.fault.code === 'not-signed-in') goSignIn();
    else return formFaults(answer.fault, ['password']);
    return undefined;
  });

  return (
    <AccountPart id="offer" heading="Make an account">
      <p>Then you find your tickets on every device, also without the mail. What you have bought stays yours.</p>
      <NewPasskey email={email} hasPassword={false} action="Use a passkey" look="main" onMade={reload} />
      <Form form={form} className="other-ways">
        <Field label="E-mail" name="account" type="email" autoComplete="username" value={email} readOnly />
        <Field
          label="Password"
          name="password"
          type="password"
          autoComplete="new-password"
          hint={passwordHint}
          error={form.faults.fields.password}
        />
        <Button look="quiet" busy={form.busy}>
          Use a password
        </Button>
      </Form>
    </AccountPart>
  );
}
