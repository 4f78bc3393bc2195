(component
  (core module $code (func (export "one") (result i32) (i32.const 1)))
  (core instance $c (instantiate $code))
  (func $one (result u32) (canon lift (core func $c "one")))
  (component $shim
    (import "one" (func $one (result u32)))
    (type $m' (flags "on" "off")) (export $m "mode" (type $m'))
    (type $s' (tuple $m $m)) (export "state" (type $s'))
    (export "one" (func $one)))
  (instance $base (instantiate $shim (with "one" (func $one))))
  (export "t:a/base" (instance $base)))
