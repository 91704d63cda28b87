import { definePlugin, Type } from 'musclemap';

const QUOTES = ['Start light.', 'Consistency beats intensity.', 'Rest is part of the plan.', 'The last rep is a question.'];
const DAY_MS = 24 * 60 * 60 * 1000;

const Quote = Type.Object({ day: Type.String({ format: 'date' }), text: Type.String() });

export default definePlugin({
  apply(kernel) {
    kernel.hooks.routes.tap('quote', (routes) => {
      routes.get('/quote', { summary: 'The quote of the day', auth: 'none', response: Quote, cacheSeconds: 60 }, () => {
        const now = kernel.clock.now();
        const text = QUOTES[Math.floor(now.getTime() / DAY_MS) % QUOTES.length] ?? '';
        return { day: now.toISOString().slice(0, 10), text };
      });
    });
  },
});
