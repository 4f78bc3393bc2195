(component
  (core module $slow
    (func $spin (loop $again (br $again)))
    (start $spin)
    (func (export "five") (result i32) (i32.const 5)))
  (core instance $i (instantiate $slow))
  (func $five (result u32) (canon lift (core func $i "five")))
  (instance $lib (export "five" (func $five)))
  (export "demo:slow/lib" (instance $lib)))
