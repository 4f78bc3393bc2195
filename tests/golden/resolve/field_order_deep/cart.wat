;; Asks for a table of rates with the fields percent, currency.
(component
  (import "acme:tax/lib@1.2.0" (instance $tax
    (type $rate-def (record (field "percent" f64) (field "currency" string)))
    (export "rate" (type $rate (eq $rate-def)))
    (type $rates (list $rate))
    (type $pair (tuple string $rates))
    (type $table-def (variant (case "none") (case "some" $pair)))
    (export "table" (type $table (eq $table-def)))
    (type $option (option $table))
    (type $outcome (result $option (error string)))
    (export "load" (func (param "year" u16) (result $outcome)))))
  (export "again" (instance $tax)))
