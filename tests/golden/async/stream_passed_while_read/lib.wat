;; Returns a stream, and takes one.
(component
  (type $bytes (stream u8))
  (core func $new (canon stream.new $bytes))
  (core module $code
    (import "" "new" (func $new (result i64)))
    (func (export "open") (result i32) (i32.wrap_i64 (call $new)))
    (func (export "take") (param i32)))
  (core instance $core (instantiate $code (with "" (instance (export "new" (func $new))))))
  (func $open (result $bytes) (canon lift (core func $core "open")))
  (func $take (param "it" $bytes) (canon lift (core func $core "take")))
  (instance $lib (export "open" (func $open)) (export "take" (func $take)))
  (export "x:y/lib" (instance $lib)))
