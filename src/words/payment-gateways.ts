/** A gateway that a buyer may pay by. */
interface GatewayWords {
  /** Pattern of its references to means of payment: whatever else is sent as one is refused before it is stored. */
  readonly token: RegExp;
  /** What they look like, as the rest of a sentence. */
  readonly what: string;
}

/** By name. */
const PAYMENT_GATEWAYS = {
  /** The built-in one. */
  test: { token: /^test-[a-z]+(?:-[a-z]+)*$/, what: 'test- and words in small letters: test-approved' },
} as const satisfies Readonly<Record<string, GatewayWords>>;

export const GATEWAY_NAMES = Object.keys(PAYMENT_GATEWAYS) as readonly (keyof typeof PAYMENT_GATEWAYS)[];

/** What is said of the gateway; undefined: there is none of this name. */
export const gatewayNamed = (name: unknown): GatewayWords | undefined =>
  GATEWAY_NAMES.some((each) => each === name) ? PAYMENT_GATEWAYS[name as keyof typeof PAYMENT_GATEWAYS] : undefined;
