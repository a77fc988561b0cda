import { rememberSigned } from './remembered-signer.ts';

function counting() {
  let at = 0;
  const asked: string[] = [];
  let fails = false;
  const signer = rememberSigned(
    {
      jwks: { keys: [] },
      identity: { verify: async () => ({ id: 'nobody' }) },
      async sign({ id }) {
        asked.push(id);
        if (fails) throw new Error('no signature today');
        return `${id} at ${at}`;
      },
    },
    () => new Date(at),
  );
  return {
    signer,
    asked,
    later: (ms: number) => {
      at += ms;
    },
    fail: (now: boolean) => {
      fails = now;
    },
  };
}

describe('an identity', () => {
  it('is signed once for the requests of 20 seconds', async () => {
    const { signer, asked, later } = counting();
    expect(await Promise.all([signer.sign({ id: 'ann' }), signer.sign({ id: 'ann' })])).toEqual([
      'ann at 0',
      'ann at 0',
    ]);
    later(19_999);
    expect(await signer.sign({ id: 'ann' })).toBe('ann at 0');
    later(1);
    expect(await signer.sign({ id: 'ann' })).toBe('ann at 20000');
    expect(asked).toEqual(['ann', 'ann']);
  });

  it('is of one person alone', async () => {
    const { signer } = counting();
    expect([await signer.sign({ id: 'ann' }), await signer.sign({ id: 'bob' })]).toEqual(['ann at 0', 'bob at 0']);
  });

  it('is signed anew when more belongs to the person', async () => {
    const { signer, asked } = counting();
    for (const also of [[], ['guest'], ['guest']]) await signer.sign({ id: 'ann', also });
    expect(asked).toEqual(['ann', 'ann']);
  });

  it('that could not be signed is signed for the next request', async () => {
    const { signer, fail } = counting();
    fail(true);
    await expect(signer.sign({ id: 'ann' })).rejects.toThrow('no signature');
    fail(false);
    expect(await signer.sign({ id: 'ann' })).toBe('ann at 0');
  });

  it('is not remembered for any number of people', async () => {
    const { signer, asked } = counting();
    for (let n = 0; n <= 10_000; n++) await signer.sign({ id: `${n}` });
    await signer.sign({ id: '10000' });
    expect(asked).toHaveLength(10_001);
    await signer.sign({ id: '0' });
    expect(asked).toHaveLength(10_002);
  });
});
