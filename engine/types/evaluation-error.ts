/** A value for which an expression has no answer (division by zero, a text that is no number); fails the job. */
export class EvaluationError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'EvaluationError';
  }
}
