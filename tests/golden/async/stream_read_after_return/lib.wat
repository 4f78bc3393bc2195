;; Keeps a stream, and reads it in a later call.
(component
  (type $bytes (stream u8))
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $read (canon stream.read $bytes (memory $memory)))
  (core func $drop-readable (canon stream.drop-readable $bytes))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "read" (func $read (param i32 i32 i32) (result i32)))
    (import "" "drop-readable" (func $drop-readable (param i32)))
    (global $kept (mut i32) (i32.const 0))
    (func (export "keep") (param $data i32) (global.set $kept (local.get $data)))
    ;; Returns the number of bytes at 16, and their sum at 20.
    (func (export "total") (result i32) (local $status i32) (local $count i32)
      (loop $again
        (local.set $status (call $read (global.get $kept) (i32.const 4096) (i32.const 8192)))
        (local.set $count (i32.shr_u (local.get $status) (i32.const 4)))
        (i32.store (i32.const 16) (i32.add (i32.load (i32.const 16)) (local.get $count)))
        (block $added
          (loop $add
            (br_if $added (i32.eqz (local.get $count)))
            (local.set $count (i32.sub (local.get $count) (i32.const 1)))
            (i32.store (i32.const 20) (i32.add (i32.load (i32.const 20))
              (i32.load8_u offset=4096 (local.get $count))))
            (br $add)))
        (br_if $again (i32.eqz (i32.and (local.get $status) (i32.const 15)))))
      (call $drop-readable (global.get $kept))
      (i32.const 16)))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "read" (func $read))
    (export "drop-readable" (func $drop-readable))))))
  (func $keep (param "data" $bytes) (canon lift (core func $core "keep")))
  (func $total async (result (tuple u32 u32))
    (canon lift (core func $core "total") (memory $memory)))
  (instance $lib (export "keep" (func $keep)) (export "total" (func $total)))
  (export "x:y/lib" (instance $lib)))
