// A generator of static sites whose parts are components: one renders Markdown, one highlights code, and plugins change
// the pages.
//
//	embed-go CONTENT OUT PLUGIN...
//
// Each component runs in a domain of its own. A plugin that fails, or takes too long, is reported, and the page is written
// without it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tenon.example/tenon"
)

// heading and document are records of the interface press:text/markdown.
type heading struct {
	Level  uint8
	Title  string
	Anchor string
}

type document struct {
	HTML          string `wit:"html"`
	Headings      []heading
	Words         uint32
	Unhighlighted []string
}

// Flags of press:text/markdown.
const (
	tables        = 1 << 0
	strikethrough = 1 << 1
	highlight     = 1 << 2
)

// A plugin exports `apply: func(path: string, html: string) -> result<string, string>` of site:gen/filter.
type plugin struct {
	name  string
	apply func(ctx context.Context, path, html string) (string, error)
}

type site struct {
	title   string
	render  func(ctx context.Context, source string, extensions uint8) (document, error)
	plugins []plugin
	timeout time.Duration // of one plugin, for one page
}

// load links the components, and finds the functions of each.
func (s *site) load(ctx context.Context, components string, plugins []string) (*tenon.Composition, error) {
	options := []tenon.Option{
		tenon.Component("markdown", filepath.Join(components, "markdown.wasm")),
		tenon.Component("highlighter", filepath.Join(components, "highlighter.wasm")),
		tenon.Isolate(),
		tenon.Restart("", 1000, 0),
		tenon.HostFunc("site:gen/site", "title", func() string { return s.title }),
	}
	for _, path := range plugins {
		options = append(options, tenon.Component(nameOf(path), path))
	}
	composition, err := tenon.Link(ctx, options...)
	if err != nil {
		return nil, err
	}
	markdown, err := composition.Unit("markdown")
	if err != nil {
		return nil, err
	}
	s.render, err = tenon.Func2[string, uint8, document](markdown, "press:text/markdown", "render")
	if err != nil {
		return nil, err
	}
	for _, path := range plugins {
		unit, err := composition.Unit(nameOf(path))
		if err != nil {
			return nil, err
		}
		apply, err := tenon.Func2[string, string, string](unit, "site:gen/filter", "apply")
		if err != nil {
			return nil, err
		}
		s.plugins = append(s.plugins, plugin{unit.Name(), apply})
	}
	return composition, nil
}

func nameOf(path string) string {
	return strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
}

// makePage renders a page and passes it through the plugins.
func (s *site) makePage(ctx context.Context, path, source string) (string, error) {
	made, err := s.render(ctx, source, tables|strikethrough|highlight)
	if err != nil {
		return "", err
	}
	html := made.HTML
	for _, plugin := range s.plugins {
		bounded, cancel := context.WithTimeout(ctx, s.timeout)
		changed, err := plugin.apply(bounded, path, html)
		cancel()
		if err != nil {
			fmt.Fprintf(os.Stderr, "%s: %s: %s\n", path, plugin.name, explain(err))
			continue
		}
		html = changed
	}
	return fmt.Sprintf("<!doctype html>\n<title>%s</title>\n%s", titleOf(made, path), html), nil
}

// explain says why a plugin did not change a page.
func explain(err error) string {
	var refused *tenon.ErrorValue[string]
	var failed *tenon.CallError
	switch {
	case errors.As(err, &refused):
		return "it refused the page: " + refused.Value
	case errors.Is(err, context.DeadlineExceeded):
		return "it took too long"
	case errors.As(err, &failed) && failed.Kind == tenon.Trap:
		return "it crashed: " + failed.Message
	}
	return err.Error()
}

func titleOf(made document, path string) string {
	if len(made.Headings) > 0 {
		return made.Headings[0].Title
	}
	return nameOf(path)
}

func run(content, out, components string, s *site, plugins []string) error {
	ctx := context.Background()
	composition, err := s.load(ctx, components, plugins)
	if err != nil {
		return err
	}
	defer composition.Close()
	pages, err := filepath.Glob(filepath.Join(content, "*.md"))
	if err != nil {
		return err
	}
	for _, page := range pages {
		source, err := os.ReadFile(page)
		if err != nil {
			return err
		}
		html, err := s.makePage(ctx, filepath.Base(page), string(source))
		if err != nil {
			return fmt.Errorf("%s: %w", page, err)
		}
		if err := os.WriteFile(filepath.Join(out, nameOf(page)+".html"), []byte(html), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func main() {
	s := &site{}
	flag.StringVar(&s.title, "title", "A site", "the title of the site")
	flag.DurationVar(&s.timeout, "timeout", time.Second, "the time of one plugin for one page")
	components := flag.String("components", "../press/wasm", "the folder of markdown.wasm and highlighter.wasm")
	flag.Parse()
	if flag.NArg() < 2 {
		fmt.Fprintln(os.Stderr, "usage: embed-go [FLAGS] CONTENT OUT PLUGIN...")
		os.Exit(2)
	}
	if err := run(flag.Arg(0), flag.Arg(1), *components, s, flag.Args()[2:]); err != nil {
		var problems *tenon.Error
		if errors.As(err, &problems) {
			err = errors.New(strings.TrimRight(problems.Text(), "\n"))
		}
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
