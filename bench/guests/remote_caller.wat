;; Loops that call remote_service.wat `n` times, one call at a time: `add`, and `echo` with a list of
;; `size` bytes. `run-add` returns the last sum, and `run-echo` the number of bytes that came back.
(component
  (import "bench:remote/math@0.1.0" (instance $math
    (export "add" (func (param "a" u32) (param "b" u32) (result u32)))))
  (import "bench:remote/bytes@0.1.0" (instance $bytes
    (export "echo" (func (param "data" (list u8)) (result (list u8))))))
  (core module $libc
    (memory (export "memory") 64)
    ;; The result is at 0x200000. Each call overwrites that of the last one.
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 0x200000)))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (alias core export $libc "realloc" (core func $realloc))
  (core func $add (canon lower (func $math "add")))
  (core func $echo (canon lower (func $bytes "echo") (memory $memory) (realloc $realloc)))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "add" (func $add (param i32 i32) (result i32)))
    (import "" "echo" (func $echo (param i32 i32 i32)))
    (func (export "run-add") (param $n i32) (result i32) (local $sum i32)
      (loop $next
        (local.set $sum (call $add (local.get $n) (i32.const 3)))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br_if $next (local.get $n)))
      (local.get $sum))
    ;; The bytes that are sent are at 0x10000.
    (func (export "run-echo") (param $n i32) (param $size i32) (result i64) (local $count i64)
      (loop $next
        (call $echo (i32.const 0x10000) (local.get $size) (i32.const 16))
        (local.set $count (i64.add (local.get $count) (i64.load32_u (i32.const 20))))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br_if $next (local.get $n)))
      (local.get $count)))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "add" (func $add)) (export "echo" (func $echo))))))
  (func (export "run-add") (param "n" u32) (result u32)
    (canon lift (core func $core "run-add")))
  (func (export "run-echo") (param "n" u32) (param "size" u32) (result u64)
    (canon lift (core func $core "run-echo"))))
