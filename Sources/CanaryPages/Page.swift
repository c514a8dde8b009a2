// SPDX-License-Identifier: Apache-2.0

/// The pages: each is a function from a view to whole HTML, and each view a pure function of records of history.
///
/// How to serve them, with `context = PageContext(stack:site:changedAt:nextRunBy:)`, where `site` is `.server` or
/// `.files` for `feed --out`:
///
/// | address | body |
/// | --- | --- |
/// | `/`, `index.html` | `Page.index(IndexView(context, IndexFacts(...)))` |
/// | `/jobs/{job}`, `Links.file(of: job)` | `Page.job(JobView(context, JobFacts(...)))` |
/// | `/runs/{id}` | `Page.run(RunView(context, record))` |
/// | `/attempts/{id}` | `Page.log(LogView(context, LogFacts(...)))` |
/// | `/searches/{id}` | `Page.search(SearchView(context, SearchFacts(...)))` |
/// | any other, with its status | `Page.problem(ProblemView(context, depth:, status:, text:))` |
/// | `/style.css`, `/script.js` | `Page.style`, `Page.script`; the same files in a folder |
///
/// All HTML is `text/html; charset=utf-8` and goes with the header `Content-Security-Policy: ` and
/// `Page.contentSecurityPolicy`. The script listens to unnamed events of `/events` (any data) and then asks for the page
/// again; it reads `/attempts/{id}/log?follow=1`, text without escapes, until that ends.
package enum Page {
    /// What a page may load and do: our own style and script, nothing written inside the page.
    package static let contentSecurityPolicy = """
        default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; \
        base-uri 'none'; form-action 'none'
        """

    /// The index: what is broken, the matrix, the graph, what was last good.
    package static func index(_ view: IndexView) -> String { Templates.render(view, "index") }

    /// All about one job.
    package static func job(_ view: JobView) -> String { Templates.render(view, "job") }

    /// All about one run.
    package static func run(_ view: RunView) -> String { Templates.render(view, "run") }

    /// A search: where the culprit probably is, and what was asked.
    package static func search(_ view: SearchView) -> String { Templates.render(view, "search") }

    /// What an attempt printed.
    package static func log(_ view: LogView) -> String { Templates.render(view, "log") }

    /// What went wrong with a request.
    package static func problem(_ view: ProblemView) -> String { Templates.render(view, "problem") }

    /// `style.css`: of all pages, light and dark, from phones to walls.
    package static let style = String(decoding: PackageResources.style_css, as: UTF8.self)

    /// `script.js`: ages instead of instants, live changes, the tail of a running log; every page is whole without it.
    package static let script = String(decoding: PackageResources.script_js, as: UTF8.self)
}
