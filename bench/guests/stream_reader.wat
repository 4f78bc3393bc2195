;; Reads a stream of the writer to its end, at most `most` items at a time, and returns the number of
;; items. The benchmark replaces the type of the items.
(component
  (type $items (stream u8))
  (import "produce" (func $produce async
    (param "writes" u32) (param "batch" u32) (param "size" u32) (result $items)))
  (core module $libc
    (memory (export "memory") 64)
    (global $top (mut i32) (i32.const 0x200000))
    (func (export "reset") (global.set $top (i32.const 0x200000)))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $top) (i32.const 7)) (i32.const -8)))
      (global.set $top (i32.add (local.get $at) (local.get 3)))
      (local.get $at)))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (alias core export $libc "realloc" (core func $realloc))
  (core func $produce' (canon lower (func $produce)))
  (core func $read (canon stream.read $items (memory $memory) (realloc $realloc)))
  (core func $drop-readable (canon stream.drop-readable $items))
  (core module $code
    (import "libc" "memory" (memory 1))
    (import "libc" "reset" (func $reset))
    (import "" "produce" (func $produce (param i32 i32 i32) (result i32)))
    (import "" "read" (func $read (param i32 i32 i32) (result i32)))
    (import "" "drop-readable" (func $drop-readable (param i32)))
    (func (export "run") (param $writes i32) (param $batch i32) (param $size i32)
      (param $most i32) (result i32)
      (local $stream i32) (local $status i32) (local $count i32)
      (local.set $stream
        (call $produce (local.get $writes) (local.get $batch) (local.get $size)))
      (loop $again
        (call $reset) ;; the strings of the last read are not used any more
        (local.set $status
          (call $read (local.get $stream) (i32.const 0x10000) (local.get $most)))
        (local.set $count
          (i32.add (local.get $count) (i32.shr_u (local.get $status) (i32.const 4))))
        ;; COMPLETED: there may be more.
        (br_if $again (i32.eqz (i32.and (local.get $status) (i32.const 15)))))
      (call $drop-readable (local.get $stream))
      (local.get $count)))
  (core instance $core (instantiate $code (with "libc" (instance $libc)) (with "" (instance
    (export "produce" (func $produce')) (export "read" (func $read))
    (export "drop-readable" (func $drop-readable))))))
  (func (export "run") async
    (param "writes" u32) (param "batch" u32) (param "size" u32) (param "most" u32) (result u32)
    (canon lift (core func $core "run"))))
