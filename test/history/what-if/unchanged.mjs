/** Everything as it is. */
export const whatIf = ({ projections, decisions }) => ({ decisions, projections: Object.values(projections) });
