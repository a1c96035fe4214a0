export const whatIf = () => ({ decisions: { 'product.create': () => process.exit(3) } });
