;; Makes the resource.
(component
  (component $types
    (type $bucket (resource (rep i32)))
    (type $kind (enum "cold" "hot"))
    (export "bucket" (type $bucket))
    (export "kind" (type $kind)))
  (instance $types (instantiate $types))
  (export "acme:kv/types@1.0.0" (instance $types)))
