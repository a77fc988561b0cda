import { testDatabase } from '@box-office/common/testing/engines';
import { newId } from '@box-office/common/testing/parts';
import { numbersIn } from './store.ts';

it('numbers that are drawn at once all differ, also when they are the first of a line', async () => {
  const database = await testDatabase();
  const draw = numbersIn(database.connection);
  for (let line = 0; line < 5; line++) {
    const kindId = newId();
    const drawn = await Promise.all(Array.from({ length: 30 }, () => draw(kindId)));
    expect(new Set(drawn).size).toBe(30);
    expect(await draw(kindId)).toBeGreaterThan(Math.max(...drawn));
  }
  await database.drop();
});
