// SPDX-License-Identifier: Apache-2.0

/// The pages: each function makes complete HTML from a view, which is a pure function of records of history.
///
/// To serve them, use `context = PageContext(stack:site:changedAt:nextRunBy:)`, where `site` is `.server` or
/// `.files` for `feed --out`:
///
/// | address | body |
/// | --- | --- |
/// | `/`, `index.html` | `Page.index(IndexView(context, IndexFacts(...)))` |
/// | `/jobs/{job}`, `Links.file(of: job)` | `Page.job(JobView(context, JobFacts(...)))` |
/// | `/runs/{id}` | `Page.run(RunView(context, record))` |
/// | `/attempts/{id}` | `Page.log(LogView(context, LogFacts(...)))` |
/// | `/searches/{id}` | `Page.search(SearchView(context, SearchFacts(...)))` |
/// | any other address, with its status | `Page.problem(ProblemView(context, depth:, status:, text:))` |
/// | `/style.css`, `/script.js` | `Page.style`, `Page.script`; the same files in a folder |
///
/// All HTML is `text/html; charset=utf-8` and is sent with `contentSecurityPolicy` as the header
/// `Content-Security-Policy`. The script listens to unnamed events of `/events` (with any data) and then requests the
/// page again. It reads `/attempts/{id}/log?follow=1`, text without escape sequences, to its end, and with
/// `&skip=N` the rest of one that was cut off after N bytes.
package enum Page {
    /// What a page may load and do: our own style and script, nothing inline.
    package static let contentSecurityPolicy = """
        default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; \
        base-uri 'none'; form-action 'none'
        """

    /// The index: open breakage, the matrix of jobs, the graph, and the last known good vectors.
    package static func index(_ view: IndexView) -> String { Templates.render(view, "index") }

    /// The page of a job.
    package static func job(_ view: JobView) -> String { Templates.render(view, "job") }

    /// The page of a run.
    package static func run(_ view: RunView) -> String { Templates.render(view, "run") }

    /// The page of a search: the suspects and the probes.
    package static func search(_ view: SearchView) -> String { Templates.render(view, "search") }

    /// The page of an attempt: its log.
    package static func log(_ view: LogView) -> String { Templates.render(view, "log") }

    /// An error page.
    package static func problem(_ view: ProblemView) -> String { Templates.render(view, "problem") }

    /// `style.css`: of all pages, light and dark, from phones to wall displays.
    package static let style = String(decoding: PackageResources.style_css, as: UTF8.self)

    /// `script.js`: relative times, live updates, and the tail of a running log; every page is complete without it.
    package static let script = String(decoding: PackageResources.script_js, as: UTF8.self)
}
