const kept = [];

export const whatIf = () => ({
  decisions: {
    'product.create': () => {
      for (;;) kept.push(new Array(1_000).fill(kept.length));
    },
  },
});
