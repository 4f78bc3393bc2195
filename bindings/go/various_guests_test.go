package tenon

import (
	"os"
	"path/filepath"
	"testing"
)

// Components in Python and JavaScript, which the tests of guests have built (`./dev setup guests`). This is the last test:
// the library compiles them for the next start in the background, for which tests about memory would fail.
func TestLanguages(t *testing.T) {
	cache := os.Getenv("XDG_CACHE_HOME")
	if cache == "" {
		home, _ := os.UserHomeDir()
		cache = filepath.Join(home, ".cache")
	}
	tested := 0
	for _, pattern := range []string{"js-*.wasm", "py-*.wasm"} {
		paths, _ := filepath.Glob(filepath.Join(cache, "tenon", "languages", pattern))
		for _, path := range paths {
			c, err := Link(ctx, Component("guest", path), AllowUnresolved(), Parallel(), Cache(filepath.Join(cache, "tenon", "code")))
			if err != nil {
				t.Fatal(textOf(err))
			}
			if _, err := c.Function("press:text/syntax", "highlight"); err == nil {
				tested++
				checkHighlighter(t, c)
			}
			c.Close()
		}
	}
	if tested == 0 {
		t.Skip("no guests in Python or JavaScript were built")
	}
}
