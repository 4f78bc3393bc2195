;; Asks for `acme:log/log@0.1.0`.
(component
  (import "acme:log/log@0.1.0" (instance $lib
    (export "rate" (func (param "x" u32) (result u32)))))
  (alias export $lib "rate" (func $f))
  (export "also" (func $f)))
