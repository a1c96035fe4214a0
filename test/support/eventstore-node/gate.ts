import type { Metadata } from '@grpc/grpc-js';
import type { CallFaults } from './faults';
import { notLeader, type Refusal, unauthenticated, unavailable } from './refusals';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** Who is let in. */
export class Gate {
  private readonly authorization: string | null;

  constructor(
    credentials: Credentials | null,
    private readonly faults: CallFaults,
  ) {
    this.authorization = credentials && basic(credentials);
  }

  /** Why the call is not served now; null if it is. */
  refusalOf(metadata: Metadata): Refusal | null {
    const { refusing, leader } = this.faults.state;
    if (refusing) return unavailable();
    if (this.authorization !== null && metadata.get('authorization')[0] !== this.authorization)
      return unauthenticated();
    if (leader && metadata.get('requires-leader')[0] === 'true') return notLeader(leader);
    return null;
  }
}

const basic = ({ username, password }: Credentials): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
