/** SKUs, codes and order numbers as people type them, and as the service keeps them. */

/**
 * The key that was typed: in the service's form (NFC), without blanks at its ends, which nobody means. One that stands
 * among the `known` ones goes as it is: older versions let keys with blanks in.
 */
export const typedKey = (text: string, known: readonly string[] = []): string =>
  known.includes(text) ? text : text.trim().normalize("NFC");
