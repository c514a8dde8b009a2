// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import Foundation

/// A parsed address of the site; whether anything exists there is not checked.
enum SiteAddress: Hashable, Sendable {
    case index
    case style
    case script
    case status
    case feed
    case graph
    case lock(variant: String)
    case badge(JobID)
    case run(String)
    case runPage(String)
    case job(JobID)
    case attempt(String)
    case log(String)
    case search(String)
    case request(String)
    case requests
    case events
    case metrics
    case health

    /// Reads the path of a request, without its query; nil if it is not an address of the site.
    ///
    /// Job names may be literal or percent-encoded. Parts that are empty, begin with a dot, or contain a slash or control
    /// characters once decoded are invalid.
    init?(path: some StringProtocol) {
        guard path.first == "/", path.utf8.count <= 1024 else { return nil }
        var parts: [String] = []
        for part in path.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            guard let part = String(part).removingPercentEncoding, Self.isName(part) || path == "/" else { return nil }
            parts.append(part)
        }
        guard let address = Self.known(parts) else { return nil }
        self = address
    }

    private static func isName(_ part: String) -> Bool {
        !part.isEmpty && part.first != "."
            && !part.unicodeScalars.contains { $0 == "/" || $0.value < 0x20 || $0 == "\u{7F}" }
    }

    private static func known(_ parts: [String]) -> SiteAddress? {
        switch parts.count {
        case 1: atRoot(parts[0])
        case 2: below(parts[0], parts[1])
        case 3: deep(parts)
        default: nil
        }
    }

    private static func atRoot(_ name: String) -> SiteAddress? {
        switch name {
        case "", "index.html": .index
        case "style.css": .style
        case "script.js": .script
        case "status.json": .status
        case "feed.json": .feed
        case "graph.json": .graph
        case "requests": .requests
        case "events": .events
        case "metrics": .metrics
        case "healthz": .health
        default: nil
        }
    }

    private static func below(_ folder: String, _ name: String) -> SiteAddress? {
        switch folder {
        case "lkg": name.without(".json").map { .lock(variant: $0) }
        case "runs": name.without(".json").map { .run($0) } ?? .runPage(name)
        case "attempts": .attempt(name)
        case "searches": .search(name)
        case "requests": name.without(".json").map { .request($0) }
        default: nil
        }
    }

    private static func deep(_ parts: [String]) -> SiteAddress? {
        let (folder, first, last) = (parts[0], parts[1], parts[2])
        switch folder {
        case "badge": return last.without(".json").flatMap { JobID("\(first)/\($0)") }.map { .badge($0) }
        case "jobs": return JobID("\(first)/\(last.without(".html") ?? last)").map { .job($0) }
        case "attempts" where last == "log": return .log(first)
        default: return nil
        }
    }
}

extension String {
    /// The text before `suffix`; nil if it does not end with it, or has nothing before it.
    fileprivate func without(_ suffix: String) -> String? {
        hasSuffix(suffix) && count > suffix.count ? String(dropLast(suffix.count)) : nil
    }
}
