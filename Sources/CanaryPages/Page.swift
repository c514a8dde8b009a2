// SPDX-License-Identifier: Apache-2.0

import Mustache

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
    package static func index(_ view: IndexView) -> String { render(view, "index") }

    /// All about one job.
    package static func job(_ view: JobView) -> String { render(view, "job") }

    /// All about one run.
    package static func run(_ view: RunView) -> String { render(view, "run") }

    /// A search: where the culprit probably is, and what was asked.
    package static func search(_ view: SearchView) -> String { render(view, "search") }

    /// What an attempt printed.
    package static func log(_ view: LogView) -> String { render(view, "log") }

    /// What went wrong with a request.
    package static func problem(_ view: ProblemView) -> String { render(view, "problem") }

    private static func render(_ view: some Sendable, _ name: String) -> String {
        library.render(view, withTemplate: name) ?? ""
    }

    private static let library: MustacheLibrary = {
        MustacheContentTypes.register(HTMLContent(), named: "SAFE")
        var library = MustacheLibrary()
        for (name, text) in Templates.all {
            do {
                try library.register("{{% CONTENT_TYPE:SAFE}}" + text, named: name)
            } catch {
                preconditionFailure("the template `\(name)` is wrong: \(error)")
            }
        }
        return library
    }()
}
