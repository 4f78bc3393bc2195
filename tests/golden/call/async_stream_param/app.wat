;; A stream among the params of an export.
(component
  (type $bytes (stream u8))
  (core module $code
    (func (export "drain") (param i32)))
  (core instance $core (instantiate $code))
  (func (export "drain") (param "bytes" $bytes) (canon lift (core func $core "drain"))))
