package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// runCaptured runs the generator, and returns what it wrote to standard error.
func runCaptured(t *testing.T, out string, plugins ...string) (string, error) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	standard := os.Stderr
	os.Stderr = w
	err = run("content", out, "../press/wasm", &site{title: "Ünder & Co", timeout: 100 * time.Millisecond}, plugins)
	os.Stderr = standard
	w.Close()
	var text bytes.Buffer
	if _, err := io.Copy(&text, r); err != nil {
		t.Fatal(err)
	}
	return text.String(), err
}

func TestSite(t *testing.T) {
	out := t.TempDir()
	text, err := runCaptured(t, out, "plugins/faulty.wat", "plugins/endless.wat", "plugins/drafts.wat", "plugins/footer.wat")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range []string{"hello.md", "prices.md"} {
		for _, line := range []string{"faulty: it crashed: wasm `unreachable` instruction executed", "endless: it took too long",
			"drafts: it refused the page: drafts are not published"} {
			if !strings.Contains(text, page+": "+line+"\n") {
				t.Errorf("no line %q in\n%s", line, text)
			}
		}
	}
	for file, parts := range map[string][]string{
		"hello.html":  {"<title>Hello</title>", "<em>words</em>", "<i class=k>int</i>", "<footer>Ünder & Co</footer>\n"},
		"prices.html": {"<title>Größe & mehr</title>", "<del>20</del>", "<footer>Ünder & Co</footer>\n"},
	} {
		html, err := os.ReadFile(filepath.Join(out, file))
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range parts {
			if !strings.Contains(string(html), part) {
				t.Errorf("no %q in %s:\n%s", part, file, html)
			}
		}
	}
	if _, err := runCaptured(t, out, "plugins/missing.wat", "../press/wasm/kv.wasm"); err == nil || !strings.Contains(err.Error(), "read-file") {
		t.Error(err)
	}
}
