// What narrows a list of jobs: words to look for, and choices.
import { SEARCH } from "./glyphs";
import { Icon } from "./icons";

interface BoxProps {
  placeholder: string;
  value: string;
  look: (text: string) => void;
  onKeyDown?: (event: KeyboardEvent) => void;
}

/** A field for words, with a magnifying glass in it. */
export function SearchBox({ placeholder, value, look, onKeyDown }: BoxProps) {
  return (
    <span class="sdw-search-box">
      <Icon path={SEARCH} />
      <input
        type="search"
        class="sdw-input"
        aria-label="Search jobs"
        placeholder={placeholder}
        value={value}
        onInput={(event) => look(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
    </span>
  );
}

/** The statuses to choose from, in the words that rows have for them; a test compares them with the package's. */
export const STATUS_WORDS: Record<string, string> = {
  submitting: "Sending the request",
  queued: "Waiting in the queue",
  processing: "Generating",
  succeeded: "Succeeded",
  failed: "Failed",
  cancelled: "Cancelled",
  unconfirmed: "Unconfirmed",
};

/** A status in those words; one that we have never heard of in its own. */
export const statusWords = (status: string) => STATUS_WORDS[status] ?? status;

interface FilterProps {
  name: string;
  /** What stands for no choice. */
  any: string;
  value: string;
  values: readonly string[];
  /** How each is said, where not by itself. */
  words?: (value: string) => string;
  pick: (value: string) => void;
}

/** One of some values, or any; also a value that is not among them any more. */
export function Filter({ name, any, value, values, words, pick }: FilterProps) {
  return (
    <select class="sdw-input" aria-label={name} value={value} onChange={(event) => pick(event.currentTarget.value)}>
      <option value="">{any}</option>
      {[...new Set([...values, value])].filter(Boolean).map((each) => (
        <option key={each} value={each} translate={words ? undefined : false}>
          {words ? words(each) : each}
        </option>
      ))}
    </select>
  );
}
