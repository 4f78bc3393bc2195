;; Asks for `acme:tax/lib@1.2.0`.
(component
  (import "acme:tax/lib@1.2.0" (instance $lib
    (export "rate" (func (param "x" u32) (result u32)))))
  (alias export $lib "rate" (func $f))
  (export "total" (func $f)))
