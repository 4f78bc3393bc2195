;; Calls `demo:limits/lib`.
(component
  (import "demo:limits/lib@1.0.0" (instance $lib
    (export "spin" (func))
    (export "grow" (func))))
  (core func $spin (canon lower (func $lib "spin")))
  (core func $grow (canon lower (func $lib "grow")))
  (core module $code
    (import "lib" "spin" (func $spin))
    (import "lib" "grow" (func $grow))
    (func (export "spin") (call $spin))
    (func (export "grow") (call $grow)))
  (core instance $run (instantiate $code (with "lib" (instance
    (export "spin" (func $spin))
    (export "grow" (func $grow))))))
  (func $front-spin (canon lift (core func $run "spin")))
  (func $front-grow (canon lift (core func $run "grow")))
  (export "spin" (func $front-spin))
  (export "grow" (func $front-grow)))
