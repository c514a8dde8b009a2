// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
import Foundation

/// Where the pages stand.
package enum Site: Sendable {
    /// Behind `canary serve`: every page is there, and changes arrive through `/events`.
    case server
    /// In a folder, for any web server or none: `index.html` and one file a job, nothing live.
    case files
}

/// The addresses of other pages, relative to the page they stand on.
package struct Links: Sendable {
    let site: Site
    /// What leads from the page to the site's root: empty, or `../` as often as needed.
    let root: String

    /// The links of a page that lies `depth` folders below the root.
    init(_ site: Site, depth: Int) {
        self.site = site
        root = String(repeating: "../", count: depth)
    }

    /// The file a job's page is written to, relative to the folder of the site: `jobs/openexr@vfx2026/head.html`.
    package static func file(of job: JobID) -> String { "jobs/\(job).html" }

    var home: String { site == .files ? "\(root)index.html" : root.isEmpty ? "./" : root }

    func job(_ job: JobID) -> String { "\(root)jobs/\(encoded(job.description))\(site == .files ? ".html" : "")" }

    func run(_ id: String) -> String? { dynamic("runs/\(encoded(id))") }

    func attempt(_ id: String) -> String? { dynamic("attempts/\(encoded(id))") }

    func search(_ id: String) -> String? { dynamic("searches/\(encoded(id))") }

    func logText(_ id: String) -> String? { dynamic("attempts/\(encoded(id))/log") }

    func lastKnownGood(_ variant: String) -> String { "\(root)lkg/\(encoded(variant)).json" }

    private func dynamic(_ path: String) -> String? { site == .server ? root + path : nil }

    /// Job names stand literally, but for what a path cannot hold.
    private func encoded(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? ""
    }
}
