import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Stripe from 'stripe';
import { idOf } from '../billing.ts';
import { readForm, textAt, textsAt, type FormValue } from './form.ts';
import {
  newId,
  nowSeconds,
  type FakeCharge,
  type FakeCustomer,
  type FakeDispute,
  type FakeEvent,
  type FakeInvoice,
  type FakePayment,
  type FakeRefund,
  type FakeSession,
  type FakeSubscription,
} from './stripe-objects.ts';

type Form = Record<string, FormValue>;

interface Answer {
  status: number;
  body: object;
}

class Refusal extends Error {
  readonly answer: Answer;

  constructor(status: number, error: { type: string; code?: string; param?: string; message: string }) {
    super(error.message);
    this.answer = { status, body: { error } };
  }
}

const DAY_SECONDS = 86_400;
const MONTH_SECONDS = 30 * DAY_SECONDS;

/**
 * Stands for Stripe's servers in tests: the real SDK talks to it over HTTP, it keeps state, and it signs the events of what
 * happens. What a person does on Stripe's pages is a method (`pay`, `refund`, `dispute` …). The events that follow wait in
 * `takeEvents()`: deliver them in any order, several times, late or never.
 *
 * @example
 * const stripe = await startFakeStripe();
 * const kernel = await startTestKernel({ server, config: { stripe: stripe.settings } });
 * const { body } = await kernel.post('/api/billing/checkout', { as: user, key: 'a', body: { tierId: 'starter' } });
 * stripe.pay(stripe.sessionOf(body.data.url));
 * for (const event of stripe.takeEvents()) await stripe.deliver(event, kernel.kernel.url);
 */
export class FakeStripe {
  readonly secretKey = newId('sk_test');
  readonly webhookSecret = newId('whsec');
  /** While true, every request is answered as when Stripe has an outage. */
  isDown = false;
  /** How many requests of each kind were made, as `POST /v1/customers`. */
  readonly requests = new Map<string, number>();
  readonly #sessions = new Map<string, FakeSession>();
  readonly #customers = new Map<string, FakeCustomer>();
  readonly #payments = new Map<string, FakePayment>();
  readonly #charges = new Map<string, FakeCharge>();
  readonly #refunds = new Map<string, FakeRefund>();
  readonly #disputes = new Map<string, FakeDispute>();
  readonly #subscriptions = new Map<string, FakeSubscription>();
  readonly #paymentMetadata = new Map<string, Stripe.Metadata>();
  readonly #answered = new Map<string, { asked: string; answer: Answer }>();
  readonly #events: FakeEvent[] = [];
  #waiting: FakeEvent[] = [];
  readonly #server: Server;

