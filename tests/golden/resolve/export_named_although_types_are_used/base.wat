;; `acme:a/y` uses the resource of `acme:a/x`.
(component
  (type $r (resource (rep i32)))
  (core func $new (canon resource.new $r))
  (core module $code
    (import "" "new" (func $new (param i32) (result i32)))
    (func (export "make") (result i32) (call $new (i32.const 1))))
  (core instance $run (instantiate $code (with "" (instance (export "new" (func $new))))))
  (instance $x (export "r" (type $r)))
  (export $exported "acme:a/x" (instance $x))
  (alias export $exported "r" (type $named))
  (func $make (result (own $named)) (canon lift (core func $run "make")))
  (instance $y (export "r" (type $named)) (export "make" (func $make)))
  (export "acme:a/y" (instance $y)))
