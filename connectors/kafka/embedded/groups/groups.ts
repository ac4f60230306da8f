import { ErrorCode } from '../error-codes.ts';
import { Group } from './group.ts';

/** All consumer groups of the broker. */
export class Groups {
  readonly #groups = new Map<string, Group>();

  all(): Iterable<Group> {
    return this.#groups.values();
  }

  get(id: string): Group | undefined {
    return this.#groups.get(id);
  }

  getOrCreate(id: string): Group {
    let group = this.#groups.get(id);
    if (group === undefined) {
      group = new Group(id);
      this.#groups.set(id, group);
    }
    return group;
  }

  delete(id: string): ErrorCode {
    const group = this.#groups.get(id);
    if (group === undefined) return ErrorCode.groupIdNotFound;
    if (group.members.size > 0) return ErrorCode.nonEmptyGroup;
    group.close();
    this.#groups.delete(id);
    return ErrorCode.none;
  }

  /** Forgets the offsets in a topic that is no more. */
  forgetTopic(topic: string): void {
    for (const group of this.#groups.values()) group.offsets.delete(topic);
  }

  close(): void {
    for (const group of this.#groups.values()) group.close();
  }
}
