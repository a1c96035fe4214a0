/** Says which process it is, and never answers. */
exports.whatIf = () => ({
  decisions: {
    'product.create': () => {
      console.log(process.pid);
      for (;;);
    },
  },
});
