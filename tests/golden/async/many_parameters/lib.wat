;; Returns its parameters in the opposite order.
(component
  (core module $libc
    (memory (export "memory") 1)
    (global $top (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $top) (i32.const 7)) (i32.const -8)))
      (global.set $top (i32.add (local.get $at) (local.get 3)))
      (local.get $at)))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (alias core export $libc "realloc" (core func $realloc))
  (core func $return
    (canon task.return (result (tuple char (option f32) s64 string u8)) (memory $memory)))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "return" (func $return (param i32 i32 f32 i64 i32 i32 i32)))
    (func (export "turn") (param i32 i32 i32 i64 i32 f32 i32) (result i32)
      (call $return (local.get 6) (local.get 4) (local.get 5) (local.get 3)
        (local.get 1) (local.get 2) (local.get 0))
      (i32.const 0)) ;; EXIT
    (func (export "callback") (param i32 i32 i32) (result i32) unreachable))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "return" (func $return))))))
  (func $turn async (param "a" u8) (param "b" string) (param "c" s64)
    (param "d" (option f32)) (param "e" char)
    (result (tuple char (option f32) s64 string u8))
    (canon lift (core func $core "turn") async (memory $memory) (realloc $realloc)
      (callback (core func $core "callback"))))
  (instance $lib (export "turn" (func $turn)))
  (export "x:y/lib" (instance $lib)))
