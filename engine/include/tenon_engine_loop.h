/* The C interface of the crate tenon-engine, second part: calls that end later than they begin, and
 * streams and futures. tenon_engine.h has the rules for ownership and errors. */
#ifndef TENON_ENGINE_LOOP_H
#define TENON_ENGINE_LOOP_H

#include <tenon_engine.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Event loops ----
 *
 * A store of a concurrent engine has calls that end later than they begin: a guest waits for a host
 * function, a stream or a timer while other guests of the store run. The *loop* of the store lets
 * them run: in each *turn*, until every guest waits. Nothing runs between turns, so one thread can
 * drive many loops, and a loop can move between threads.
 *
 *   tnengine_loop_new(store, wake, env, &loop)
 *   tnengine_loop_call(loop, func, lower, end, call)    queues a call
 *   tnengine_loop_turn(loop)                            the guest begins; perhaps it ends
 *   ... wake(env): something happened that a guest waits for ...
 *   tnengine_loop_turn(loop)                            it ends: end(call, ..)
 *
 * While the loop exists, the store is used by it alone. Turns of different loops nest: a host
 * function that runs in a turn can begin or turn the loop of another store. */
typedef struct tnengine_loop tnengine_loop_t;

/* Begins the loop of a store. It must be deleted before the store. `wake` is called when a turn is
 * due, once until the next turn begins: on any thread, also within a turn, and not after
 * `tnengine_loop_delete` has returned. It must not use the loop. */
wasmtime_error_t* tnengine_loop_new(wasmtime_store_t* store, void (*wake)(void*), void* env,
                                    tnengine_loop_t** loop);
/* An error ends the loop: a guest trapped, or a callback returned it. The calls that have not ended
 * end then or when the loop is deleted, and nothing in the store can be called again. Also an error
 * if the loop is being turned already; that one ends nothing. */
wasmtime_error_t* tnengine_loop_turn(tnengine_loop_t* loop);
/* Takes a turn, and sets `idle` to whether all guests wait and none of them for the host: neither for
 * WASI nor for a host function. Then only a new call changes that. To be asked when no turn is due.
 * Errors: as `tnengine_loop_turn`. */
wasmtime_error_t* tnengine_loop_is_idle(tnengine_loop_t* loop, bool* idle);
/* Takes `loop`, which is not being turned. Calls that have not ended end as dropped. */
void tnengine_loop_delete(tnengine_loop_t* loop);

/* An exported function, for calls on the loop of its store. */
typedef struct tnengine_loop_func tnengine_loop_func_t;

/* Makes an object of the caller's from the result of a call, which the `end` of the call gets. All
 * functions of a store whose results have one type share the callback and the `env` of the first
 * one that was called, so both depend on the type alone, and live as long as the loop. An error
 * ends the loop. */
typedef wasmtime_error_t* (*tnengine_read_result_t)(void* env, tnengine_guest_t* callee,
                                                    const wasmtime_val_raw_t* slots, size_t size,
                                                    void** result);

/* As `tnengine_raw_func_new`, but the function is looked up by its first call. `release` is
 * called with an object of `read` that no `end` gets, because the guest trapped after it had
 * returned. Gives `func`. */
wasmtime_error_t* tnengine_loop_func_new(const wasmtime_component_instance_t* instance,
                                         const tnengine_slice_t* path, size_t path_size,
                                         uint8_t params, uint8_t result,
                                         tnengine_read_result_t read, void (*release)(void*),
                                         void* env, tnengine_loop_func_t** func);
/* Takes `func`, of which no call is in progress. */
void tnengine_loop_func_delete(tnengine_loop_func_t* func);

#define TNENGINE_CALL_RETURNED 0
#define TNENGINE_CALL_FAILED 1  /* it did not begin: there is no such function */
#define TNENGINE_CALL_DROPPED 2 /* the loop ended before */
#define TNENGINE_CALL_CANCELLED 3

/* The end of a call. `result`: the object that `tnengine_read_result_t` made; null if the
 * function has no result, and unless the call returned. `error`: given for a call that failed. */
typedef void (*tnengine_call_end_t)(void* env, uint8_t end, void* result, wasmtime_error_t* error);

/* Data that the embedder attaches to a call; all zero: none. */
typedef struct tnengine_tag {
  uint64_t words[3];
} tnengine_tag_t;

/* Queues a call. In a later turn, when the instance takes the call, `lower` writes its params; an
 * error of it ends the loop. `end` is called once, in a turn or when the loop is deleted. Both must
 * not use the loop, except to queue and cancel calls. `func` and `env` live until `end` is called.
 * Sets `number`, before anything else, to one that no other call of the process has. */
void tnengine_loop_call(const tnengine_loop_t* loop, const tnengine_loop_func_t* func,
                        tnengine_lower_t lower, tnengine_call_end_t end, void* env,
                        const tnengine_tag_t* tag, uint64_t* number);

