// press:text/syntax in JavaScript: numbers and words, enough to tell it from the others. The function
// is not `async` in WIT: the component runs its event loop until the promise is resolved.
export const syntax = {
  languages: () => ["js"],
  async highlight(language, source) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (language !== "js") throw { tag: "unknown-language", val: language };
    return (source.match(/\w+|\W+/g) ?? []).map((text) => ({
      kind: /^\d/.test(text) ? "number" : /^(const|let|return)$/.test(text) ? "keyword" : "plain",
      text,
    }));
  },
};
