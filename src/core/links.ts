/** Where the pages live that findings and hovers link to. */
const SITE = 'https://headroom.dev';

/** Address of a rule's page, such as `https://headroom.dev/rules/go/hot-copy`. */
export function rulePage(rule: string): string {
  return `${SITE}/rules/${rule}`;
}

/** Address of a chapter of the handbook; of its contents for an empty name. */
export function handbookPage(chapter: string): string {
  return `${SITE}/handbook/${chapter}`;
}

/** Address of a myth's page. */
export function mythPage(myth: string): string {
  return `${SITE}/myths/${myth}`;
}
