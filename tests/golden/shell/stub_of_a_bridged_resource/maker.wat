(component
  (type $r (resource (rep i32)))
  (instance $store (export "r" (type $r)))
  (export "t:t/store" (instance $store)))
