/** The view `calls` where people ask it: which days it reads from files, and which as they came. */
export interface CallsView {
  /**
   * From this IST date on, days are read as they came; those before it from files. One step: a question sees the view
   * as it was, or as it is.
   * @returns whether that was new. Rejects when the view could not be asked or written.
   */
  readRawFrom(rawFrom: string): Promise<'moved' | 'as-it-was'>;
}
