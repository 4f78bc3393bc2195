// highlighter: exports press:text/syntax. Splits source code into tokens and classifies them.
//
// Freestanding C: no C library and no WASI, so the component imports nothing at all. The functions
// of a C library that the generated bindings need are in ../freestanding.
//
// Ownership follows the bindings: this component frees the strings that it gets, and the caller
// frees the strings that it returns.
#include "highlighter.h"

#include <stdlib.h>
#include <string.h>

typedef highlighter_string_t text;
typedef exports_press_text_syntax_token_t token;
typedef exports_press_text_syntax_list_token_t token_list;
typedef exports_press_text_syntax_failure_t failure;

enum kind {
  PLAIN = EXPORTS_PRESS_TEXT_SYNTAX_TOKEN_KIND_PLAIN,
  KEYWORD = EXPORTS_PRESS_TEXT_SYNTAX_TOKEN_KIND_KEYWORD,
  NUMBER = EXPORTS_PRESS_TEXT_SYNTAX_TOKEN_KIND_NUMBER,
  STRING = EXPORTS_PRESS_TEXT_SYNTAX_TOKEN_KIND_STR,
  COMMENT = EXPORTS_PRESS_TEXT_SYNTAX_TOKEN_KIND_COMMENT,
  PUNCTUATION = EXPORTS_PRESS_TEXT_SYNTAX_TOKEN_KIND_PUNCT,
};

struct language {
  const char* name;
  const char* comment;          // what starts a comment that ends with the line
  const char* const* keywords;  // ends with NULL
};

static const char* const c_keywords[] = {"if",  "else", "for",  "while",  "return", "struct",
                                         "int", "char", "void", "static", "const",  NULL};
static const char* const rust_keywords[] = {"fn", "let",  "mut",    "match", "if",  "else", "for",
                                            "in", "impl", "struct", "pub",   "use", NULL};
static const char* const python_keywords[] = {"def", "class",  "if",     "elif", "else", "for",
                                              "in",  "return", "import", "from", "None", NULL};

static const struct language languages[] = {
    {"c", "//", c_keywords},
    {"rust", "//", rust_keywords},
    {"python", "#", python_keywords},
};
enum { LANGUAGE_COUNT = sizeof languages / sizeof *languages };

// Longer sources are refused with `too-large`.
enum { LONGEST_SOURCE = 1 << 20 };

static bool equals(const uint8_t* bytes, size_t length, const char* word) {
  return strlen(word) == length && memcmp(bytes, word, length) == 0;
}

static bool is_digit(uint8_t c) { return c >= '0' && c <= '9'; }

// Bytes from 128 up belong to letters outside ASCII.
static bool is_word(uint8_t c) {
  return c == '_' || ((c | 32) >= 'a' && (c | 32) <= 'z') || is_digit(c) || c >= 128;
}

static const struct language* find_language(const text* name) {
  for (size_t i = 0; i < LANGUAGE_COUNT; ++i)
    if (equals(name->ptr, name->len, languages[i].name)) return &languages[i];
  return NULL;
}

// Finds the end of the token that starts at `p` (p < end) and sets its kind.
static const uint8_t* scan(const struct language* language, const uint8_t* p, const uint8_t* end,
                           enum kind* kind) {
  const uint8_t* q = p + 1;
  size_t mark = strlen(language->comment);
  if ((size_t)(end - p) >= mark && memcmp(p, language->comment, mark) == 0) {
    *kind = COMMENT;
    while (q < end && *q != '\n') ++q;
  } else if (*p == '"') {
    *kind = STRING;
    while (q < end && *q != '"') q += *q == '\\' && q + 1 < end ? 2 : 1;
    if (q < end) ++q;
  } else if (is_digit(*p)) {
    *kind = NUMBER;
    while (q < end && (is_word(*q) || *q == '.')) ++q;
  } else if (is_word(*p)) {
    *kind = PLAIN;
    while (q < end && is_word(*q)) ++q;
    for (const char* const* word = language->keywords; *word; ++word)
      if (equals(p, (size_t)(q - p), *word)) *kind = KEYWORD;
  } else {
    *kind = *p <= ' ' ? PLAIN : PUNCTUATION;
  }
  return q;
}

// Adds a token, or makes the last one longer if it is of the same kind.
static void append(token_list* tokens, size_t* room, enum kind kind, const uint8_t* bytes,
                   size_t length) {
  if (tokens->len > 0 && tokens->ptr[tokens->len - 1].kind == kind) {
    text* last = &tokens->ptr[tokens->len - 1].text;
    last->ptr = realloc(last->ptr, last->len + length);
    if (!last->ptr) abort();
    memcpy(last->ptr + last->len, bytes, length);
    last->len += length;
    return;
  }
  if (tokens->len == *room) {
    *room = *room ? *room * 2 : 16;
    tokens->ptr = realloc(tokens->ptr, *room * sizeof(token));
    if (!tokens->ptr) abort();
  }
  token* added = &tokens->ptr[tokens->len++];
  added->kind = kind;
  highlighter_string_dup_n(&added->text, (const char*)bytes, length);
}

void exports_press_text_syntax_languages(highlighter_list_string_t* ret) {
  ret->len = LANGUAGE_COUNT;
  ret->ptr = malloc(LANGUAGE_COUNT * sizeof(text));
  if (!ret->ptr) abort();
  for (size_t i = 0; i < LANGUAGE_COUNT; ++i) {
    highlighter_string_dup(&ret->ptr[i], languages[i].name);
  }
}

// press:text@0.2.3 has one function more. The tests build this file with NEWER as well, to link
// a newer provider with importers of 0.2.1.
#ifdef NEWER
void exports_press_text_syntax_aliases(text* language, highlighter_list_string_t* ret) {
  bool is_rust = equals(language->ptr, language->len, "rust");
  ret->len = is_rust ? 1 : 0;
  ret->ptr = is_rust ? malloc(sizeof(text)) : NULL;
  if (is_rust) highlighter_string_dup(ret->ptr, "rs");
  highlighter_string_free(language);
}
#endif

bool exports_press_text_syntax_highlight(text* name, text* source, token_list* ret, failure* err) {
  const struct language* language = find_language(name);
  bool fine = true;
  if (!language) {
    err->tag = EXPORTS_PRESS_TEXT_SYNTAX_FAILURE_UNKNOWN_LANGUAGE;
    highlighter_string_dup_n(&err->val.unknown_language, (const char*)name->ptr, name->len);
    fine = false;
  } else if (source->len > LONGEST_SOURCE) {
    err->tag = EXPORTS_PRESS_TEXT_SYNTAX_FAILURE_TOO_LARGE;
    err->val.too_large = (uint32_t)source->len;
    fine = false;
  } else {
    size_t room = 0;
    ret->ptr = NULL;
    ret->len = 0;
    const uint8_t* p = source->ptr;
    const uint8_t* end = p + source->len;
    while (p < end) {
      enum kind kind;
      const uint8_t* next = scan(language, p, end, &kind);
      append(ret, &room, kind, p, (size_t)(next - p));
      p = next;
    }
  }
  highlighter_string_free(name);
  highlighter_string_free(source);
  return fine;
}
