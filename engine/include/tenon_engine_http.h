/* The C interface of the crate tenon-engine, third part: HTTP. tenon_engine.h has the rules for ownership
 * and errors. */
#ifndef TENON_ENGINE_HTTP_H
#define TENON_ENGINE_HTTP_H

#include <tenon_engine_loop.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- wasi:http in guests ---- */

/* Defines what hosts provide of wasi:http 0.2 and 0.3: the types, and the interfaces that send requests.
 * The linker's engine is concurrent. Requires `tnengine_linker_add_wasi`. */
wasmtime_error_t* tnengine_linker_add_http(wasmtime_component_linker_t* linker);
/* Prepares a store for guests with wasi:http. They cannot send requests: each fails as denied, and is
 * recorded into `denials`, which can be null. Requires `tnengine_context_set_wasi`, just before. */
wasmtime_error_t* tnengine_context_set_http(wasmtime_context_t* context,
                                            const tnengine_denials_t* denials);

/* ---- TLS ----
 *
 * The connections of servers and clients are encrypted by whoever gives these callbacks. A session belongs
 * to one connection; its functions are called by one thread at a time, which can be any.
 */

/* The end of a session that is not encrypted. Both functions give the number of bytes that were moved. On
 * failure, they give -1 and set errno, which is EAGAIN if the connection is not ready. Valid until the
 * session is closed, during its functions. */
typedef struct tnengine_tls_transport {
  ptrdiff_t (*receive)(void* env, uint8_t* to, size_t size);
  ptrdiff_t (*send)(void* env, const uint8_t* from, size_t size);
  void* env;
} tnengine_tls_transport_t;

#define TNENGINE_TLS_DONE 0
#define TNENGINE_TLS_NEEDS_DATA 1
#define TNENGINE_TLS_NEEDS_ROOM 2
#define TNENGINE_TLS_END 3 /* the peer has ended its direction */
#define TNENGINE_TLS_FAILURE 4

#define TNENGINE_TLS_FAILURE_TRANSPORT 0   /* the connection failed, or ended too early */
#define TNENGINE_TLS_FAILURE_CERTIFICATE 1 /* that of the peer is not accepted */
#define TNENGINE_TLS_FAILURE_ALERT 2       /* the peer refused */
#define TNENGINE_TLS_FAILURE_PROTOCOL 3
#define TNENGINE_TLS_FAILURE_SETUP 4 /* nothing can be encrypted here */

typedef struct tnengine_tls_failure {
  uint8_t kind;
  int16_t alert; /* its number, or -1 */
  tnengine_slice_t text;
} tnengine_tls_failure_t;

/* Functions return TNENGINE_TLS_* except where they say otherwise. */
typedef struct tnengine_tls_callbacks {
  /* Begins a session, which the caller gives back by `close`; it can fail by its first function. host: the
   * name or address for which the peer needs a certificate; empty: the peer is a client. */
  void* (*open)(void* env, const tnengine_tls_transport_t* transport, const tnengine_slice_t* host);
  uint8_t (*handshake)(void* session);
  uint8_t (*read)(void* session, uint8_t* to, size_t size, size_t* moved);
  /* After an outcome other than TNENGINE_TLS_DONE, it is called with the same bytes again. */
  uint8_t (*write)(void* session, const uint8_t* from, size_t size, size_t* moved);
  uint8_t (*finish)(void* session);
  /* After TNENGINE_TLS_FAILURE; borrows `session`. */
  void (*failure)(void* session, tnengine_tls_failure_t* failure);
  /* Whether both sides agreed to speak HTTP/2. */
  bool (*speaks_http2)(void* session);
  void (*close)(void* session);
  /* Takes `env`. Any thread. */
  void (*release)(void* env);
  void* env;
} tnengine_tls_callbacks_t;

typedef struct tnengine_tls tnengine_tls_t;
/* Takes `env` of `callbacks`. */
tnengine_tls_t* tnengine_tls_new(const tnengine_tls_callbacks_t* callbacks);
/* Takes `tls`. Connections that use it go on. */
void tnengine_tls_delete(tnengine_tls_t* tls);

