/** Roles that an admin grants. */
export const GRANTED_ROLES = ['seller', 'courier', 'support', 'analyst', 'admin'] as const;
export type GrantedRole = (typeof GRANTED_ROLES)[number];

/** Every account has it. */
export const CUSTOMER = 'customer';
