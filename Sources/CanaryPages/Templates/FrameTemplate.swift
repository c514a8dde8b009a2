// SPDX-License-Identifier: Apache-2.0

extension Templates {
    /// What stands around the body of every page: head, symbols, banner, footer.
    static let frame = """
        <!doctype html>
        <html lang="en"{{#frame.isLive}} data-events="{{frame.root}}events"{{/frame.isLive}}>
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta name="referrer" content="no-referrer">
        <title>{{frame.title}} · {{frame.stack}}</title>
        <link rel="stylesheet" href="{{frame.root}}style.css">
        <link rel="alternate" type="application/feed+json" href="{{frame.root}}feed.json" title="What changed">
        <link rel="icon" href="data:image/svg+xml,\
        %3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E{{{frame.icon}}}%3C/svg%3E">
        <script src="{{frame.root}}script.js" defer></script>
        </head>
        <body>
        <a class="skip" href="#main">Skip to content</a>
        \(symbols)
        <header class="banner">
        <a class="brand" href="{{frame.home}}"><svg class="mark" viewBox="0 0 16 16" aria-hidden="true">\
        <use href="#s-canary"/></svg><b>canary</b> <span>{{frame.stack}}</span></a>
        <p class="pulse">{{#frame.changedAt}}<span>changed {{>time}}</span>{{/frame.changedAt}}\
        {{#frame.nextRunBy}}<span data-due="{{iso}}">next run {{>time}}</span>{{/frame.nextRunBy}}\
        {{#frame.isLive}}<span id="live" role="status"></span>{{/frame.isLive}}</p>
        </header>
        <main id="main" tabindex="-1">
        {{$body}}{{/body}}
        </main>
        <footer>
        <nav aria-label="Machine-readable"><a href="{{frame.root}}status.json">status.json</a> \
        <a href="{{frame.root}}feed.json">feed.json</a></nav>
        <p>Times are UTC.</p>
        </footer>
        </body>
        </html>

        """

    /// The shapes, drawn once a page: each has an outline of its own.
    private static let symbols = """
        <svg width="0" height="0" class="symbols" aria-hidden="true">\
        <symbol id="s-passing" viewBox="0 0 14 14"><circle cx="7" cy="7" r="6.5"/>\
        <path class="on" d="M3.8 7.2l2.3 2.4 4.2-4.9"/></symbol>\
        <symbol id="s-broken" viewBox="0 0 14 14"><path d="M4.3.5h5.4l3.8 3.8v5.4l-3.8 3.8h-5.4l-3.8-3.8v-5.4z"/>\
        <path class="on" d="M4.6 4.6l4.8 4.8m0-4.8l-4.8 4.8"/></symbol>\
        <symbol id="s-suspected" viewBox="0 0 14 14"><path d="M7 .6l6.6 12.4h-13.2z"/>\
        <path class="on" d="M7 4.8v3.6m0 1.7v1.1"/></symbol>\
        <symbol id="s-lost" viewBox="0 0 14 14"><path class="line" d="M7 1l6 6-6 6-6-6z"/>\
        <path class="line" d="M4.6 7h4.8"/></symbol>\
        <symbol id="s-expected" viewBox="0 0 14 14"><circle class="line" cx="7" cy="7" r="6"/>\
        <path class="line" d="M4.6 4.6l4.8 4.8m0-4.8l-4.8 4.8"/></symbol>\
        <symbol id="s-unknown" viewBox="0 0 14 14"><circle class="line dashed" cx="7" cy="7" r="5.5"/></symbol>\
        <symbol id="s-canary" viewBox="0 0 16 16"><path d="M2 9.5c0-4 3-6.5 6.3-6.5 2 0 3.3 1.2 3.7 2.6l2.6.9-2.4 1.3\
        c-.4 3.4-2.8 5.2-5.7 5.2-1 0-1.9-.2-2.6-.6l-2.6 1.1z"/></symbol></svg>
        """
}
