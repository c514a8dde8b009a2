// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryModel
import CanaryPages
import CanaryText
package import Foundation

/// The site as files, by path below its root: what the server serves of it without being asked for an id.
package struct StaticSite: Sendable {
    private let feed: Feed

    /// The site of `feed`.
    package init(feed: Feed) { self.feed = feed }

    /// All files.
    package func files() async throws -> [String: Data] {
        var files = [
            "status.json": Data(try await feed.status().json().utf8),
            "feed.json": Data(try await feed.news().json().utf8),
            "graph.json": Data(try GraphDocument(feed.stack.graph).json().utf8),
        ]
        for (job, badge) in try await feed.badges() { files["badge/\(job).json"] = Data(try badge.json().utf8) }
        for variant in feed.stack.variants {
            guard let lock = try await feed.lastKnownGood(of: variant.name) else { continue }
            files["lkg/\(variant.name).json"] = Data(try lock.json().utf8)
        }
        for (path, text) in try await PageRenderer(feed: feed, logs: nil, site: .files).files() {
            files[path] = Data(text.utf8)
        }
        return files
    }
}
