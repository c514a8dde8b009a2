// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
import Foundation

/// Where the pages are published.
package enum Site: Sendable {
    /// By `canary serve`: with every page, and updates through `/events`.
    case server
    /// In a folder, for any web server or none: `index.html` and one file for each job, without live updates.
    case files
}

/// The addresses of other pages, relative to the page that contains them.
package struct Links: Sendable {
    let site: Site
    /// The path from the page to the root of the site: empty, or `../` repeated.
    let root: String

    /// The links of a page `depth` folders below the root.
    init(_ site: Site, depth: Int) {
        self.site = site
        root = String(repeating: "../", count: depth)
    }

    /// The file of a job's page, relative to the folder of the site: `jobs/openexr@vfx2026/head.html`.
    package static func file(of job: JobID) -> String { "jobs/\(job).html" }

    var home: String { site == .files ? "\(root)index.html" : root.isEmpty ? "./" : root }

    func job(_ job: JobID) -> String { "\(root)jobs/\(encoded(job.description))\(site == .files ? ".html" : "")" }

    func run(_ id: String) -> String? { dynamic("runs/\(encoded(id))") }

    func attempt(_ id: String) -> String? { dynamic("attempts/\(encoded(id))") }

    func search(_ id: String) -> String? { dynamic("searches/\(encoded(id))") }

    func logText(_ id: String) -> String? { dynamic("attempts/\(encoded(id))/log") }

    func lastKnownGood(_ variant: String) -> String { "\(root)lkg/\(encoded(variant)).json" }

    private func dynamic(_ path: String) -> String? { site == .server ? root + path : nil }

    /// Job names are literal, except for characters that a path cannot contain.
    private func encoded(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? ""
    }
}
