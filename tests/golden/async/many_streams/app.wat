;; A thousand streams one after another, of which every other one is dropped unread.
;; The handles of the app stay small, because each stream is dropped.
(component
  (import "x:y/lib" (instance $lib
    (export "open" (func (result (stream u8))))
    (export "wait" (func async (result u32)))
    (export "write" (func (param "from" u32) (param "count" u32) (result u32)))
    (export "drop" (func))))
  (type $bytes (stream u8))
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $lib-open (canon lower (func $lib "open")))
  (core func $lib-wait (canon lower (func $lib "wait")))
  (core func $lib-write (canon lower (func $lib "write")))
  (core func $lib-drop (canon lower (func $lib "drop")))
  (core func $read (canon stream.read $bytes async (memory $memory)))
  (core func $drop-readable (canon stream.drop-readable $bytes))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "lib-open" (func $lib-open (result i32)))
    (import "" "lib-wait" (func $lib-wait (result i32)))
    (import "" "lib-write" (func $lib-write (param i32 i32) (result i32)))
    (import "" "lib-drop" (func $lib-drop))
    (import "" "read" (func $read (param i32 i32 i32) (result i32)))
    (import "" "drop-readable" (func $drop-readable (param i32)))
    (func $expect (param $actual i32) (param $expected i32)
      (if (i32.ne (local.get $actual) (local.get $expected)) (then unreachable)))
    (func (export "f") (result i32)
      (local $stream i32) (local $i i32) (local $sum i32)
      (loop $next
        (local.set $stream (call $lib-open))
        (call $expect (i32.lt_u (local.get $stream) (i32.const 10)) (i32.const 1))
        (if (i32.and (local.get $i) (i32.const 1))
          (then
            (call $drop-readable (local.get $stream))
            ;; DROPPED
            (call $expect (call $lib-write (i32.const 0) (i32.const 2)) (i32.const 0x01)))
          (else
            (call $expect (call $lib-write (i32.const 1) (i32.const 2)) (i32.const -1)) ;; BLOCKED
            (call $expect (call $read (local.get $stream) (i32.const 64) (i32.const 2))
              (i32.const 0x20)) ;; COMPLETED, 2 bytes
            (call $drop-readable (local.get $stream))
            (call $expect (call $lib-wait) (i32.const 0x21)) ;; DROPPED, 2 bytes
            (local.set $sum (i32.add (local.get $sum) (i32.load8_u (i32.const 65))))))
        (call $lib-drop)
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $next (i32.lt_u (local.get $i) (i32.const 1000))))
      (local.get $sum)))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "lib-open" (func $lib-open))
    (export "lib-wait" (func $lib-wait)) (export "lib-write" (func $lib-write))
    (export "lib-drop" (func $lib-drop)) (export "read" (func $read))
    (export "drop-readable" (func $drop-readable))))))
  (func (export "f") async (result u32) (canon lift (core func $core "f"))))
