;; Asks for `acme:http/handler@0.2.3`.
(component
  (import "acme:http/handler@0.2.3" (instance $lib
    (export "rate" (func (param "x" u32) (result u32)))))
  (alias export $lib "rate" (func $f))
  (export "total" (func $f)))
