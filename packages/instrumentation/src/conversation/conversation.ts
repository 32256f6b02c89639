import { type Attributes, context, propagation } from '@opentelemetry/api';
import { attributeKey } from '@spanwise/semconv';
import { pseudonymOf } from './pseudonym.ts';

export interface ConversationOptions {
  /** The application's own id of the conversation. Do not make one up from a trace id. */
  readonly conversationId?: string | undefined;
  /** Who asks. Leaves this function as a pseudonym only, see {@link withConversation}. */
  readonly userId?: string | undefined;
  /** The id is a pseudonym already (a row number, a UUID) and is kept as it is. */
  readonly isUserIdPseudonymous?: boolean | undefined;
}

/** What an id may be. Anything else from a request's header is no id of ours and marks no span. */
const ID = /^[\w.:@/=+-]{1,128}$/;

const KEYS = [attributeKey.conversationId, attributeKey.enduserPseudoId] as const;

/** Keys under which the ids travel in W3C baggage. A propagator keeps them from hosts outside. */
export const conversationBaggageKeys: readonly string[] = KEYS;

/**
 * Runs `fn` for one conversation: agent and model spans in it, here and in the services that it calls, carry
 * its id and the user's pseudonym. They travel in W3C baggage; `@spanwise/sdk` sends them to the hosts of the
 * own network only, any other set-up to where its baggage propagator goes.
 *
 * A user id becomes an HMAC-SHA-256 with the key in `SPANWISE_USER_ID_KEY`. Without a key it is one of this
 * process, so that the same user gets another pseudonym after a restart: give the key to see a user over time.
 */
export function withConversation<Result>(options: ConversationOptions, fn: () => Result): Result {
  const { conversationId, userId, isUserIdPseudonymous } = options;
  const active = context.active();
  let baggage = propagation.getBaggage(active) ?? propagation.createBaggage();
  const pseudonym = userId === undefined || isUserIdPseudonymous ? userId : pseudonymOf(userId);
  for (const [key, value] of [
    [attributeKey.conversationId, conversationId],
    [attributeKey.enduserPseudoId, pseudonym],
  ] as const) {
    if (value !== undefined && ID.test(value)) baggage = baggage.setEntry(key, { value });
  }
  return context.with(propagation.setBaggage(active, baggage), fn);
}

/** Attributes of the conversation that the active context belongs to. */
export function conversationAttributes(): Attributes {
  const baggage = propagation.getActiveBaggage();
  if (baggage === undefined) return {};
  const attributes: Attributes = {};
  for (const key of KEYS) {
    const value = baggage.getEntry(key)?.value;
    if (value !== undefined && ID.test(value)) attributes[key] = value;
  }
  return attributes;
}
