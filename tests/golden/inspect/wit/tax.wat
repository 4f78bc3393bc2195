;; Gives a rate with the fields currency, percent.
(component
  (core module $code
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 1024)
    (func (export "lookup") (param i32 i32) (result i32) i32.const 0))
  (core instance $run (instantiate $code))
  (type $rate (record (field "currency" string) (field "percent" f64)))
  (type $outcome (result $rate (error string)))
  (func $lookup (param "country" string) (result $outcome)
    (canon lift (core func $run "lookup") (memory (core memory $run "memory"))
      (realloc (core func $run "realloc"))))
  (component $shim
    (type $def (record (field "currency" string) (field "percent" f64)))
    (import "rate" (type $rate' (eq $def)))
    (type $outcome' (result $rate' (error string)))
    (import "lookup" (func $lookup (param "country" string) (result $outcome')))
    (export $out "rate" (type $rate'))
    (type $named (result $out (error string)))
    (export "lookup" (func $lookup) (func (param "country" string) (result $named))))
  (instance $lib (instantiate $shim (with "rate" (type $rate)) (with "lookup" (func $lookup))))
  (export "acme:tax/lib@1.2.0" (instance $lib)))
