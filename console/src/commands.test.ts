import { join } from 'node:path';
import { execa } from 'execa';

const run = (command: string, ...args: string[]) =>
  execa(process.execPath, [join(import.meta.dirname, `commands/${command}.ts`), ...args], { reject: false });

describe('the commands of the console', () => {
  it.each(['story', 'events', 'streams', 'logs', 'traces'])('say what is wrong: %s', async (command) => {
    const words = command === 'story' ? ['f'.repeat(24)] : [];
    const [help, unknown, away] = await Promise.all([
      run(command, '--help'),
      run(command, '--everything'),
      run(command, ...words, '--url', 'http://127.0.0.1:1'),
    ]);
    expect(help).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(`npm run ${command}`) });
    expect(unknown).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--everything') });
    expect(away).toMatchObject({ exitCode: 2, stderr: 'No console answers at http://127.0.0.1:1.' });
  });
});
