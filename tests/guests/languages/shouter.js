// demo:relay/text in JavaScript, as tests/guests/async/lib has it in C.
export const text = {
  async upper(text) {
    return (await Promise.resolve(text)).toUpperCase();
  },
  async shout(text) {
    return (async function* () {
      for await (const bytes of text) {
        yield bytes.map((byte) => (byte >= 97 && byte <= 122 ? byte - 32 : byte));
      }
    })();
  },
};
