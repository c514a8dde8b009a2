// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import Foundation

/// The links in documents: under the stack's `site-url`, or relative to the root of the site without one.
struct SiteLinks: Sendable {
    private let base: String

    /// - Parameter site: the stack's `site-url`; never taken from a request.
    init(_ site: String?) {
        base = site.map { $0.hasSuffix("/") ? $0 : $0 + "/" } ?? ""
    }

    var home: String { base + "index.html" }
    var feed: String { base + "feed.json" }

    /// The page of `job`: the same address in a folder and on the server.
    func page(of job: JobID) -> String {
        let path = "jobs/\(job).html"
        return base + (path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? path)
    }
}
