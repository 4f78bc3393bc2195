;; Traps while an item waits for it, and while it waits for `lib` to read the bytes that it writes. The item
;; is dropped when the memory of the app is gone, and its destructor reads the bytes.
(component
  (import "x:y/lib" (instance $lib
    (export "item" (type $item (sub resource)))
    (export "open" (func (result (stream (own $item)))))
    (export "take" (func (param "data" (stream u8))))
    (export "put" (func))
    (export "seen" (func (result u32)))))
  (alias export $lib "item" (type $item))
  (type $items (stream (own $item)))
  (type $bytes (stream u8))
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $open (canon lower (func $lib "open")))
  (core func $take (canon lower (func $lib "take")))
  (core func $put (canon lower (func $lib "put")))
  (core func $seen (canon lower (func $lib "seen")))
  (core func $new (canon stream.new $bytes))
  (core func $write (canon stream.write $bytes async (memory $memory)))
  (core func $read (canon stream.read $items async (memory $memory)))
  (core module $code
    (import "" "open" (func $open (result i32)))
    (import "" "take" (func $take (param i32)))
    (import "" "put" (func $put))
    (import "" "seen" (func $seen (result i32)))
    (import "" "new" (func $new (result i64)))
    (import "" "write" (func $write (param i32 i32 i32) (result i32)))
    (import "" "read" (func $read (param i32 i32 i32) (result i32)))
    ;; Traps in any case: with another message if a status is not BLOCKED.
    (func $check-blocked (param $status i32)
      (if (i32.ne (local.get $status) (i32.const -1)) (then
        (drop (i32.div_u (i32.const 1) (i32.const 0))))))
    (func (export "f") (local $items i32) (local $ends i64)
      ;; The end of a store drops the older stream first.
      (local.set $items (call $open))
      (local.set $ends (call $new))
      (call $take (i32.wrap_i64 (local.get $ends)))
      (call $check-blocked (call $read (local.get $items) (i32.const 64) (i32.const 1)))
      (call $check-blocked (call $write
        (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))) (i32.const 128) (i32.const 4)))
      (call $put)
      unreachable)
    (func (export "seen") (result i32) (call $seen)))
  (core instance $core (instantiate $code (with "" (instance
    (export "open" (func $open)) (export "take" (func $take)) (export "put" (func $put))
    (export "seen" (func $seen)) (export "new" (func $new)) (export "write" (func $write))
    (export "read" (func $read))))))
  (func (export "f") async (canon lift (core func $core "f")))
  (func (export "seen") (result u32) (canon lift (core func $core "seen"))))
