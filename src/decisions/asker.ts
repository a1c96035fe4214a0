import type { Actor } from '../kernel/events';

/**
 * In whose name a decision was asked for that only the seller and the shop itself may take. It was taken, so whoever is not the
 * seller was an admin, or the system.
 */
export const askedAs = ({ kind, id }: Actor, sellerId: string): { asSeller?: string } =>
  kind === 'account' && id === sellerId ? { asSeller: id } : {};
