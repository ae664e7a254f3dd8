/**
 * The numbers that stand for dictionaries in records. The store keeps two dictionaries of its own, beside those of its
 * users: the catalog and the recorded answers.
 */

/** The number of the catalog itself. */
export const catalogNumber = 0;
/** The number of the dictionary of recorded answers. */
export const answersNumber = 1;
/** The first number that stands for a dictionary. */
export const firstDictNumber = 2;

// Holds everything that was answered but popped values.
const answerMaxBytes = 1024;

/** Whether a value stays in memory in any case: those of the catalog, and recorded answers but for large values. */
export function keepsValue(dictNumber: number, valueLength: number): boolean {
  return dictNumber === catalogNumber || (dictNumber === answersNumber && valueLength <= answerMaxBytes);
}
