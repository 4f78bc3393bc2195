;; `acme:shop/prices` uses `quote` of `acme:tax/rates`, which contains `rate`. Only the second has a provider.
(component
  (import "acme:tax/rates@1.0.0" (instance $rates
    (type $rate' (record (field "percent" u8)))
    (export "rate" (type $rate (eq $rate')))
    (type $quote' (record (field "rates" (list $rate))))
    (export "quote" (type $quote (eq $quote')))
    (export "look-up" (func (result $rate)))))
  (alias export $rates "quote" (type $quote))
  (import "acme:shop/prices@1.0.0" (instance $prices
    (export "quote" (type $q (eq $quote)))
    (export "check" (func (param "of" $q)))))
  (alias export $rates "rate" (type $rate))
  (alias export $rates "look-up" (func $look_up))
  (core func $lowered (canon lower (func $look_up)))
  (core module $code
    (import "tax" "look-up" (func $look_up (result i32)))
    (func (export "tax") (result i32) (call $look_up)))
  (core instance $i (instantiate $code (with "tax" (instance (export "look-up" (func $lowered))))))
  (func (export "tax") (result $rate) (canon lift (core func $i "tax"))))
