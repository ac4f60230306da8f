import type { Rejection, Rejects } from '../../engine/connector/rejection.ts';

/** For contexts of tests in which nothing may be rejected. */
export const rejectsNothing: Rejects = {
  add: ({ message }) => {
    throw new Error(`rejected: ${message}`);
  },
  refuse: ([first]) => Promise.reject(new Error(`refused: ${first?.message}`)),
};

/** A context's part that keeps in `told` what is rejected while rows are read or written. */
export function keepRejected(told: Rejection[]): { readonly rejects: Rejects } {
  return { rejects: { ...rejectsNothing, add: (rejection) => told.push(rejection) } };
}
