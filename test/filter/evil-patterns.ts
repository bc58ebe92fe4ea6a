/**
 * Regular expressions that take exponential or polynomial time, or much memory, in engines that backtrack, unroll or
 * build all states beforehand: from papers and advisories about denial of service, and made for automata.
 */
export const evilPatterns: readonly string[] = [
  // Exponential: repetitions in repetitions, and alternatives that overlap.
  '(a+)+$',
  '(a*)*$',
  '(a+)*$',
  '((a*)*)*$',
  '(a|a)*$',
  '(a|aa)+$',
  '(a|a?)+$',
  '(.*)*$',
  '(.*a){20}$',
  '(.*a){30}b',
  '(a*)*b',
  '(x+x+)+y',
  '^(a|b|ab)*c$',
  '^(([a-z])+.)+[A-Z]([a-z])+$',
  '([a-zA-Z]+)*\\d',
  '(\\w+\\s?)*$',
  '^(\\w+\\s?)+:$',
  '(?:\\s|\\s+)*x',
  '(?:(?:a|b)+)+c',
  '(?i)(a+)+$',
  '(?s)(.*.*)*=',
  '^(?:.?.?.?.?.?.?.?)*$x',
  '(\\d+\\.?)*x$',
  '(([^,]*,)*)*$',
  '("[^"]*"|[^"])*$x',
  // Polynomial: neighbours that may share the same characters.
  '.*.*.*.*.*=',
  '\\s+$',
  'a*a*a*a*a*a*b',
  '\\d+\\d+\\d+\\d+x',
  '[^=]*=[^=]*=[^=]*=[^=]*!',
  '^.*,.*,.*,.*,.*,.*;$',
  '(?:.*,){11}P',
  // Addresses, links and versions as copied from forums.
  '^([a-zA-Z0-9])(([\\-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}[a-z0-9]+[.]{1}(([a-z]{2,3})|([a-z]{2,3}[.]{1}[a-z]{2,3}))$',
  '^(https?:\\/\\/)?([\\da-z.-]+)\\.([a-z.]{2,6})([/\\w .-]*)*\\/?$',
  '^(?:[a-z0-9!#$%&]+(?:\\.[a-z0-9!#$%&]+)*)+@x',
  '<(.+)>.*</\\w+>',
  '\\b(?:\\d{1,3}\\.?){4,}\\b$x',
  '^\\s*(?:[\\w-]+\\s*=\\s*"[^"]*"\\s*)*>$',
  // Many states at a time: each character is compared with many places of the expression.
  '(a?){30}a{30}',
  '(a?){100}a{100}',
  '(a?){200}a{200}',
  '(a{0,50}){0,10}x$',
  '(?:[ab]{1,50}){1,20}c',
  '(a{1,100}){1,10}$',
  '((a{0,5}){0,5}){0,5}x',
  '(?:a{0,9}b{0,9}){0,20}!$',
  '.{0,400}!x?$',
  '.{0,140}!x?$',
  'a?'.repeat(70),
  '(?:a|b)?'.repeat(24),
  `${'a?b?'.repeat(35)}!`,
  // Exponentially many sets of states, when all are built.
  '[ab]*a[ab]{12}c',
  '[ab]*a[ab]{30}!',
  '[ab]*a[ab]{100}!',
  '(?:[ab]*a[ab]{14}!)|[ab]{120}!',
  '(?:[ab]*a[ab]{15}!)|(?:a?b?){28}!',
  '[ab]*a[ab]{400}!',
  '(?:[ab]*a[ab]{50}){2}[!c]',
  '.*a.{100}b.{100}a.{100}!',
  '.*a.{50}b.{50}!',
  '(?:a|b|ab|ba|aba|bab){1,80}[!c]$',
  '(?:a|b|ab|ba|aba|bab){1,7}[!c]$',
  '(?:a.{60}|b.{50})[xy]',
  '(?:a.{30}|b.{20})[xy]',
  '[ab]*a[ab]{60}[xy]',
  'a.{10}b.{20}a.{30}b.{40}!',
  '(?:a.{8}|b.{9}|a.{10}|b.{11}|.{12}a)*!',
  '(?:.a|a.|.b){40}!',
  '(?:(?:a|ab)(?:c|bcd)d*){9}!',
  '[ab]{0,70}a[ab]{0,70}[!c]$',
  '(?:a{1,20}|b{1,20}){3}!',
  '(?:[^b]{1,40}[^a]{1,40})!',
  'a[ab]{20}\\b|b[ab]{30}\\b!',
  '(?i)(?:[a-k]{1,30}[j-z]{1,30}){2}!',
  '(?:[ab]{2}){30}(?:[ab]{3}){20}!',
  '(?:a|(?:b|(?:a|(?:b|(?:a|b)*)*)*)*)*!',
  // Assertions, which ask for the characters on both sides.
  '(?:\\b|a|\\B){40}!',
  '(?:\\ba|b\\B|a\\b|\\Bb){20}!',
  '(?:^|a|$)*!x',
  '(?s).{60}$.{60}!',
  '(?:\\b\\w{1,20}\\b\\W?){3}!',
  '\\b(?:a?){35}\\b!',
  // As reported for browsers, firewalls, editors and packages.
  '(?:(?:"|\'|\\]|\\}|\\\\|\\d|(?:nan|infinity|true|false|null)|`|-|\\+)+[)]*;?((?:\\s|-|~|!|{}|\\|\\||\\+)*.*(?:.*=.*)))',
  '^[\\s\\x{200c}]+|[\\s\\x{200c}]+$',
  '^\\s*(?:#.*)?(?:\\s*\\w+\\s*=.*)*$x',
  '(?:^|[^a-z])(?:[a-z]+[-_]?)+@!',
  '^((?:[A-Z][a-z]*)+\\s?)+:!',
  '(?:/\\*(?:[^*]|\\*[^/])*\\*/)|(?:"(?:\\\\.|[^"])*")x',
  '(?:;|,|\\s)+(?:charset=[^;]+)*[;,\\s]+!',
  '^(?:(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)(?:\\.|$)){4}x',
  // Large when it is written out.
  '(a{1000}){1000}',
  '(((a{10}){10}){10}){10}',
  '(?:abcdefghij){1000}',
  '(\\pL{1,100}){1,10}\\pN',
  '((((((((((a{2}){2}){2}){2}){2}){2}){2}){2}){2}){2})',
  `${'('.repeat(400)}a${')'.repeat(400)}`,
  `${'(?:a|'.repeat(150)}b${')'.repeat(150)}`,
  'a?'.repeat(400),
  '(a|b|c|d)?'.repeat(90),
  // Large when case is ignored, or when classes are put together.
  `(?i)[${'B-\u{1E000}'.repeat(200)}]`,
  `(?i)[${'\\x{42}-\\x{1E000}'.repeat(50)}]`,
  `[^${'\\pL\\PN'.repeat(120)}]`,
  'x'.repeat(10_240),
  // Not linear in any engine.
  '(a+)\\1+$',
  '(?=(a+))a*b',
  '(?<!a)b',
  '(?<=a+)b',
  '(?>a+)b',
  '(?P<n>a+)(?P=n)',
  '(?<n>a+)\\k<n>',
];

/** 10,000 letters a and b without an order that a few states could describe: xorshift32. */
function disorder(): string {
  let state = 1;
  const letters = Array.from({ length: 10_000 }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state > 0 ? 'a' : 'b';
  });
  return letters.join('');
}

/** Lines of 10,000 characters on which many of those take long, whatever is looked for; see also worst-record.ts. */
export const hostileLines: readonly string[] = [
  `${'a'.repeat(10_000)}!`,
  `${'ab'.repeat(5000)}!`,
  `${disorder()}!`,
  `${disorder()}c`,
  `${'x'.repeat(10_000)}!`,
  `${' '.repeat(10_000)}x!`,
  `${'1.'.repeat(5000)}x!`,
  `${'a,'.repeat(5000)}P=!`,
  `${'a b="'.repeat(2000)}!`,
  `${'ä\u{1F600}'.repeat(2500)}!`,
];
