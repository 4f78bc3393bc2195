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
/* A client of HTTP, see below. */
typedef struct tnengine_http_client tnengine_http_client_t;
/* Prepares a store for guests with wasi:http. client: what sends their requests; null: each fails as
 * denied. Requires `tnengine_context_set_wasi`, just before. */
wasmtime_error_t* tnengine_context_set_http(wasmtime_context_t* context,
                                            const tnengine_http_client_t* client);

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

/* ---- Clients ----
 *
 * A client sends requests of guests to where its owner allows it, and keeps connections for later ones:
 *
 *   allows(env, target)         on the thread of the guest; then `traceparent`
 *   resolve(env, target, ..)    on a thread of the runtime, for each new connection
 *
 * It connects to no address but those that `resolve` adds.
 */
typedef struct tnengine_http_target {
  bool is_https;
  uint16_t port;
  tnengine_slice_t host; /* in lower case, without brackets and without a dot at its end */
} tnengine_http_target_t;

typedef struct tnengine_http_client_limits {
  size_t connections;    /* at once; requests wait for one for `connect_ms` */
  uint32_t header_bytes; /* of a response; at least 8192 */
  /* The most that guests can ask for, and what they get if they ask for nothing. */
  uint64_t connect_ms; /* until requests can be sent, with the look-up of the name and TLS */
  uint64_t first_byte_ms;
  uint64_t between_bytes_ms;
  uint64_t idle_ms; /* for the next request on a connection */
} tnengine_http_client_limits_t;

#define TNENGINE_HTTP_RESOLVED 0
#define TNENGINE_HTTP_UNKNOWN_HOST 1
#define TNENGINE_HTTP_PROHIBITED 2 /* no address of the host may be used */

/* Any thread. */
typedef struct tnengine_http_client_callbacks {
  /* Whether requests may be sent to the target. */
  bool (*allows)(void* env, const tnengine_http_target_t* target);
  /* Calls `add` for each address of the target that may be used: 16 bytes, for IPv4 those that IPv6 maps
   * it to. If they are those of a proxy, calls `set_proxy` with its port and the value of
   * `Proxy-Authorization`, or an empty one. Can block. Returns TNENGINE_HTTP_*. */
  uint8_t (*resolve)(void* env, const tnengine_http_target_t* target, void* route,
                     void (*add)(void* route, const uint8_t* address),
                     void (*set_proxy)(void* route, uint16_t port, tnengine_slice_t authorization));
  /* Calls `set` if the request of a guest belongs to a trace. tag: of the calls in progress in its store;
   * null if they have several, or none. */
  void (*traceparent)(void* env, const tnengine_tag_t* tag, void* text,
                      void (*set)(void* text, tnengine_slice_t value));
  /* Takes `env`. */
  void (*release)(void* env);
  void* env;
} tnengine_http_client_callbacks_t;

/* Takes `env` of `callbacks`. tls: for `https`; borrowed for the call. */
tnengine_http_client_t* tnengine_http_client_new(const tnengine_http_client_limits_t* limits,
                                                 const tnengine_http_client_callbacks_t* callbacks,
                                                 const tnengine_tls_t* tls);
/* Takes `client`. Stores that have it keep it. */
void tnengine_http_client_delete(tnengine_http_client_t* client);

/* ---- Servers ----
 *
 * A server accepts connections of HTTP/1.1, and of HTTP/2 without negotiation, on threads of the crate's
 * runtime. What is not valid HTTP, or beyond the limits, is answered there, and anything else by whoever
 * owns the server:
 *
 *   route(env, request)                           on a thread of the runtime; a queue, or an answer
 *   request(env, request)                         the same, when it is its turn
 *   tnengine_loop_handle(loop, handler, request, .., end, call, ..)
 *   tnengine_loop_turn(loop)                      the handler answers; perhaps it goes on
 *   ... end(call, ..)
 *   tnengine_http_request_delete(request)
 *   done(env, report)                             on a thread of the runtime
 */
typedef struct tnengine_http_server tnengine_http_server_t;
/* A request that is to be answered. */
typedef struct tnengine_http_request tnengine_http_request_t;

typedef struct tnengine_http_limits {
  size_t connections; /* at once; further ones are accepted when others have ended */
  uint64_t body_bytes;
  size_t header_bytes;
  uint64_t header_ms; /* for all fields of a request of HTTP/1 */
  /* For the next request or the next part of its body, and for each part of the answer that the client takes. */
  uint64_t idle_ms;
  /* Whether a client of HTTP/1 that has closed its direction can read the response; otherwise it has left. */
  bool keeps_half_closed;
} tnengine_http_limits_t;

