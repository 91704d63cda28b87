/** What other plugins may hear of conversations. Types only; what was said is not told. */
declare module 'musclemap' {
  interface EventPayloads {
    'message.sent': { messageId: string; conversationId: string; senderId: string };
    'conversation.left': { conversationId: string; userId: string };
  }
}

export {};
