import type { Scene } from './stage.ts';

const atOnce = 6;

/** Some ask for more tickets than one person may have, with several orders at the same moment. */
export const grabbing: Scene = async ({ cast, announce, order }) => {
  const [first, ...greedy] = cast.slice(0, 4);
  const show = await announce([{ name: 'Standing', price: 0, quantity: 100 }], 2);
  // Once it is known to be on sale, all are answered in the same moment.
  if (!show || !first || !(await order(first, show, [1]))) return;
  await Promise.all(greedy.flatMap((buyer) => Array.from({ length: atOnce }, () => order(buyer, show, [1], 1))));
};
