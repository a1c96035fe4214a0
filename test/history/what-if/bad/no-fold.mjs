export const whatIf = () => ({ projections: [{ name: 'orders', on: { OrderPlaced: { keys: () => ['all'] } } }] });
