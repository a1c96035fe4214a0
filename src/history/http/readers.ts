import { SELLING } from '../../words/sellers';

/** Roles that may ask for the history of everything. */
export const ANALYSING = ['analyst', 'admin'] as const;

/** Roles that may see who did what to products and stock: sellers to their own. */
export const READING = [...SELLING, 'analyst'] as const;