/* The result of `route` for a request that has its answer. */
#define TNENGINE_HTTP_ANSWERED SIZE_MAX

/* Why a request or its response was aborted: the first reason. */
#define TNENGINE_HTTP_NO_ABORT 0
#define TNENGINE_HTTP_CLIENT_LEFT 1
#define TNENGINE_HTTP_CLIENT_TIMEOUT 2  /* it took nothing of the response for `idle_ms` */
#define TNENGINE_HTTP_RESPONSE_FAILED 3 /* whoever writes the response did not end it */
#define TNENGINE_HTTP_REQUEST_TOO_LARGE 4
#define TNENGINE_HTTP_REQUEST_TIMEOUT 5 /* the client sent nothing of the body for `idle_ms` */
#define TNENGINE_HTTP_REQUEST_INVALID 6

/* A request, and what became of it. */
typedef struct tnengine_http_report {
  tnengine_slice_t method;
  tnengine_slice_t target; /* path and query */
  tnengine_slice_t authority;
  tnengine_slice_t peer;
  uint64_t number;
  uint64_t body_bytes;  /* of the response, that the connection has taken */
  uint64_t duration_ns; /* since the request was parsed */
  uint16_t
      status; /* 0: the client left before there was a response */
  uint8_t version; /* 10, 11, or 20 */
  uint8_t abort;
} tnengine_http_report_t;

/* Called on any thread, also at the same time. None may use the server. */
typedef struct tnengine_http_callbacks {
  /* A request has arrived. Returns the position of its queue, or TNENGINE_HTTP_ANSWERED. Borrows `request`. */
  size_t (*route)(void* env, const tnengine_http_request_t* request);
  /* Gives `request`, whose turn it is in its queue. */
  void (*request)(void* env, tnengine_http_request_t* request);
  /* The connection is done with a request, whether it was routed or refused. Called once for each, and after
   * `request`. Borrows `report`. */
  void (*done)(void* env, const tnengine_http_report_t* report);
  /* A connection has ended. */
  void (*closed)(void* env);
  /* A connection was refused, because it could not be encrypted. */
  void (*refused)(void* env, tnengine_slice_t peer, tnengine_slice_t failure);
  void* env;
} tnengine_http_callbacks_t;

/* Requests that exist at once, from `request` until they are deleted. Further ones wait; clients with few requests
 * come first. */
typedef struct tnengine_http_queue {
  size_t requests;
  /* The same for one client: an IPv4 address, or a network of 64 bits of IPv6. Clients of socket files are
   * not limited. 0: as many as of all */
  size_t client_requests;
  size_t client_waiting; /* that wait, for one client; further ones are answered with 503 */
} tnengine_http_queue_t;

/* Gives a server that listens nowhere. `header_bytes` is at least 8192. */
tnengine_http_server_t* tnengine_http_server_new(const tnengine_http_limits_t* limits,
                                                 const tnengine_http_queue_t* queues,
                                                 size_t queue_count,
                                                 const tnengine_http_callbacks_t* callbacks);
/* Accepts connections at a socket that listens, of TCP or of a file. It takes the socket in all cases. tls: null if
 * they are not encrypted. */
wasmtime_error_t* tnengine_http_server_listen(tnengine_http_server_t* server, int socket,
                                              bool is_file, const tnengine_tls_t* tls);
/* Accepts no more connections. Those that exist end after the requests in progress. */
void tnengine_http_server_drain(tnengine_http_server_t* server);
size_t tnengine_http_server_connections(const tnengine_http_server_t* server);
/* Takes `server`, and ends its connections. No callback runs after it has returned. */
void tnengine_http_server_delete(tnengine_http_server_t* server);

typedef struct tnengine_http_request_view {
  tnengine_slice_t method;
  tnengine_slice_t target;    /* path and query */
  tnengine_slice_t authority; /* of its target, or its `Host` */
  tnengine_slice_t peer;      /* address of the client */
  uint64_t number;            /* from 1, in the order of arrival */
} tnengine_http_request_view_t;

/* Borrows `request` for as long as `view` is used. */
void tnengine_http_request_get(const tnengine_http_request_t* request,
                               tnengine_http_request_view_t* view);
/* Gives the value of a field; of several with this name, all values with ", " between them. Returns false if
 * there is none, or if a handler has taken the request. */
bool tnengine_http_request_field(const tnengine_http_request_t* request,
                                 const tnengine_slice_t* name, tnengine_bytes_t* value);
/* Whether its client may still want an answer. */
bool tnengine_http_request_is_awaited(const tnengine_http_request_t* request);

