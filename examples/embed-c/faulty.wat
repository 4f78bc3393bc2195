;; A plugin that traps.
(component
  (core module $code
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
    (func (export "echo") (param i32 i32) (result i32) unreachable))
  (core instance $core (instantiate $code))
  (func (export "echo") (param "s" string) (result string)
    (canon lift (core func $core "echo") (memory $core "memory") (realloc (func $core "realloc")))))
