// accesslog: middleware for press:web/handler. Writes one line for each request to standard output
// and adds a header with the running number to the answer of the handler behind it.
//
// Built with wasi-libc, so the component imports WASI besides the handler.
#include <stdio.h>
#include <stdlib.h>

#include "middleware.h"

typedef exports_press_web_handler_request_t request;
typedef exports_press_web_handler_response_t response;
typedef exports_press_web_handler_error_t error;

static void add_header(response* answer, const char* name, const char* value) {
  size_t size = (answer->headers.len + 1) * sizeof *answer->headers.ptr;
  press_web_types_header_t* grown = realloc(answer->headers.ptr, size);
  if (!grown) abort();
  press_web_types_header_t* added = &grown[answer->headers.len];
  middleware_string_dup(&added->f0, name);
  middleware_string_dup(&added->f1, value);
  answer->headers.ptr = grown;
  answer->headers.len += 1;
}

bool exports_press_web_handler_handle(request* req, response* ret, error* err) {
  static const char* const methods[] = {"GET", "PUT", "DELETE"};
  static unsigned count;

  unsigned number = ++count;
  char line[512];
  snprintf(line, sizeof line, "%u %s %.*s", number, methods[req->method], (int)req->path.len,
           (char*)req->path.ptr);

  bool fine = press_web_handler_handle(req, ret, err);
  press_web_types_request_free(req);
  if (fine) {
    printf("%s %u %zu\n", line, ret->status, ret->body.len);
  } else {
    printf("%s failed (%u)\n", line, err->tag);
  }
  fflush(stdout);
  if (!fine) return false;

  snprintf(line, sizeof line, "%u", number);
  add_header(ret, "x-request", line);
  return true;
}
