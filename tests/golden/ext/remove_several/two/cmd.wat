(component
  (core module $m (func (export "run") (result i32) (i32.const 1)))
  (core instance $c (instantiate $m))
  (func $f (result (result)) (canon lift (core func $c "run")))
  (instance $e (export "run" (func $f)))
  (export "wasi:cli/run@0.2.6" (instance $e)))
