(component
  (import "acme:stock/api@1.0.0" (instance $stock
    (export "counter" (type $counter (sub resource)))
    (export "[constructor]counter" (func (result (own $counter)))))))
