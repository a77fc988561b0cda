import { isIPv4, isIPv6 } from 'node:net';

/**
 * What a browser's `User-Agent` contains. In this order, because browsers also call themselves by the names of others:
 * all that are built on Chromium say `Chrome/` and `Safari/` as well, and those on an iPhone say `Safari/`.
 */
const browsers = [
  ['HeadlessChrome/', 'Headless Chrome'],
  ...named('Edge', 'Edg/', 'EdgA/', 'EdgiOS/', 'Edge/'),
  ...named('Opera', 'OPR/', 'OPiOS/', 'OPT/', 'OPX/', 'Opera Mini/', 'Opera/'),
  ['SamsungBrowser/', 'Samsung Internet'],
  ['Vivaldi/', 'Vivaldi'],
  ...named('DuckDuckGo', 'DuckDuckGo/', 'Ddg/'),
  ['Brave/', 'Brave'],
  ['YaBrowser/', 'Yandex Browser'],
  ['UCBrowser/', 'UC Browser'],
  ['HuaweiBrowser/', 'Huawei Browser'],
  ['MiuiBrowser/', 'Mi Browser'],
  ['Silk/', 'Silk'],
  ['GSA/', 'Google app'],
  ['Epiphany/', 'GNOME Web'],
  ...named('Firefox', 'Firefox/', 'FxiOS/', 'Focus/'),
  ['Chromium/', 'Chromium'],
  ...named('Chrome', 'Chrome/', 'CriOS/'),
  ['Trident/', 'Internet Explorer'],
] as const;
const systems = [
  ['iPhone', 'iPhone'],
  ['iPad', 'iPad'],
  ['Windows Phone', 'Windows Phone'],
  ['Android', 'Android'],
  ['Windows', 'Windows'],
  ['Macintosh', 'macOS'],
  ['CrOS', 'ChromeOS'],
  ['Tizen', 'Tizen'],
  ['Linux', 'Linux'],
  ['FreeBSD', 'FreeBSD'],
] as const;

/** Safari runs nowhere else; other browsers with its engine call themselves Safari, too. */
const withSafari = ['iPhone', 'iPad', 'macOS'];

/** What a `User-Agent` is called by the person who uses it. Whatever else it says is left out. */
export function deviceOf(userAgent: string | undefined): string {
  const nameIn = (names: readonly (readonly [string, string])[]) =>
    names.find(([token]) => userAgent?.includes(token))?.[1];
  const system = nameIn(systems);
  const browser =
    nameIn(browsers) ?? (system && withSafari.includes(system) ? nameIn([['Safari/', 'Safari']]) : undefined);
  if (browser && system) return `${browser} on ${system}`;
  return browser ?? system ?? 'Another program';
}

function named(name: string, ...tokens: readonly string[]): (readonly [string, string])[] {
  return tokens.map((token) => [token, name]);
}

/** The network of an address, without what points to one household. */
export function networkOf(address: string | undefined): string {
  const plain = (address ?? '').replace(/^::ffff:/i, '');
  if (isIPv4(plain)) return plain.replace(/\d+$/, 'x');
  if (!isIPv6(plain)) return 'unknown';
  const [front = ''] = new URL(`http://[${plain}]`).hostname.slice(1, -1).split('::');
  const groups = front.split(':').filter((group) => group !== '');
  return `${[...groups, '0', '0', '0'].slice(0, 3).join(':')}::x`;
}
