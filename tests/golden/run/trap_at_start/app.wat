;; Its start function traps, before anything is called.
(component
  (core module $code
    (func $begin unreachable)
    (func (export "run") (result i32) i32.const 0)
    (start $begin))
  (core instance $i (instantiate $code))
  (func $run (result (result)) (canon lift (core func $i "run")))
  (instance $commands (export "run" (func $run)))
  (export "wasi:cli/run@0.2.3" (instance $commands)))
