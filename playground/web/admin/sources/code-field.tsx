/** A code: chosen where the caller may see what there is, typed where not. */

import { SelectField, TextField } from "../ui/field";
import type { Options } from "./places";

export function CodeField({
  options,
  none,
  value,
  ...rest
}: {
  label: string;
  options: Options;
  /** What it is called to name none. */
  none: string;
  value: string;
  onValue: (value: string) => void;
  help?: string | undefined;
  error?: string | undefined;
}) {
  if (!options) {
    return <TextField {...rest} value={value} autoComplete="off" />;
  }
  // A value of which nothing is known, from the address perhaps, is shown and not swallowed.
  const others = value && !options.some((option) => option.value === value) ? [{ value, label: value }] : [];
  return <SelectField {...rest} value={value} options={[{ value: "", label: none }, ...options, ...others]} />;
}
