// lib: exports demo:relay/text. Each task keeps its state in context slot 0 between its callbacks.
#include "lib.h"

#include <stdlib.h>

static void make_upper(uint8_t* text, size_t size) {
  for (size_t i = 0; i < size; ++i) {
    if (text[i] >= 'a' && text[i] <= 'z') text[i] -= 'a' - 'A';
  }
}

// Lets others run first, so that its caller has to wait.
lib_callback_code_t exports_demo_relay_text_upper(lib_string_t* text) {
  lib_string_t* kept = malloc(sizeof *kept);
  *kept = *text;
  lib_context_set_0(kept);
  return LIB_CALLBACK_CODE_YIELD;
}

lib_callback_code_t exports_demo_relay_text_upper_callback(lib_event_t* event) {
  lib_string_t* text = lib_context_get_0();
  if (event->event == LIB_EVENT_CANCEL) {
    lib_task_cancel();
  } else {
    make_upper(text->ptr, text->len);
    exports_demo_relay_text_upper_return(*text);
  }
  lib_string_free(text);
  free(text);
  return LIB_CALLBACK_CODE_EXIT;
}

typedef struct {
  exports_demo_relay_text_stream_u8_t from;
  exports_demo_relay_text_stream_u8_writer_t to;
  lib_waitable_set_t ends;
  uint8_t bytes[64];
  size_t written;  // of the bytes that were read
  size_t read;
  bool is_last;  // the other side has dropped `from`
} shout_t;

static lib_callback_code_t finish(shout_t* shout) {
  exports_demo_relay_text_stream_u8_drop_readable(shout->from);
  exports_demo_relay_text_stream_u8_drop_writable(shout->to);
  lib_waitable_set_drop(shout->ends);
  free(shout);
  return LIB_CALLBACK_CODE_EXIT;
}

// Reads and writes until it has to wait. status: of the operation that has ended, a read if nothing
// is left to be written.
static lib_callback_code_t proceed(shout_t* shout, lib_waitable_status_t status) {
  while (true) {
    const bool is_dropped = LIB_WAITABLE_STATE(status) == LIB_WAITABLE_DROPPED;
    if (shout->written == shout->read) {
      shout->written = 0;
      shout->read = LIB_WAITABLE_COUNT(status);
      shout->is_last = is_dropped;
      make_upper(shout->bytes, shout->read);
    } else {
      shout->written += LIB_WAITABLE_COUNT(status);
      if (is_dropped) return finish(shout);
    }
    const bool is_reading = shout->written == shout->read;
    if (is_reading && shout->is_last) return finish(shout);
    status = is_reading
                 ? exports_demo_relay_text_stream_u8_read(shout->from, shout->bytes,
                                                          sizeof shout->bytes)
                 : exports_demo_relay_text_stream_u8_write(shout->to, shout->bytes + shout->written,
                                                           shout->read - shout->written);
    if (status == LIB_WAITABLE_STATUS_BLOCKED) return LIB_CALLBACK_CODE_WAIT(shout->ends);
  }
}

lib_callback_code_t exports_demo_relay_text_shout(exports_demo_relay_text_stream_u8_t text) {
  shout_t* shout = calloc(1, sizeof *shout);
  shout->from = text;
  shout->ends = lib_waitable_set_new();
  exports_demo_relay_text_shout_return(exports_demo_relay_text_stream_u8_new(&shout->to));
  lib_waitable_join(shout->from, shout->ends);
  lib_waitable_join(shout->to, shout->ends);
  lib_context_set_0(shout);
  return proceed(shout, 0);  // a read of nothing
}

lib_callback_code_t exports_demo_relay_text_shout_callback(lib_event_t* event) {
  return proceed(lib_context_get_0(), event->code);
}
