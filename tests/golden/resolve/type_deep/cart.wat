;; Asks for a rate with the fields percent, currency.
(component
  (import "acme:tax/lib@1.2.0" (instance $tax
    (type $rate-def (record (field "percent" f64) (field "currency" string)))
    (export "rate" (type $rate (eq $rate-def)))
    (type $outcome (result $rate (error string)))
    (export "lookup" (func (param "country" string) (result $outcome)))))
  (alias export $tax "rate" (type $rate))
  (export $named "rate" (type $rate))
  (alias export $tax "lookup" (func $lookup))
  (type $outcome (result $named (error string)))
  (export "lookup" (func $lookup) (func (param "country" string) (result $outcome))))
