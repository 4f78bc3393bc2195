;; Returns the stream that it takes.
(component
  (core module $code (func (export "same") (param i32) (result i32) (local.get 0)))
  (core instance $core (instantiate $code))
  (func $same (param "it" (stream u8)) (result (stream u8)) (canon lift (core func $core "same")))
  (instance $lib (export "same" (func $same)))
  (export "x:y/lib" (instance $lib)))
