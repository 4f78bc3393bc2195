(component
  (import "example:interface/runtime@1.0.0" (instance $runtime
    (export "greet" (func (param "name" string) (result string)))))
  (core module $memory
    (memory (export "memory") 1)
    (global $free (mut i32) (i32.const 16))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (global.get $free)
      (global.set $free (i32.add (global.get $free) (local.get 3)))))
  (core instance $m (instantiate $memory))
  (core func $greet (canon lower (func $runtime "greet") (memory $m "memory")
    (realloc (func $m "realloc"))))
  (core module $code
    (import "host" "greet" (func $greet (param i32 i32 i32)))
    (func (export "greet") (param i32 i32) (result i32)
      (call $greet (local.get 0) (local.get 1) (i32.const 8))
      (i32.const 8)))
  (core instance $c (instantiate $code
    (with "host" (instance (export "greet" (func $greet))))))
  (func (export "greet") (param "name" string) (result string)
    (canon lift (core func $c "greet") (memory $m "memory") (realloc (func $m "realloc")))))
