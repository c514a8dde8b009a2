// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryModel
import CanaryPages
import CanaryText

/// Makes renditions, each once a change of history however many ask for it.
actor RenderCoordinator {
    private struct Order: Hashable {
        let address: SiteAddress
        let edition: ResponseCache.ContentVersion
    }

    private nonisolated let feed: Feed
    private nonisolated let pages: PageRenderer
    nonisolated let shelf: ResponseCache
    private var making: [Order: Task<CachedResponse?, any Error>] = [:]

    /// The variants of the stack.
    nonisolated let variants: Set<String>

    init(feed: Feed, logs: AttemptLogs, shelf: ResponseCache) {
        self.feed = feed
        self.shelf = shelf
        variants = Set(feed.stack.variants.map(\.name))
        pages = PageRenderer(feed: feed, logs: logs, site: .server)
    }

    /// What went wrong, as a page that lies `depth` folders below the root.
    nonisolated func problem(_ status: Int, _ text: String, depth: Int) async throws -> String {
        try await pages.problem(status, text, depth: depth)
    }

    /// The metrics of history and of the server.
    nonisolated func metrics(requests: Int, streams: Int) async throws -> String {
        var metrics = try await feed.metrics()
        metrics.family("canary_http_requests_total", "counter", "requests answered since the start")
        metrics.add("canary_http_requests_total", [:], Double(requests))
        metrics.family("canary_http_streams", "gauge", "streams open")
        metrics.add("canary_http_streams", [:], Double(streams))
        return metrics.text
    }

    /// What stands at `address` now; nil when nothing does.
    nonisolated func rendition(at address: SiteAddress) async throws -> CachedResponse? {
        switch shelf.look(at: address) {
        case .found(let rendition): return rendition
        case .missing(let edition): return try await make(Order(address: address, edition: edition))
        }
    }

    private func make(_ order: Order) async throws -> CachedResponse? {
        if let task = making[order] { return try await task.value }
        // Unstructured: whoever asked first may go away while others wait.
        let task = Task { try await compose(order.address) }
        making[order] = task
        defer { making[order] = nil }
        let rendition = try await task.value
        shelf.put(rendition, at: order.address, of: order.edition)
        return rendition
    }

    private nonisolated func compose(_ address: SiteAddress) async throws -> CachedResponse? {
        switch address {
        case .status: CachedResponse(.json, try await feed.status().json())
        case .feed: CachedResponse(.json, try await feed.news().json())
        case .graph: CachedResponse(.json, try GraphDocument(feed.stack.graph).json())
        case .lock(let variant): try await lock(variant)
        case .badge(let job): try await feed.badges()[job].map { CachedResponse(.json, try $0.json()) }
        case .run(let id): try await feed.run(id).map { CachedResponse(.json, try $0.json()) }
        case .request(let id): try await request(id)
        case .index, .style, .script, .job, .runPage, .attempt, .search: try await pages.rendition(at: address)
        case .log, .requests, .events, .metrics, .health: nil
        }
    }

    private nonisolated func lock(_ variant: String) async throws -> CachedResponse? {
        guard feed.stack.variant(variant) != nil, let lock = try await feed.lastKnownGood(of: variant) else {
            return nil
        }
        return CachedResponse(.json, try lock.json())
    }

    private nonisolated func request(_ id: String) async throws -> CachedResponse? {
        guard let record = try await feed.history?.requests.request(id) else { return nil }
        return CachedResponse(.json, try RequestDocument(record).json())
    }
}