/* ---- Servers ----
 *
 * A server accepts connections of HTTP/1.1, and of HTTP/2 without negotiation, on threads of the crate's
 * runtime. What is not valid HTTP, or beyond the limits, is answered there, and anything else by whoever
 * owns the server:
 *
 *   request(env, request)                         on a thread of the runtime
 *   tnengine_loop_handle(loop, handler, request, end, call)
 *   tnengine_loop_turn(loop)                      the handler answers; perhaps it goes on
 *   ... end(call, ..)
 *   tnengine_http_request_delete(request)
 */
typedef struct tnengine_http_server tnengine_http_server_t;
/* A request that is to be answered. */
typedef struct tnengine_http_request tnengine_http_request_t;

typedef struct tnengine_http_limits {
  size_t connections; /* at once; further ones are accepted when others have ended */
  size_t requests;    /* that exist at once; further ones wait */
  uint64_t body_bytes;
  size_t header_bytes;
  uint64_t idle_ms; /* for the next request or the next part of its body, and for each part of the answer
                     * that the client takes */
} tnengine_http_limits_t;

typedef struct tnengine_http_callbacks {
  /* Gives `request`. Any thread. It must not use the server. */
  void (*request)(void* env, tnengine_http_request_t* request);
  /* A connection has ended. As `request`. */
  void (*closed)(void* env);
  void* env;
} tnengine_http_callbacks_t;

/* Gives a server that listens nowhere. `header_bytes` is at least 8192. */
tnengine_http_server_t* tnengine_http_server_new(const tnengine_http_limits_t* limits,
                                                 const tnengine_http_callbacks_t* callbacks);
/* Accepts connections at a socket of TCP that listens, which it takes in all cases. */
wasmtime_error_t* tnengine_http_server_listen(tnengine_http_server_t* server, int socket);
/* Accepts no more connections. Those that exist end after the requests in progress. */
void tnengine_http_server_drain(tnengine_http_server_t* server);
size_t tnengine_http_server_connections(const tnengine_http_server_t* server);
/* Takes `server`, and ends its connections. No callback runs after it has returned. */
void tnengine_http_server_delete(tnengine_http_server_t* server);

typedef struct tnengine_http_request_view {
  tnengine_slice_t method;
  tnengine_slice_t target; /* path and query */
  tnengine_slice_t peer;   /* address of the client */
  uint64_t number;         /* from 1, in the order of arrival */
} tnengine_http_request_view_t;

/* Borrows `request` for as long as `view` is used. */
void tnengine_http_request_get(const tnengine_http_request_t* request,
                               tnengine_http_request_view_t* view);
/* Answers with a status and a line of text, unless the request has an answer. */
void tnengine_http_request_refuse(const tnengine_http_request_t* request, uint16_t status);
/* Takes `request`. If it has no answer, that is status 500. */
void tnengine_http_request_delete(tnengine_http_request_t* request);

/* ---- Handlers ---- */

/* An instance that answers requests. */
typedef struct tnengine_http_handler tnengine_http_handler_t;

/* Gives a handler, which lives as long as the instance's store at most. minor: 2 for
 * `wasi:http/incoming-handler@0.2`, 3 for `wasi:http/handler@0.3`. */
tnengine_http_handler_t* tnengine_http_handler_new(const wasmtime_component_instance_t* instance,
                                                   uint32_t minor);
/* Takes `handler`, of which no call is in progress. */
void tnengine_http_handler_delete(tnengine_http_handler_t* handler);

/* Queues the call of a handler, as `tnengine_loop_call`. It has returned (`end`, without a result) when
 * the guest has, and has nothing more to do. It has failed if the guest gave no response, or an error
 * in place of one; the request then has an answer. `handler`, `request` and `env` live until `end` is
 * called. */
void tnengine_loop_handle(const tnengine_loop_t* loop, const tnengine_http_handler_t* handler,
                          const tnengine_http_request_t* request, tnengine_call_end_t end,
                          void* env);

#ifdef __cplusplus
}
#endif

#endif /* TENON_ENGINE_HTTP_H */
