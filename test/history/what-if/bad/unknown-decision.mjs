export const whatIf = () => ({ decisions: { 'cart.fly': () => [] } });
