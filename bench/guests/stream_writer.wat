;; Returns a stream, and then writes to it: a number of times the same `batch` items of `size` bytes.
;; The benchmark replaces the type of the items.
(component
  (type $items (stream u8))
  (core module $libc
    (memory (export "memory") 32)
    (data (i32.const 0x8000) "8 bytes!"))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (core func $new (canon stream.new $items))
  (core func $write (canon stream.write $items (memory $memory)))
  (core func $drop-writable (canon stream.drop-writable $items))
  (core func $return (canon task.return (result $items)))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "new" (func $new (result i64)))
    (import "" "write" (func $write (param i32 i32 i32) (result i32)))
    (import "" "drop-writable" (func $drop-writable (param i32)))
    (import "" "return" (func $return (param i32)))
    ;; The items are 1 MiB at 0x10000. As strings, each is the one at 0x8000.
    (func $start (local $at i32)
      (local.set $at (i32.const 0x10000))
      (loop $next
        (i32.store (local.get $at) (i32.const 0x8000))
        (i32.store offset=4 (local.get $at) (i32.const 8))
        (local.set $at (i32.add (local.get $at) (i32.const 8)))
        (br_if $next (i32.lt_u (local.get $at) (i32.const 0x110000)))))
    (start $start)
    ;; In as many parts as the reader takes.
    (func $write-batch (param $stream i32) (param $count i32) (param $size i32)
      (local $at i32) (local $done i32)
      (local.set $at (i32.const 0x10000))
      (loop $again
        (local.set $done (i32.shr_u
          (call $write (local.get $stream) (local.get $at) (local.get $count)) (i32.const 4)))
        (if (i32.eqz (local.get $done)) (then unreachable))
        (local.set $at (i32.add (local.get $at) (i32.mul (local.get $done) (local.get $size))))
        (local.set $count (i32.sub (local.get $count) (local.get $done)))
        (br_if $again (local.get $count))))
    (func (export "produce") (param $writes i32) (param $batch i32) (param $size i32)
      (local $ends i64) (local $stream i32)
      (local.set $ends (call $new))
      (call $return (i32.wrap_i64 (local.get $ends)))
      (local.set $stream (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))))
      (loop $next
        (call $write-batch (local.get $stream) (local.get $batch) (local.get $size))
        (local.set $writes (i32.sub (local.get $writes) (i32.const 1)))
        (br_if $next (local.get $writes)))
      (call $drop-writable (local.get $stream))))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "new" (func $new)) (export "write" (func $write))
    (export "drop-writable" (func $drop-writable)) (export "return" (func $return))))))
  (func (export "produce") async
    (param "writes" u32) (param "batch" u32) (param "size" u32) (result $items)
    (canon lift (core func $core "produce") async)))
