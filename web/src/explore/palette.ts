/** Colours that tell series apart. They mean nothing, so none of them is a state's. */
const light = [
  '#5b5bd6',
  '#0d8f8f',
  '#c27a00',
  '#c9388f',
  '#2f7ed0',
  '#748317',
  '#8f4fc6',
  '#9a6233',
  '#0795b3',
  '#6b7080',
];
const dark = [
  '#9b97f5',
  '#35c4bd',
  '#e8a83e',
  '#f07cc0',
  '#6cb0f5',
  '#b3c345',
  '#c493ef',
  '#d09a6a',
  '#4cc7e6',
  '#a3a8b8',
];

export const seriesColor = (index: number, isDark: boolean): string =>
  (isDark ? dark : light)[index % light.length] ?? '#888888';
