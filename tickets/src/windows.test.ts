import { createWindows } from './windows.ts';

describe('the windows of a list', () => {
  it('are one until a page has been read', () => {
    const windows = createWindows();
    expect([windows.floorOf(undefined, 1), windows.floorOf('m', 1)]).toEqual([undefined, undefined]);
  });

  it('begin and end where pages ended, in whatever order those were read', () => {
    const windows = createWindows();
    for (const id of ['m', 'd', 'w', 'm']) windows.split(id);
    expect([undefined, 'x', 'w', 'n', 'm', 'd'].map((id) => windows.floorOf(id, 1))).toEqual([
      ...['w', 'w', 'm', 'm', 'd'],
      undefined,
    ]);
    expect([1, 2, 3, 4].map((count) => windows.floorOf(undefined, count))).toEqual(['w', 'm', 'd', 'd']);
  });

  it('become larger when there are too many', () => {
    const windows = createWindows(4);
    for (const id of ['a', 'b', 'c', 'd', 'e']) windows.split(id);
    expect([1, 2, 3].map((count) => windows.floorOf(undefined, count))).toEqual(['d', 'b', 'b']);
  });
});
