// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryPages
import CanaryText
package import Foundation

/// The site as files, by path below its root: everything that the server serves except runs, attempts and searches.
package struct StaticSite: Sendable {
    private let publication: Publication

    /// The site of `publication`.
    package init(_ publication: Publication) { self.publication = publication }

    /// All files.
    package func files() async throws -> [String: Data] {
        var files = [
            "status.json": Data(try await publication.status().json().utf8),
            "feed.json": Data(try await publication.news().json().utf8),
            "graph.json": Data(try GraphDocument(publication.stack.graph).json().utf8),
        ]
        for (job, badge) in try await publication.badges() { files["badge/\(job).json"] = Data(try badge.json().utf8) }
        for variant in publication.stack.variants {
            guard let lock = try await publication.lastKnownGood(of: variant.name) else { continue }
            files["lkg/\(variant.name).json"] = Data(try lock.json().utf8)
        }
        for (path, text) in try await PageRenderer(publication: publication, logs: nil, site: .files).files() {
            files[path] = Data(text.utf8)
        }
        return files
    }
}