typedef struct tnengine_http_field {
  tnengine_slice_t name;
  tnengine_slice_t value;
} tnengine_http_field_t;

typedef struct tnengine_http_response {
  /* Without those that frame the body, such as `content-length`. */
  const tnengine_http_field_t* fields;
  size_t field_count;
  tnengine_slice_t body; /* if there is no `file` */
  uint64_t offset;       /* of the part of `file` that is the body */
  uint64_t size;
  int32_t file; /* descriptor of a regular file, which is taken in all cases; -1: none */
  uint16_t status;
} tnengine_http_response_t;

/* Answers, unless the request has an answer. The parts of a file are read as the client takes them. The body is
 * not sent for the method HEAD, and with the statuses 204 and 304. Fails if a field or the status is not valid;
 * then the request has no answer. */
wasmtime_error_t* tnengine_http_request_respond(const tnengine_http_request_t* request,
                                                const tnengine_http_response_t* response);
/* The same with a status and a line of text. */
void tnengine_http_request_refuse(const tnengine_http_request_t* request, uint16_t status);
/* Takes `request`. If it has no answer, that is status 500. */
void tnengine_http_request_delete(tnengine_http_request_t* request);

/* ---- Messages of the embedder ----
 *
 * The embedder can send requests itself, to a server or to a handler, and answer those of others with bodies that it
 * writes in parts, or passes on:
 *
 *   tnengine_http_message_new(head, body, &request)
 *   tnengine_http_server_send(server, request, &sent)
 *   tnengine_http_sent_poll(sent, waker, &response)     again, when `waker` was woken
 *   body = tnengine_http_message_take_body(response)
 *   tnengine_http_body_read(body, waker, part, trailers)     the same
 *
 * Objects are used by one thread at a time, which can be any.
 */

/* Results of functions that can wait. */
#define TNENGINE_HTTP_WAITS 0 /* the waker was taken, and is woken when it is worth another try */
#define TNENGINE_HTTP_DONE 1
#define TNENGINE_HTTP_END 2
#define TNENGINE_HTTP_BROKEN 3

/* Functions that wait take `env` in all cases. */
typedef struct tnengine_http_waker {
  /* Any thread, and within anything: it may only note that something can go on. */
  void (*wake)(void* env);
  void (*release)(void* env);
  void* env;
} tnengine_http_waker_t;

typedef struct tnengine_http_list {
  void (*add)(void* env, tnengine_slice_t name, tnengine_slice_t value);
  void* env;
} tnengine_http_list_t;

typedef struct tnengine_http_body tnengine_http_body_t;
/* Gives a body that is known. */
tnengine_http_body_t* tnengine_http_body_new(const tnengine_slice_t* content);
/* Takes `body`. Whoever writes it notices. */
void tnengine_http_body_delete(tnengine_http_body_t* body);
/* Reads the next part. TNENGINE_HTTP_DONE gives it, TNENGINE_HTTP_END adds the trailers, and
 * TNENGINE_HTTP_BROKEN gives the reason. */
uint8_t tnengine_http_body_read(tnengine_http_body_t* body, const tnengine_http_waker_t* waker,
                                tnengine_bytes_t* part, const tnengine_http_list_t* trailers);

/* The end of a body that is written. */
typedef struct tnengine_http_pipe tnengine_http_pipe_t;
tnengine_http_pipe_t* tnengine_http_pipe_new(tnengine_http_body_t** body);
/* Writes a part, unless the previous one was not read (TNENGINE_HTTP_WAITS). TNENGINE_HTTP_END: nobody reads. */
uint8_t tnengine_http_pipe_write(const tnengine_http_pipe_t* pipe, const tnengine_slice_t* part,
                                 const tnengine_http_waker_t* waker);
/* Ends the body, with trailers. Fails if a field is not valid. */
wasmtime_error_t* tnengine_http_pipe_end(const tnengine_http_pipe_t* pipe,
                                         const tnengine_http_field_t* trailers, size_t count);
/* Takes `pipe`. A body that has not ended breaks off. */
void tnengine_http_pipe_delete(tnengine_http_pipe_t* pipe);

typedef struct tnengine_http_head {
  tnengine_slice_t method;
  tnengine_slice_t target; /* path and query */
  tnengine_slice_t authority;
  /* Those that frame the body, and `host`, are written by whoever passes the message on; here they are left out. */
  const tnengine_http_field_t* fields;
  size_t field_count;
  uint16_t status; /* of a response; 0: a request, to which the first three belong */
  bool is_https;
  /* The server's own, or that of `tnengine_http_request_refuse`. */
  bool is_refusal;
} tnengine_http_head_t;

