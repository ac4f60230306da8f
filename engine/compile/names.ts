/** Gives each name once as it is, then with '#2', '#3' … */
export class Names {
  readonly #used = new Map<string, number>();

  next(name: string): string {
    const count = (this.#used.get(name) ?? 0) + 1;
    this.#used.set(name, count);
    return count === 1 ? name : `${name}#${count}`;
  }
}
