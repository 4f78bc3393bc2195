;; Five parameters of an async call, which lie in memory, and a result with all of them.
(component
  (import "x:y/lib" (instance $lib
    (export "turn" (func async (param "a" u8) (param "b" string) (param "c" s64)
      (param "d" (option f32)) (param "e" char)
      (result (tuple char (option f32) s64 string u8))))))
  (core module $libc
    (memory (export "memory") 1)
    (data (i32.const 64) "\c8\00\00\00\00\02\00\00\05\00\00\00\00\00\00\00"
      "\fe\ff\ff\ff\ff\ff\ff\ff\01\00\00\00\00\00\20\40\7a\00\00\00")
    (data (i32.const 512) "hello")
    (global $top (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $top) (i32.const 7)) (i32.const -8)))
      (global.set $top (i32.add (local.get $at) (local.get 3)))
      (local.get $at)))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (alias core export $libc "realloc" (core func $realloc))
  (core func $turn (canon lower (func $lib "turn") async (memory $memory) (realloc $realloc)))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "turn" (func $turn (param i32 i32) (result i32)))
    (func $expect (param $actual i32) (param $expected i32)
      (if (i32.ne (local.get $actual) (local.get $expected)) (then unreachable)))
    (func (export "f") (result i32)
      (call $expect (call $turn (i32.const 64) (i32.const 128)) (i32.const 2)) ;; RETURNED
      (i32.const 128)))
  (core instance $core (instantiate $code (with "" (instance
    (export "memory" (memory $memory)) (export "turn" (func $turn))))))
  (func (export "f") async (result (tuple char (option f32) s64 string u8))
    (canon lift (core func $core "f") (memory $memory))))
