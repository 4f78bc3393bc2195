// A shop, for the normal form.
package acme:shop;
record item { name: string, price: option<f64> }
variant tree { leaf(item), node(list<self>) }
record pair<a,b> { first: a, second: b, }
flags rights { read write }
interface stock { find: func(name: string) -> result<item, string> put: func(of: pair<item, u32>) }
world shop { import stock; import host { log: func(line: string); } export total: func(of: tree) -> f64; }
