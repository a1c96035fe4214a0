export const whatNow = () => ({});
