import type { FilterError } from '@spanwise/filter';

export type TextProblem = Pick<FilterError, 'message' | 'from' | 'to' | 'didYouMean'>;

export interface FilterProblemProps {
  readonly id: string;
  readonly text: string;
  readonly problem: TextProblem | undefined;
  /** Still being written. */
  readonly isCalm: boolean;
  readonly onReplace: (text: string, caret: number) => void;
}

/** What the filter lacks, and what was perhaps meant, ready to be put there. */
export function FilterProblem({ id, text, problem, isCalm, onReplace }: FilterProblemProps) {
  const meant = problem?.didYouMean;
  return (
    <span id={id} className={`filter-problem cut ${isCalm ? 'dim' : 'error-text'}`}>
      {problem?.message}
      {problem !== undefined && meant !== undefined && (
        <button
          type="button"
          className="inline-action"
          onClick={() => {
            const head = `${text.slice(0, problem.from)}${meant}`;
            onReplace(`${head}${text.slice(problem.to)}`, head.length);
          }}
        >
          Use {meant}
        </button>
      )}
    </span>
  );
}
