import { idsOf, type Principal } from '../kernel/http/principal';
import type { GrantedRole } from './roles';

/** Roles that may see and help with everybody's orders. */
const STAFF: readonly string[] = ['support', 'admin'] satisfies GrantedRole[];

/** Whose orders the principal may see and cancel: its own, under each id that it has; null: everybody's. */
export const buyersOf = (principal: Principal): readonly string[] | null =>
  principal.roles.some((role) => STAFF.includes(role)) ? null : idsOf(principal);
