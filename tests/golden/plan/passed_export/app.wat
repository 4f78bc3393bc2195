;; Asks for `acme:tax/lib@1.2.0`, and exports the function under another name.
(component
  (import "acme:tax/lib@1.2.0" (instance $lib
    (export "rate" (func async (param "x" u32) (result u32)))))
  (alias export $lib "rate" (func $f))
  (export "total" (func $f)))
