/** What a list says that has no rows: none fits a filter is another thing than none at all. */

interface List {
  isFiltered: boolean;
  /** The number of the page that is shown. */
  page: number;
  hasNextPage: boolean;
}

export function emptyWords({ isFiltered, page, hasNextPage }: List, none: string, noneFits: string): string {
  if (hasNextPage) {
    return "None on this page; the list goes on.";
  }
  if (page > 1) {
    return "The list ends here.";
  }
  return isFiltered ? noneFits : none;
}
