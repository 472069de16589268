/** Where `start` keeps everything unless told. */
export const DEFAULT_DATA = 'data';

/** `--data` as a command to copy needs it, with the space before it; empty for the default. */
export const folderFlag = (data: string): string => {
  if (data === DEFAULT_DATA) return '';
  return ` --data ${/^[\w./\\:~-]+$/.test(data) ? data : `"${data}"`}`;
};
