export const whatIf = () => ({
  projections: [{ name: 'wishes', on: { WishMade: { keys: () => ['all'], evolve: () => ({}) } } }],
});
