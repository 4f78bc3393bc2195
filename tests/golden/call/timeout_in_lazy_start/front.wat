(component
  (import "demo:slow/lib" (instance $slow (export "five" (func (result u32)))))
  (core func $five (canon lower (func $slow "five")))
  (core module $main
    (import "slow" "five" (func $five (result i32)))
    (func (export "go") (result i32) (call $five)))
  (core instance $i (instantiate $main (with "slow" (instance (export "five" (func $five))))))
  (func (export "go") (result u32) (canon lift (core func $i "go"))))