/* Asks that the call of this number is cancelled, in the next turn. If the instance has not taken it, it
 * ends then. Otherwise its task gets the event `CANCELLED`, once, and decides how the call ends.
 * Nothing happens if the call has returned, or is of another loop. */
void tnengine_loop_cancel(const tnengine_loop_t* loop, uint64_t number);

/* Sets `tag` to that of the call for which the guest works that makes this call of a host function, and
 * returns true. False: it works for a call without a tag. The call is of a store with a loop. */
bool tnengine_host_call_tag(tnengine_host_call_t* call, tnengine_tag_t* tag);

/* Drops a resource of a guest of the loop's store, as `tnengine_resource_drop`, in a turn that
 * it takes. interrupts: as for `tnengine_instantiate`. Sets `is_dropped`; false: a guest keeps the whole store
 * waiting, and the drop can be tried again after a later turn. An error of the destructor or of the turn: nothing
 * in the store can be called again. */
wasmtime_error_t* tnengine_loop_drop(tnengine_loop_t* loop, const tnengine_home_t* home,
                                     const tnengine_resource_t* resource,
                                     const tnengine_interrupts_t* interrupts, bool* is_dropped);

/* A call of an asynchronous host function that has not ended. One for each call; any thread. */
typedef struct tnengine_completion tnengine_completion_t;

/* Ends the call. Takes `completion`, and `error`, which can be null: it ends the caller's loop.
 * Nothing happens if the caller is gone. */
void tnengine_complete(tnengine_completion_t* completion, wasmtime_error_t* error);
/* Ends a call that was cancelled, without a result. */
void tnengine_complete_cancelled(tnengine_completion_t* completion);

/* Begins a call. Takes `completion`, and sets `state` to an object of its own for the call. `call`
 * is valid until the callback returns; its `result` is not used. After an error, which ends the
 * loop, there is no object. */
typedef wasmtime_error_t* (*tnengine_async_start_t)(void* env, tnengine_host_call_t* call,
                                                    tnengine_completion_t* completion,
                                                    void** state);
/* The caller has cancelled the call. True: it ends early, by its completion, perhaps with a result.
 * False: it ends now. Called once at most. */
typedef bool (*tnengine_async_cancel_t)(void* state);
/* Writes the result of a call that ended well, with the allocator of the caller: into `size` flat
 * values, or if `size` is 0 to `address`, where the whole tuple is in bounds and aligned. Not
 * called for a function without a result. An error ends the loop. */
typedef wasmtime_error_t* (*tnengine_async_lower_t)(void* state, tnengine_guest_t* caller,
                                                    wasmtime_val_raw_t* slots, size_t size,
                                                    uint32_t address);

/* As `tnengine_linker_define`, for a function of `async` type; or if `suspends`, for one without
 * `async`, whose caller is suspended until the call ends, with everything else in its store. `release` is
 * called once for each `state`: after `lower`, or when the caller does not need the result any more, because
 * the call was cancelled or its store is gone. */
wasmtime_error_t* tnengine_linker_define_async(
    wasmtime_component_linker_t* linker, const tnengine_slice_t* interface,
    const tnengine_slice_t* name, uint8_t params, uint8_t result, bool takes_host_handles,
    bool suspends, tnengine_async_start_t start, tnengine_async_cancel_t cancel, tnengine_async_lower_t lower,
    void (*release)(void*), void* env, void (*finalizer)(void*));

/* ---- Streams and futures ----
 *
 * What a guest writes to a stream or future is read by a *consumer*, and what it reads is written by
 * a *producer*: objects of the caller's, which the engine polls in turns of the loop. They decide
 * how many items pass, and copy the items' bytes.
 *
 *   tnengine_guest_lift_stream(a, number, handle, &consumer, reads)   from guest `a`
 *   tnengine_guest_lower_end(b, number, &producer, writes, place)     to guest `b`
 *   ... b reads: poll(writes, ..) answers TNENGINE_POLL_PENDING, and keeps the waker
 *   ... a writes: poll(reads, ..) answers TNENGINE_POLL_READ
 *       read(reads, a, address, count)                       copies the items, and wakes
 *       poll(reads, ..) answers TNENGINE_POLL_COMPLETED
 *   ... poll(writes, ..) answers TNENGINE_POLL_COMPLETED, with the number of items
 *       write(writes, b, address, count)                     copies them */

/* Asks the engine to poll an object again. */
typedef struct tnengine_waker tnengine_waker_t;
/* Gives a copy. */
tnengine_waker_t* tnengine_waker_clone(const tnengine_waker_t* waker);
/* Takes `waker`. Any thread; the loop can be gone. */
void tnengine_waker_wake(tnengine_waker_t* waker);
/* Takes `waker`. */
void tnengine_waker_delete(tnengine_waker_t* waker);

