// guard: middleware for press:web/handler that turns some requests away before they reach the
// handler behind it. A path under /private is answered with 403; a DELETE is an error, `refused`.
//
// Freestanding C: the component imports the handler and nothing else.
#include "guard.h"

#include <stdlib.h>
#include <string.h>

typedef exports_press_web_handler_request_t request;
typedef exports_press_web_handler_response_t response;
typedef exports_press_web_handler_error_t error;

static bool is_private(const guard_string_t* path) {
  static const char prefix[] = "/private";
  size_t n = sizeof prefix - 1;
  return path->len >= n && memcmp(path->ptr, prefix, n) == 0;
}

static void answer(response* ret, uint16_t status, const char* text) {
  memset(ret, 0, sizeof *ret);
  guard_string_t body;
  guard_string_dup(&body, text);
  ret->status = status;
  ret->body.ptr = body.ptr;
  ret->body.len = body.len;
}

bool exports_press_web_handler_handle(request* req, response* ret, error* err) {
  bool fine = true;
  if (req->method == PRESS_WEB_TYPES_METHOD_DELETE) {
    err->tag = PRESS_WEB_TYPES_ERROR_REFUSED;
    guard_string_dup(&err->val.refused, "the guard lets nothing be deleted");
    fine = false;
  } else if (is_private(&req->path)) {
    answer(ret, 403, "private");
  } else {
    fine = press_web_handler_handle(req, ret, err);
  }
  press_web_types_request_free(req);
  return fine;
}
