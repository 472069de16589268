/** What an SDK client sends, and what it is answered: JSON both ways, over no network. */
export const answeringHandler = (answer: (request: never) => object) => ({
  requestHandler: {
    handle: async ({ body }: { body?: string | Uint8Array }) => {
      const text = typeof body === 'string' ? body : new TextDecoder().decode(body);
      const answered = Buffer.from(JSON.stringify(answer(JSON.parse(text) as never)));
      return {
        response: { statusCode: 200, headers: { 'content-type': 'application/json' }, body: answered },
      };
    },
  },
  region: 'ap-south-1',
  credentials: { accessKeyId: 'made-up', secretAccessKey: 'made-up' },
});
