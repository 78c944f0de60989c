// Small functions on documents: keys that are left out where they hold what stands there anyway, members moved, names found.
import type { Side } from "../../../api/generated/Side";
import { same } from "./changes";

export const SIDES: Side[] = ["source", "target"];

export function opposite(side: Side): Side {
  return side === "source" ? "target" : "source";
}

/** Sets a key, or leaves it out where the value is what holds without it. */
export function withKey<T extends object, Key extends keyof T>(object: T, key: Key, value: T[Key] | undefined, otherwise?: unknown): T {
  const next = { ...object };
  if (value === undefined || same(value, otherwise)) Reflect.deleteProperty(next, key);
  else next[key] = value;
  return next;
}

/** The list with the member at `from` moved to stand at `to`. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const member = list[from];
  if (member === undefined || from === to) return [...list];
  return list.toSpliced(from, 1).toSpliced(to, 0, member);
}

/** A name that none of the others has: "Escalation", "Escalation 2". */
export function fresh(name: string, taken: readonly string[]): string {
  if (!taken.includes(name)) return name;
  let number = 2;
  while (taken.includes(`${name} ${number}`)) number += 1;
  return `${name} ${number}`;
}
