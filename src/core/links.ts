/** Where the pages live that findings and hovers link to. */
const SITE = 'https://headroom.dev';

/** Address of a rule's page, such as `https://headroom.dev/rules/go/hot-copy`. */
export function rulePage(rule: string): string {
  return `${SITE}/rules/${rule}`;
}

/** Address of a myth's page in the handbook. */
export function mythPage(myth: string): string {
  return `${SITE}/myths/${myth}`;
}