  /** Use `startFakeStripe`. */
  constructor() {
    this.#server = createServer((request, response) => {
      void this.#serve(request, response);
    });
  }

  /** For `config.stripe` of a test kernel. */
  get settings(): { secretKey: string; webhookSecret: string; apiBase: string } {
    const { port } = this.#server.address() as AddressInfo;
    return { secretKey: this.secretKey, webhookSecret: this.webhookSecret, apiBase: `http://127.0.0.1:${String(port)}` };
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** The id of the session whose page this is. */
  sessionOf(url: string): string {
    const session = [...this.#sessions.values()].find((candidate) => candidate.url === url);
    if (session === undefined) throw new Error(`No session has the page ${url}.`);
    return session.id;
  }

  session(id: string): FakeSession {
    return found(this.#sessions, id);
  }

  /** Somebody pays on the page of a session; `later` by a means that takes days. Answers the payment or the subscription. */
  pay(sessionId: string, options: { later?: boolean } = {}): string {
    const session = found(this.#sessions, sessionId);
    if (session.status !== 'open') throw new Error(`The session ${sessionId} is ${String(session.status)}.`);
    session.status = 'complete';
    session.url = null;
    if (session.mode === 'subscription') return this.#subscribe(session);
    const payment = this.#payFor(session);
    session.payment_intent = payment.id;
    if (options.later === true) {
      this.#emit('checkout.session.completed', session);
      return payment.id;
    }
    this.#receive(session, payment);
    this.#emit('checkout.session.completed', session);
    return payment.id;
  }

  /** What was paid by a means that takes days arrives, or does not. */
  settle(sessionId: string, hasArrived: boolean): void {
    const session = found(this.#sessions, sessionId);
    const payment = found(this.#payments, idOf(session.payment_intent) ?? '');
    if (hasArrived) this.#receive(session, payment);
    else payment.status = 'requires_payment_method';
    this.#emit(`checkout.session.async_payment_${hasArrived ? 'succeeded' : 'failed'}`, session);
  }

  /** Nobody paid in time. */
  expire(sessionId: string): void {
    const session = found(this.#sessions, sessionId);
    session.status = 'expired';
    session.url = null;
    this.#emit('checkout.session.expired', session);
  }

  /** Gives money back; all that is left unless said. Answers the refund. */
  refund(paymentId: string, cents?: number): string {
    return this.#giveBack(paymentId, cents, {}).id;
  }

  /** A refund did not arrive, as when the card is gone, which takes days: the money is the gym's again. */
  failRefund(id: string): void {
    const refund = found(this.#refunds, id);
    refund.status = 'failed';
    const charge = found(this.#charges, idOf(refund.charge) ?? '');
    charge.amount_refunded -= refund.amount;
    charge.refunded = false;
    this.#emit('refund.failed', refund, nowSeconds() + 2 * DAY_SECONDS);
  }

  #giveBack(paymentId: string, cents: number | undefined, metadata: Stripe.Metadata): FakeRefund {
    const charge = this.#chargeOf(paymentId);
    const left = charge.amount - charge.amount_refunded;
    const refund: FakeRefund = {
      ...{ id: newId('re'), object: 'refund', amount: cents ?? left, charge: charge.id, created: nowSeconds(), currency: charge.currency },
      ...{ metadata, payment_intent: paymentId, reason: 'requested_by_customer', status: 'succeeded' },
    };
    this.#refunds.set(refund.id, refund);
    charge.amount_refunded += refund.amount;
    charge.refunded = charge.amount_refunded === charge.amount;
    this.#emit('charge.refunded', charge);
    return refund;
  }

  /** The payer's bank takes the money back for now. Answers the dispute. */
  dispute(paymentId: string): string {
    const charge = this.#chargeOf(paymentId);
    charge.disputed = true;
    const dispute: FakeDispute = {
      ...{ id: newId('du'), object: 'dispute', amount: charge.amount, charge: charge.id, created: nowSeconds() },
      ...{ currency: charge.currency, livemode: false, metadata: {}, payment_intent: paymentId, reason: 'fraudulent' },
      status: 'needs_response',
    };
    this.#disputes.set(dispute.id, dispute);
    this.#emit('charge.dispute.created', dispute);
    this.#emit('charge.dispute.funds_withdrawn', dispute);
    return dispute.id;
  }

  closeDispute(id: string, status: 'won' | 'lost'): void {
    const dispute = found(this.#disputes, id);
    dispute.status = status;
    this.#emit('charge.dispute.closed', dispute);
    if (status === 'won') this.#emit('charge.dispute.funds_reinstated', dispute);
  }

  /** Something changes about a subscription: its state, its end, its next period. */
  changeSubscription(
    id: string,
    change: Partial<Pick<FakeSubscription, 'status' | 'cancel_at_period_end'>> & { periods?: number },
  ): void {
    const subscription = found(this.#subscriptions, id);
    const { periods = 0, ...rest } = change;
    Object.assign(subscription, rest);
    const [item] = subscription.items.data;
    if (item !== undefined && periods !== 0) {
      item.current_period_start += periods * MONTH_SECONDS;
      item.current_period_end += periods * MONTH_SECONDS;
    }
    this.#emit(subscription.status === 'canceled' ? 'customer.subscription.deleted' : 'customer.subscription.updated', subscription);
    if (periods > 0) this.#emit('invoice.paid', this.#invoice(subscription, 'paid'));
    if (subscription.status === 'past_due') this.#emit('invoice.payment_failed', this.#invoice(subscription, 'open'));
  }

  /** An event of a type that the server under test has never heard of. */
  emitUnknown(type: string): void {
    this.#emit(type, { id: newId('obj'), object: 'mystery' });
  }

  /** The events since the last call, in the order they happened. */
  takeEvents(): FakeEvent[] {
    const events = this.#waiting;
    this.#waiting = [];
    return events;
  }

  /** Sends an event to the webhook of a server, signed; answers the status it got. */
  async deliver(event: FakeEvent, serverUrl: string, options: { secret?: string; signedAt?: number } = {}): Promise<number> {
    const payload = JSON.stringify(event, null, 2);
    const signature = await Stripe.webhooks.generateTestHeaderStringAsync({
      payload,
      secret: options.secret ?? this.webhookSecret,
      timestamp: options.signedAt ?? nowSeconds(),
    });
    const headers = { 'Content-Type': 'application/json; charset=utf-8', 'Stripe-Signature': signature };
    const answer = await fetch(`${serverUrl}/api/billing/webhook`, { method: 'POST', headers, body: payload });
    await answer.arrayBuffer();
    return answer.status;
  }

  #emit(type: string, object: object, created = nowSeconds()): void {
    const event: FakeEvent = {
      ...{ id: newId('evt'), object: 'event', api_version: Stripe.API_VERSION, created, livemode: false },
      ...{ pending_webhooks: 1, request: null, type: type as Stripe.Event.Type },
      data: { object: structuredClone(object) },
    };
    this.#events.unshift(event);
    this.#waiting.push(event);
  }

  #payFor(session: FakeSession): FakePayment {
    const payment: FakePayment = {
      ...{ id: newId('pi'), object: 'payment_intent', amount: session.amount_total ?? 0, amount_received: 0, created: nowSeconds() },
      ...{ currency: session.currency ?? 'usd', customer: session.customer, latest_charge: null, livemode: false },
      ...{ metadata: this.#paymentMetadata.get(session.id) ?? {}, status: 'processing' },
    };
    this.#payments.set(payment.id, payment);
    return payment;
  }

  #receive(session: FakeSession, payment: FakePayment): void {
    const { amount, currency, customer, metadata } = payment;
    const charge: FakeCharge = {
      ...{ id: newId('ch'), object: 'charge', amount, amount_refunded: 0, created: nowSeconds(), currency, customer },
      ...{ disputed: false, livemode: false, metadata, paid: true, payment_intent: payment.id, refunded: false, status: 'succeeded' },
    };
    this.#charges.set(charge.id, charge);
    Object.assign(payment, { status: 'succeeded', amount_received: amount, latest_charge: charge.id });
    session.payment_status = 'paid';
    this.#emit('charge.succeeded', charge);
    this.#emit('payment_intent.succeeded', payment);
  }

  #subscribe(session: FakeSession): string {
    const start = nowSeconds();
    const subscription: FakeSubscription = {
      ...{ id: newId('sub'), object: 'subscription', cancel_at: null, cancel_at_period_end: false, created: start },
      ...{ currency: session.currency ?? 'usd', customer: idOf(session.customer) ?? '', livemode: false, status: 'active' },
      metadata: this.#paymentMetadata.get(session.id) ?? {},
      items: {
        object: 'list',
        data: [
          { id: newId('si'), object: 'subscription_item', current_period_start: start, current_period_end: start + MONTH_SECONDS },
        ],
      },
    };
    this.#subscriptions.set(subscription.id, subscription);
    session.subscription = subscription.id;
    session.payment_status = 'paid';
    this.#emit('customer.subscription.created', { ...subscription, status: 'incomplete' });
    this.#emit('customer.subscription.updated', subscription);
    this.#emit('invoice.paid', this.#invoice(subscription, 'paid'));
    this.#emit('checkout.session.completed', session);
    return subscription.id;
  }

  #invoice({ id, customer, currency, metadata }: FakeSubscription, status: 'paid' | 'open'): FakeInvoice {
    return {
      ...{ id: newId('in'), object: 'invoice', amount_due: 999, amount_paid: status === 'paid' ? 999 : 0, created: nowSeconds() },
      ...{ currency, customer, livemode: false, status },
      parent: { type: 'subscription_details', subscription_details: { subscription: id, metadata } },
    };
  }

  #chargeOf(paymentId: string): FakeCharge {
    return found(this.#charges, idOf(found(this.#payments, paymentId).latest_charge) ?? '');
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, search } = new URL(request.url ?? '/', 'http://stripe.invalid');
    const body = await textOf(request);
    const kind = `${request.method ?? ''} ${pathname}`;
    this.requests.set(kind, (this.requests.get(kind) ?? 0) + 1);
    const { status, body: answer } = this.#answer(kind, request, readForm(request.method === 'GET' ? search.slice(1) : body), body);
    response.writeHead(status, { 'Content-Type': 'application/json', 'Request-Id': newId('req') });
    response.end(JSON.stringify(answer));
  }

  /** A repeated key gets the first answer again, unless it asks for something else. */
  #answer(kind: string, request: IncomingMessage, form: Form, body: string): Answer {
    const key = request.headers['idempotency-key'];
    try {
      if (this.isDown) throw new Refusal(503, { type: 'api_error', message: 'Stripe is down.' });
      if (request.headers.authorization !== `Bearer ${this.secretKey}`) {
        throw new Refusal(401, { type: 'invalid_request_error', message: 'Invalid API Key provided.' });
      }
      const earlier = typeof key === 'string' ? this.#answered.get(key) : undefined;
      if (earlier !== undefined && earlier.asked !== kind + body) {
        throw new Refusal(400, { type: 'idempotency_error', message: 'This key was used with other parameters.' });
      }
      const answer = earlier?.answer ?? { status: 200, body: structuredClone(this.#route(kind, form)) };
      if (typeof key === 'string') this.#answered.set(key, { asked: kind + body, answer });
      return answer;
    } catch (error) {
      if (error instanceof Refusal) return error.answer;
      throw error;
    }
  }

  #route(kind: string, form: Form): object {
    const [, method = '', collection = '', id] = /^(\w+) \/v1\/(checkout\/sessions|billing_portal\/sessions|\w+)(?:\/(\w+))?$/.exec(kind) ?? [];
    const name = `${method} ${collection}${id === undefined ? '' : '/:id'}`;
    switch (name) {
      case 'POST customers':
        return this.#makeCustomer(form);
      case 'POST checkout/sessions':
        return this.#makeSession(form);
      case 'GET checkout/sessions/:id':
        return existing(this.#sessions, id, 'checkout.session');
      case 'POST refunds':
        return this.#makeRefund(form);
      case 'GET charges/:id':
        return existing(this.#charges, id, 'charge');
      case 'GET payment_intents/:id':
        return existing(this.#payments, id, 'payment_intent');
      case 'GET subscriptions/:id':
        return existing(this.#subscriptions, id, 'subscription');
      case 'POST subscriptions/:id':
        this.changeSubscription(existing(this.#subscriptions, id, 'subscription').id, {
          cancel_at_period_end: textAt(form, 'cancel_at_period_end') === 'true',
        });
        return existing(this.#subscriptions, id, 'subscription');
      case 'DELETE subscriptions/:id':
        this.changeSubscription(existing(this.#subscriptions, id, 'subscription').id, { status: 'canceled' });
        return existing(this.#subscriptions, id, 'subscription');
      case 'GET subscriptions':
        return pageOf([...this.#subscriptions.values()].reverse(), form, '/v1/subscriptions');
      case 'GET events': {
        const since = Number(textAt(form, 'created', 'gte') ?? 0);
        const types = new Set(Object.values(textsAt(form, 'types')));
        const events = this.#events.filter(({ created, type }) => created >= since && (types.size === 0 || types.has(type)));
        return pageOf(events, form, '/v1/events');
      }
      case 'POST billing_portal/sessions': {
        const customer = existing(this.#customers, textAt(form, 'customer'), 'customer').id;
        const url = `https://billing.stripe.test/${customer}`;
        return { id: newId('bps'), object: 'billing_portal.session', customer, url, return_url: textAt(form, 'return_url') ?? null };
      }
      default:
        throw new Refusal(404, { type: 'invalid_request_error', message: `Unrecognized request URL (${kind}).` });
    }
  }

  #makeRefund(form: Form): object {
    const payment = existing(this.#payments, textAt(form, 'payment_intent'), 'payment_intent');
    const charge = this.#chargeOf(payment.id);
    const asked = textAt(form, 'amount');
    const amount = asked === undefined ? undefined : Number(asked);
    const left = charge.amount - charge.amount_refunded;
    const refuse = (error: { code?: string; message: string; param?: string }): never => {
      throw new Refusal(400, { type: 'invalid_request_error', ...error });
    };
    if (left === 0) refuse({ code: 'charge_already_refunded', message: `Charge ${charge.id} has already been refunded.` });
    if (charge.disputed) refuse({ code: 'charge_disputed', message: `Charge ${charge.id} has been charged back.` });
    if (amount !== undefined && !(Number.isInteger(amount) && amount > 0)) refuse({ code: 'parameter_invalid_integer', param: 'amount', message: 'Invalid positive integer' });
    if (amount !== undefined && amount > left) refuse({ param: 'amount', message: `Refund amount (${String(amount)}) is greater than unrefunded amount on charge (${String(left)})` });
    const refund = this.#giveBack(payment.id, amount, textsAt(form, 'metadata'));
    return Object.values(textsAt(form, 'expand')).includes('charge') ? { ...refund, charge } : refund;
  }

  #makeCustomer(form: Form): FakeCustomer {
    const customer: FakeCustomer = {
      ...{ id: newId('cus'), object: 'customer', created: nowSeconds(), livemode: false },
      ...{ email: textAt(form, 'email') ?? null, metadata: textsAt(form, 'metadata') },
    };
    this.#customers.set(customer.id, customer);
    return customer;
  }

  #makeSession(form: Form): FakeSession {
    const mode = textAt(form, 'mode');
    if (mode !== 'payment' && mode !== 'subscription') throw missing('mode');
    const price = ['line_items', '0', 'price_data'] as const;
    const amount = Number(textAt(form, ...price, 'unit_amount'));
    const currency = textAt(form, ...price, 'currency');
    if (currency === undefined || !Number.isInteger(amount)) throw missing('line_items[0][price_data]');
    if (textAt(form, ...price, 'product_data', 'name') === undefined) throw missing('line_items[0][price_data][product_data][name]');
    if (mode === 'subscription' && textAt(form, ...price, 'recurring', 'interval') === undefined) {
      throw missing('line_items[0][price_data][recurring][interval]');
    }
    const id = newId('cs_test');
    const session: FakeSession = {
      ...{ id, object: 'checkout.session', amount_total: amount, currency, created: nowSeconds(), expires_at: nowSeconds() + 86_400 },
      ...{ cancel_url: textAt(form, 'cancel_url') ?? null, success_url: textAt(form, 'success_url') ?? null },
      client_reference_id: textAt(form, 'client_reference_id') ?? null,
      customer: existing(this.#customers, textAt(form, 'customer'), 'customer').id,
      ...{ livemode: false, metadata: textsAt(form, 'metadata'), mode, payment_intent: null, payment_status: 'unpaid' },
      ...{ status: 'open', subscription: null, url: `https://checkout.stripe.test/${id}` },
    };
    this.#sessions.set(id, session);
    this.#paymentMetadata.set(id, textsAt(form, mode === 'payment' ? 'payment_intent_data' : 'subscription_data', 'metadata'));
    return session;
  }
}

/** Starts a stand-in for Stripe on a free port. Stop it when the test is over. */
export async function startFakeStripe(): Promise<FakeStripe> {
  const stripe = new FakeStripe();
  await stripe.start();
  return stripe;
}

function found<Value>(values: ReadonlyMap<string, Value>, id: string): Value {
  const value = values.get(id);
  if (value === undefined) throw new Error(`Nothing has the id ${id}.`);
  return value;
}

function existing<Value>(values: ReadonlyMap<string, Value>, id: string | undefined, what: string): Value {
  const value = values.get(id ?? '');
  if (value === undefined) {
    throw new Refusal(404, { type: 'invalid_request_error', code: 'resource_missing', message: `No such ${what}: '${id ?? ''}'` });
  }
  return value;
}

function missing(parameter: string): Refusal {
  return new Refusal(400, { type: 'invalid_request_error', code: 'parameter_missing', message: `Missing required param: ${parameter}.` });
}

function pageOf(items: readonly { id: string }[], form: Form, url: string): object {
  const after = textAt(form, 'starting_after');
  const start = after === undefined ? 0 : items.findIndex(({ id }) => id === after) + 1;
  const limit = Number(textAt(form, 'limit') ?? 10);
  return { object: 'list', data: items.slice(start, start + limit), has_more: start + limit < items.length, url };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