typedef struct tnengine_http_message tnengine_http_message_t;
/* Takes `body`, which can be null, in all cases. Fails if something is not valid in HTTP. */
wasmtime_error_t* tnengine_http_message_new(const tnengine_http_head_t* head,
                                            tnengine_http_body_t* body,
                                            tnengine_http_message_t** message);
/* Borrows `message` for as long as `head` is used. The fields are added to `fields`. */
void tnengine_http_message_get(const tnengine_http_message_t* message, tnengine_http_head_t* head,
                               const tnengine_http_list_t* fields);
/* Gives the body, once; then null. */
tnengine_http_body_t* tnengine_http_message_take_body(tnengine_http_message_t* message);
void tnengine_http_message_delete(tnengine_http_message_t* message);

/* A request that was sent. If it is deleted before it has a response, its client has left. */
typedef struct tnengine_http_sent tnengine_http_sent_t;
/* Takes `message`, in all cases. The server does with it what it does with those of connections. */
wasmtime_error_t* tnengine_http_server_send(const tnengine_http_server_t* server,
                                            tnengine_http_message_t* message,
                                            tnengine_http_sent_t** sent);
/* That of the request. */
uint64_t tnengine_http_sent_number(const tnengine_http_sent_t* sent);
/* TNENGINE_HTTP_DONE gives the response, once. TNENGINE_HTTP_BROKEN: the server was deleted before. */
uint8_t tnengine_http_sent_poll(tnengine_http_sent_t* sent, const tnengine_http_waker_t* waker,
                                tnengine_http_message_t** message);
void tnengine_http_sent_delete(tnengine_http_sent_t* sent);

/* Whether nobody wants the answer any more; otherwise the waker is woken then. Takes `env` of the waker. */
bool tnengine_http_request_poll_over(const tnengine_http_request_t* request,
                                     const tnengine_http_waker_t* waker);
/* Gives the content of a request, which then can be handled by no handler; null if one has it. */
tnengine_http_message_t* tnengine_http_request_take(const tnengine_http_request_t* request);
/* Answers, unless the request has an answer. Takes `message`, in all cases. */
wasmtime_error_t* tnengine_http_request_answer(const tnengine_http_request_t* request,
                                               tnengine_http_message_t* message);
/* Makes a request for a handler. Takes `message`, in all cases. origin: what it takes the place of, in the queue of
 * that and with its number and its peer; can be null. */
wasmtime_error_t* tnengine_http_request_new(tnengine_http_message_t* message,
                                            const tnengine_http_request_t* origin,
                                            const tnengine_slice_t* peer,
                                            tnengine_http_request_t** request,
                                            tnengine_http_sent_t** sent);

/* The request that a guest passes to a handler, or sends: `incoming-request` or `outgoing-request` of 0.2, or `request`
 * of 0.3. Takes `resource`, in all cases. */
wasmtime_error_t* tnengine_wasi_resource_read_request(tnengine_wasi_resource_t* resource,
                                                      tnengine_http_message_t** message);
/* Sets the response of a `response-outparam` of 0.2. Takes both, in all cases. */
wasmtime_error_t* tnengine_wasi_resource_set_response(tnengine_wasi_resource_t* resource,
                                                      tnengine_http_message_t* message);
/* Gives the `future-incoming-response` of 0.2 of a request that was sent. Takes `sent`, in all cases; its client leaves
 * when the guest drops the future before there is a response. */
wasmtime_error_t* tnengine_wasi_resource_of_sent(tnengine_http_sent_t* sent,
                                                 tnengine_wasi_resource_t** resource);
/* Gives a `response` of 0.3. Takes `message`, in all cases. */
wasmtime_error_t* tnengine_wasi_resource_of_response(tnengine_http_message_t* message,
                                                     tnengine_wasi_resource_t** resource);

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
 * called. is_shared: other calls go on in the store, so this one ends when its response was sent.
 * `tnengine_loop_cancel` cancels one of 0.3, which then returns. tag, number: as for `tnengine_loop_call`. */
void tnengine_loop_handle(const tnengine_loop_t* loop, const tnengine_http_handler_t* handler,
                          const tnengine_http_request_t* request, bool is_shared,
                          tnengine_call_end_t end, void* env, const tnengine_tag_t* tag,
                          uint64_t* number);
/* Waits until the guests of the store have nothing more to do, and then calls `end` as for a call that has
 * returned. One at a time. `env` lives until then. */
void tnengine_loop_rest(const tnengine_loop_t* loop, tnengine_call_end_t end, void* env);

#ifdef __cplusplus
}
#endif

#endif /* TENON_ENGINE_HTTP_H */
