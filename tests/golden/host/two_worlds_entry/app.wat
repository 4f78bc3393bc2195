(component
  (import "example:libm/trig" (instance $trig (export "cos" (func (param "x" f64) (result f64)))))
  (core func $cos (canon lower (func $trig "cos")))
  (core module $code
    (import "trig" "cos" (func $cos (param f64) (result f64)))
    (func (export "cos") (param f64) (result f64) (call $cos (local.get 0))))
  (core instance $c (instantiate $code (with "trig" (instance (export "cos" (func $cos))))))
  (func (export "cos") (param "x" f64) (result f64) (canon lift (core func $c "cos"))))
