import Type from 'typebox';
import { personalKind } from '../kernel/personal-data/personal';

/** Characters: at most as long as an SMTP path allows (RFC 5321, 4.5.3.1.3). */
export const MAX_EMAIL = 254;

/** As its owner wrote it; the claim is on its normal form. */
export const email = personalKind('Email', Type.String({ minLength: 1, maxLength: MAX_EMAIL }));

export const personName = personalKind('PersonName', Type.String({ minLength: 1, maxLength: 200 }));

/** An Argon2 hash in PHC string format: it is personal, so that it goes when the person is erased. */
export const passwordHash = personalKind('PasswordHash', Type.String({ minLength: 1, maxLength: 500 }));
