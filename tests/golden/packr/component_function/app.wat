;; A command that ends well if its `math` doubles.
(component
  (import "math" (instance $math
    (export "double" (func (param "n" s64) (result s64)))))
  (core func $double (canon lower (func $math "double")))
  (core module $app
    (import "math" "double" (func $double (param i64) (result i64)))
    (func (export "run") (result i32)
      (i64.ne (call $double (i64.const 21)) (i64.const 42))))
  (core instance $made (instantiate $app
    (with "math" (instance (export "double" (func $double))))))
  (func $run (result (result)) (canon lift (core func $made "run")))
  (instance $command (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $command)))
