export const whatIf = () => ({});
