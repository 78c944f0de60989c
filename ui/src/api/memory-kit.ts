// What the pieces of the made-up app share.
import type { ApiError } from "./generated/ApiError";
import type { CommandName, RequestOf, ResponseOf } from "./transport";

export type Handlers = { [Name in CommandName]: (request: RequestOf<Name>) => ResponseOf<Name> };
/** The handlers of some commands. */
export type Some<Name extends CommandName> = Pick<Handlers, Name>;

/** A refusal as the app words it. */
export function refused(code: string, message: string, hint: string | null = null): Error & ApiError {
  return Object.assign(new Error(message), { code, message, hint });
}