#define TNENGINE_POLL_PENDING 0   /* poll again after the waker was used */
#define TNENGINE_POLL_COMPLETED 1 /* at least one item passed, if there is one or room for one */
#define TNENGINE_POLL_DROPPED 2   /* none will pass any more: not of the consumer of a future */
#define TNENGINE_POLL_CANCELLED 3 /* only if the guest cancels */
#define TNENGINE_POLL_READ 4      /* of a consumer: calls `read`, and then `poll` again */
#define TNENGINE_POLL_NO_MEMORY 5 /* ends the loop, with the error "out of memory" */

/* The items of a write that were not taken yet. */
typedef struct tnengine_write {
  const uint8_t*
      bytes; /* of a stream<u8>: the items, unchanged as long as the consumer does not take
                         * them; for others null, and `read` gets them */
  size_t count;
  bool is_cancelled; /* the guest cancels the write */
} tnengine_write_t;

/* The room of a read. */
typedef struct tnengine_read {
  uint8_t* bytes; /* of a stream<u8>: `poll` writes the items here; for others null, and `write`
                   * writes them */
  size_t count;
  bool is_cancelled; /* the guest cancels the read */
} tnengine_read_t;

/* The callbacks of a consumer. The struct is static. */
typedef struct tnengine_consumer {
  /* Sets `taken`, which is 0, to the number of items that it has taken. A future has one item. */
  uint8_t (*poll)(void* env, const tnengine_write_t* write, const tnengine_waker_t* waker,
                  size_t* taken);
  /* The items are at `address`, in bounds but perhaps misaligned, and stay there unchanged as long as
   * the consumer does not take them, the guest does not cancel, and its store exists. An error ends
   * the loop. */
  wasmtime_error_t* (*read)(void* env, tnengine_guest_t* guest, uint32_t address, size_t count);
  /* The guest did not make the stream, but has received it: the items come from `producer`, the
   * `env` of a producer, which the consumer takes. Called before anything else, and `release`
   * follows. */
  void (*adopt)(void* env, void* producer);
  /* The same for a future, instead of `read`: the value is that of `producer`, which is ready and is
   * borrowed. */
  void (*take_value)(void* env, void* producer);
  /* There will be no more writes. */
  void (*release)(void* env);
} tnengine_consumer_t;

/* The callbacks of a producer. The struct is static. */
typedef struct tnengine_producer {
  /* Sets `ready`, which is 0, to the number of items that `write` will write next, or that it has
   * written to `bytes`. */
  uint8_t (*poll)(void* env, const tnengine_read_t* read, const tnengine_waker_t* waker,
                  size_t* ready);
  /* Writes items to `address`, which is in bounds but perhaps misaligned. `count` is at most the
   * number that are ready; it is called once for them. An error ends the loop. */
  wasmtime_error_t* (*write)(void* env, tnengine_guest_t* guest, uint32_t address, size_t count);
  /* There will be no more reads. */
  void (*release)(void* env);
} tnengine_producer_t;

/* Takes the readable end of a stream from a guest, and `env`, in all cases. The consumer is polled
 * after the callback that got `guest`, or within a later one. */
wasmtime_error_t* tnengine_guest_lift_stream(tnengine_guest_t* guest, size_t number,
                                             uint32_t handle, const tnengine_consumer_t* callbacks,
                                             void* env);
/* A future that a guest has passed, and that is not read yet. It can outlive its loop. */
typedef struct tnengine_future tnengine_future_t;
/* Takes the readable end of a future from a guest. Gives `future`. */
wasmtime_error_t* tnengine_guest_lift_future(tnengine_guest_t* guest, size_t number,
                                             uint32_t handle, tnengine_future_t** future);
/* Takes `future`, of a loop that is gone. */
void tnengine_future_delete(tnengine_future_t* future);
/* Begins to read a future, in the next turn of its loop. Once for each future. Borrows `future`, and
 * takes `env`. */
void tnengine_loop_pipe(const tnengine_loop_t* loop, const tnengine_future_t* future,
                        const tnengine_consumer_t* callbacks, void* env);
/* Drops a future, in the next turn of its loop: its writer learns of it. Takes `future`. If it is being
 * read, its consumer was not released, and has no write in progress. */
void tnengine_loop_close(const tnengine_loop_t* loop, tnengine_future_t* future);
/* Does at once what `pipe` and `close` have queued. `call`: of a guest of the loop's store. */
void tnengine_loop_settle(const tnengine_loop_t* loop, tnengine_host_call_t* call);
/* Gives a guest the readable end of a stream or future that is written by a producer. Takes `env`,
 * in all cases. */
wasmtime_error_t* tnengine_guest_lower_end(tnengine_guest_t* guest, size_t number,
                                           const tnengine_producer_t* callbacks, void* env,
                                           tnengine_place_t place);

#ifdef __cplusplus
}
#endif

#endif /* TENON_ENGINE_LOOP_H */
