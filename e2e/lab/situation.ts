import type { Situation as Shown } from '@box-office/console/api/lab';
import type { Scene } from './scene.ts';

/** A situation that the lab can make. */
export interface Situation extends Omit<Shown, 'kind'> {
  /**
   * Makes it with real traffic, and looks at what comes of it. Whatever it breaks is whole again at the end.
   *
   * @throws when it cannot be made; a check that fails does not throw
   */
  readonly make: (scene: Scene) => Promise<void>;
}
