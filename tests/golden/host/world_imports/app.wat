;; Greets through both imports that the world of tests/bundles/example has.
(component
  (import "hello" (func $plain (param "name" string) (result string)))
  (import "example:host/runtime" (instance $runtime
    (export "hello" (func (param "name" string) (result string)))))
  (core module $memory
    (memory (export "memory") 1)
    (global $free (mut i32) (i32.const 16))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (global.get $free)
      (global.set $free (i32.add (global.get $free) (local.get 3)))))
  (core instance $m (instantiate $memory))
  (core func $inner (canon lower (func $plain) (memory $m "memory") (realloc (func $m "realloc"))))
  (core func $outer (canon lower (func $runtime "hello") (memory $m "memory")
    (realloc (func $m "realloc"))))
  (core module $code
    (import "m" "memory" (memory 1))
    (import "host" "inner" (func $inner (param i32 i32 i32)))
    (import "host" "outer" (func $outer (param i32 i32 i32)))
    (func (export "greet") (param i32 i32) (result i32)
      (call $inner (local.get 0) (local.get 1) (i32.const 0))
      (call $outer (i32.load (i32.const 0)) (i32.load (i32.const 4)) (i32.const 8))
      (i32.const 8))
    ;; "Hello, " has seven bytes, and "!" one.
    (func (export "run") (result i32)
      (call $inner (i32.const 0) (i32.const 0) (i32.const 0))
      (i32.ne (i32.load (i32.const 4)) (i32.const 8))))
  (core instance $c (instantiate $code
    (with "m" (instance $m))
    (with "host" (instance (export "inner" (func $inner)) (export "outer" (func $outer))))))
  (func (export "greet") (param "name" string) (result string)
    (canon lift (core func $c "greet") (memory $m "memory") (realloc (func $m "realloc"))))
  (func $run (result (result)) (canon lift (core func $c "run")))
  (instance $command (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $command)))
