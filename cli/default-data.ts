/** Where everything is kept unless another folder is named. */
export const DEFAULT_DATA = 'data';
