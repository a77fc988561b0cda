import { MailedLink } from './mailed-link.tsx';
import { PasskeySignIn } from './passkey-sign-in.tsx';

interface SignInAgainProps {
  readonly email: string;
  readonly hasPasskey: boolean;
}

/** For what needs a fresh sign-in of somebody without a password. Leads back to the account page. */
export function SignInAgain({ email, hasPasskey }: SignInAgainProps) {
  return (
    <div className="sign-in-again">
      <p>You signed in a while ago. Please sign in again first.</p>
      {hasPasskey && <PasskeySignIn next="/account" inField={false} />}
      <MailedLink purpose="sign-in" email={email} action="Mail me a link" next="/account" />
    </div>
  );
}
