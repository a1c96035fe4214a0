export const whatIf = () => {
  throw new Error('no tea');
};
