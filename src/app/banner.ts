import type { AdminCredentials } from '../accounts/first-admin';
import type { Config, Role } from '../config';

interface Started {
  readonly url: string;
  /** Of health and metrics. */
  readonly opsUrl: string;
  readonly config: Pick<Config, 'dataDir' | 'eventStoreUrl'>;
  /** Only when they were made, or made anew, by this start. */
  readonly credentials: AdminCredentials | null;
  readonly demo: { readonly products: number } | null;
}

/** What a start says: where the shop is, and what to type first. */
export function banner({ url, opsUrl, config, credentials, demo }: Started): string {
  const admin = credentials && [
    '',
    `  Admin          ${credentials.email}`,
    `  Password       ${credentials.password}   (shown this once; npm start -- --reset-admin-password makes another)`,
  ];
  return [
    '',
    'Chronocart is open.',
    '',
    `  API            ${url}/api`,
    `  Documentation  ${url}/docs`,
    `  Health         ${opsUrl}/health/ready`,
    // On servers, the folder holds nothing but the books of the test gateway.
    ...(config.eventStoreUrl === null ? [`  Data folder    ${config.dataDir}`] : []),
    ...(demo ? [`  Demo           ${demo.products} products`] : []),
    ...(admin ?? []),
    '',
    ...(demo ? shopping(url) : selling(url)),
    '',
    '',
  ].join('\n');
}

const shopping = (url: string): string[] => [
  'Try:',
  '',
  `  curl '${url}/api/products?q=mug&limit=3'`,
  '',
  `or, in another terminal, a whole shopping trip: npm run journey -- ${url}`,
];

/** Perhaps nothing is on sale. */
const selling = (url: string): string[] => [
  'The demo is not here: on sale is what sellers put there. An admin gives an account the role seller',
  `(POST /api/admin/accounts/{accountId}/roles), and it creates products; ${url}/docs shows how.`,
];

/** What a process says that works for the shop and does not answer its API. */
export const workingBanner = (role: Role, url: string): string =>
  `\nChronocart works: ${role}.\n\n  Health         ${url}/health/ready\n\n`;
