/** A server-sent event: what it says, as JSON, and its id; null where it has none. */
export interface SentEvent {
  data: string;
  id: string | null;
}

/** Server-sent events of an answer as they come, but for those that only end it. */
export async function* sentEvents(response: Response): AsyncGenerator<SentEvent, void, undefined> {
  if (response.body === null) throw new Error(`HTTP ${response.status}`);
  let text = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const whole = text.split('\n\n');
    text = whole.pop() ?? '';
    for (const event of whole) {
      const [, data] = /^data: (.+)$/m.exec(event) ?? [];
      const [, id = null] = /^id: (.*)$/m.exec(event) ?? [];
      if (data !== undefined && /^event: next$/m.test(event)) yield { data, id };
    }
  }
}
