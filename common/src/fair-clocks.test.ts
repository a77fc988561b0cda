import { createFairClocks } from './fair-clocks.ts';

const anna = { account: 'anna', address: 'home' };

describe('the clocks of fair queueing', () => {
  it('give an account its turns one after the other', () => {
    const clocks = createFairClocks(100);
    expect([clocks.advance(anna), clocks.advance(anna), clocks.advance(anna)]).toEqual([0, 1, 2]);
    expect(clocks.turnOf(anna)).toBe(3);
    expect(clocks.turnOf({ account: 'anna', address: 'elsewhere' })).toBe(3);
  });

  it('give an address as many turns as eight accounts', () => {
    const clocks = createFairClocks(100);
    for (let i = 0; i < 8; i++) clocks.advance({ account: `colleague ${i}`, address: 'office' });
    expect(clocks.turnOf({ account: 'one more', address: 'office' })).toBe(1);
    expect(clocks.turnOf({ account: 'one more', address: 'home' })).toBe(0);
  });

  it('do not let anybody save turns up', () => {
    const clocks = createFairClocks(100);
    clocks.serve(5);
    expect(clocks.advance(anna)).toBe(5);
    expect(clocks.advance(anna)).toBe(6);
    clocks.serve(20);
    expect(clocks.turnOf(anna)).toBe(20);
    clocks.advance(anna);
    expect(clocks.turnOf(anna)).toBe(21);
  });

  it('give back what was not used', () => {
    const clocks = createFairClocks(100);
    for (let i = 0; i < 3; i++) clocks.advance(anna);
    clocks.takeBack(anna);
    expect(clocks.turnOf(anna)).toBe(2);
  });

  it('are forgotten once they are not ahead, and no sooner', () => {
    const clocks = createFairClocks(4);
    clocks.advance(anna);
    clocks.advance({ account: 'ben', address: 'home' });
    clocks.advance({ account: 'ben', address: 'work' });
    expect(clocks.size).toBe(4);
    clocks.serve(1);
    clocks.advance({ account: 'cleo', address: 'club' });
    // Only more than four are too many.
    expect(clocks.size).toBe(6);
    clocks.advance({ account: 'dora', address: 'club' });
    // Ben is ahead with two turns, Cleo and the club are ahead with what they just took.
    expect(clocks.size).toBe(4);
    expect(clocks.turnOf({ account: 'ben', address: 'home' })).toBe(2);
  });
});
