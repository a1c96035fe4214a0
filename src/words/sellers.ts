import type { Principal } from '../kernel/http/principal';
import { rejections } from '../kernel/rejection';
import type { GrantedRole } from './roles';

export const rejected = rejections({
  'as-of-forbidden': [403, 'How it was before is shown to its seller, to admins and to analysts.'],
});

/** Roles that may change what sellers have; admins whatever seller's it is. */
export const SELLING = ['seller', 'admin'] as const satisfies readonly GrantedRole[];

/** What a command says of who asks: a seller only for what is theirs, an admin for everyone. */
export const asSeller = ({ id, roles }: Principal): { asSeller?: string } =>
  roles.includes('admin') ? {} : { asSeller: id };

/** Whether the principal (null: nobody) may see what only the seller, and the shop itself, see. */
export const mayActFor = (principal: Principal | null, sellerId: string | null): boolean =>
  principal !== null &&
  (principal.roles.includes('admin') || (principal.roles.includes('seller') && principal.id === sellerId));

/** Whether the principal (null: nobody) may see how something of a seller's was before, and what changed it. */
export const mayLookBack = (principal: Principal | null, sellerId: string | null): boolean =>
  mayActFor(principal, sellerId) || (principal !== null && principal.roles.includes('analyst'));
