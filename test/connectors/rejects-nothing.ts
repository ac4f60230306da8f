import type { Rejects } from '../../engine/connector/rejection.ts';

/** For contexts of tests in which nothing may be rejected. */
export const rejectsNothing: Rejects = {
  add: ({ message }) => {
    throw new Error(`rejected: ${message}`);
  },
  refuse: ([first]) => Promise.reject(new Error(`refused: ${first?.message}`)),
};
