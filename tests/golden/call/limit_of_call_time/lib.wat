;; `spin` loops for ever; `grow` traps if it gets no more memory.
(component
  (core module $code
    (memory (export "memory") 1)
    (func (export "spin") (loop $again (br $again)))
    (func (export "grow") (if (i32.eq (memory.grow (i32.const 1)) (i32.const -1)) (then unreachable))))
  (core instance $run (instantiate $code))
  (func $spin (canon lift (core func $run "spin")))
  (func $grow (canon lift (core func $run "grow")))
  (instance $lib
    (export "spin" (func $spin))
    (export "grow" (func $grow)))
  (export "demo:limits/lib@1.0.0" (instance $lib)))
