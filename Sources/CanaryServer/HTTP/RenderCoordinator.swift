// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryModel
import CanaryPages
import CanaryText

/// Renders responses: each once for a change of history, however many clients request it.
actor RenderCoordinator {
    private struct Rendering: Hashable {
        let address: SiteAddress
        let version: ResponseCache.ContentVersion
    }

    private nonisolated let publication: Publication
    private nonisolated let pages: PageRenderer
    nonisolated let cache: ResponseCache
    private var inFlight: [Rendering: Task<CachedResponse?, any Error>] = [:]

    /// The variants of the stack.
    nonisolated let variants: Set<String>

    init(publication: Publication, logs: AttemptLogs, cache: ResponseCache) {
        self.publication = publication
        self.cache = cache
        variants = Set(publication.stack.variants.map(\.name))
        pages = PageRenderer(publication: publication, logs: logs, site: .server)
    }

    /// An error page that lies `depth` folders below the root.
    nonisolated func problem(_ status: Int, _ text: String, depth: Int) async throws -> String {
        try await pages.problem(status, text, depth: depth)
    }

    /// The metrics of history and of the server.
    nonisolated func metrics(requests: Int, streams: Int) async throws -> String {
        var metrics = try await publication.metrics()
        metrics.family("canary_http_requests_total", "counter", "requests answered since the server started")
        metrics.add("canary_http_requests_total", [:], Double(requests))
        metrics.family("canary_http_streams", "gauge", "open streams")
        metrics.add("canary_http_streams", [:], Double(streams))
        return metrics.text
    }

    /// The present content of `address`; nil if nothing exists there.
    nonisolated func response(at address: SiteAddress) async throws -> CachedResponse? {
        switch cache.lookUp(address) {
        case .found(let response): return response
        case .missing(let version): return try await render(Rendering(address: address, version: version))
        }
    }

    private func render(_ rendering: Rendering) async throws -> CachedResponse? {
        if let task = inFlight[rendering] { return try await task.value }
        // Unstructured: the first client may disconnect while others wait.
        let task = Task { try await content(of: rendering.address) }
        inFlight[rendering] = task
        defer { inFlight[rendering] = nil }
        let response = try await task.value
        cache.store(response, at: rendering.address, of: rendering.version)
        return response
    }

    private nonisolated func content(of address: SiteAddress) async throws -> CachedResponse? {
        switch address {
        case .status: CachedResponse(.json, try await publication.status().json())
        case .feed: CachedResponse(.json, try await publication.news().json())
        case .graph: CachedResponse(.json, try GraphDocument(publication.stack.graph).json())
        case .lock(let variant): try await lock(variant)
        case .badge(let job): try await publication.badges()[job].map { CachedResponse(.json, try $0.json()) }
        case .run(let id): try await publication.run(id).map { CachedResponse(.json, try $0.json()) }
        case .request(let id): try await request(id)
        case .index, .style, .script, .job, .runPage, .attempt, .search: try await pages.response(at: address)
        case .log, .requests, .events, .metrics, .health: nil
        }
    }

    private nonisolated func lock(_ variant: String) async throws -> CachedResponse? {
        guard publication.stack.variant(variant) != nil, let lock = try await publication.lastKnownGood(of: variant)
        else {
            return nil
        }
        return CachedResponse(.json, try lock.json())
    }

    private nonisolated func request(_ id: String) async throws -> CachedResponse? {
        guard let record = try await publication.history?.requests.request(id) else { return nil }
        return CachedResponse(.json, try RequestDocument(record).json())
    }
}
