// SPDX-License-Identifier: Apache-2.0

package import CanaryHistory
package import CanaryModel
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import Synchronization

/// Serves the dashboard and the API of one stack over HTTP/1.1.
///
/// Renders each document once for each change of history, and writes nothing except requests.
package struct WebServer: Sendable {
    /// Where to listen, and who may send requests.
    package struct Settings: Sendable {
        /// A host name or an address of this machine.
        package var host = "127.0.0.1"
        /// 0 takes any free port.
        package var port = 8080
        /// More names under which the server may be addressed, besides `host`, the loopback's and that of `site-url`.
        package var hosts: [String] = []
        /// The bearer token of `POST /requests`; nil or empty refuses every request.
        package var token: String?
        /// The most connections at the same time; more wait in the kernel.
        package var connections = 2000

        /// Creates the defaults.
        package init() {}
    }

    private let settings: Settings
    private let responder: Responder
    private let subscribers: Subscribers
    private let cache: ResponseCache
    private let coordinator: RenderCoordinator

    /// How often history is checked for changes while streams are open.
    private static let pollInterval = Duration.milliseconds(250)
    /// How long connections may take to close when the server stops.
    private static let closingTime = Duration.milliseconds(1500)
    /// How long a connection may stay silent.
    private static let idleTimeout = TimeAmount.seconds(30)

    /// Creates a server of `history`; `inbox` is nil if requests are not accepted.
    ///
    /// - Throws: `HistoryError` if history cannot be watched.
    package init(
        stack: Stack, history: HistoryReader, logs: AttemptLogs, inbox: Inbox?, settings: Settings
    ) throws(HistoryError) {
        self.settings = settings
        subscribers = Subscribers()
        cache = ResponseCache(watch: try HistoryWatch(history))
        let publication = Publication(stack: stack, history: history)
        coordinator = RenderCoordinator(publication: publication, logs: logs, cache: cache)
        responder = Responder(
            coordinator: coordinator,
            streams: Streams(
                subscribers: subscribers, history: history, logReaders: LogReaderPool(logs: logs, history: history)),
            authenticator: BearerAuthenticator(token: settings.token), inbox: inbox, counts: RequestCounts(),
            hosts: AllowedHosts(listeningOn: settings.host, site: stack.siteURL, others: settings.hosts))
    }

    /// Whether `text` can be one of `Settings.hosts`: a name or an address, without scheme, port and path.
    package static func isHost(_ text: String) -> Bool { AllowedHosts.isName(text) }

    /// Listens until the surrounding service group shuts down or the task is cancelled.
    ///
    /// - Parameter listening: called with the port once connections are accepted.
    /// - Throws: `ServingError` if the address is not available.
    package func run(listening: @escaping @Sendable (_ port: Int) -> Void) async throws {
        var logger = Logger(label: "canary.http")
        logger.logLevel = .critical
        var http = HTTP1Channel.Configuration(
            additionalChannelHandlers: [HTTPVersions.Installer()], idleTimeout: Self.idleTimeout)
        http.httpDecoder = .init(maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 32 << 10, maxHeaderFieldCount: 100)
        let application = Application(
            responder: responder, server: .http1(configuration: http),
            configuration: ApplicationConfiguration(
                address: .hostname(settings.host, port: settings.port), serverName: nil, backlog: 1024,
                reuseAddress: true, availableConnectionsDelegate: .maximum(settings.connections, logger: logger)),
            onServerRunning: { channel in listening(channel.localAddress?.port ?? 0) }, logger: logger)
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await application.run() }
                group.addTask {
                    await watch()
                    try? await Task.sleep(for: Self.closingTime)
                }
                // Connections that are slow to close are cut off.
                defer { group.cancelAll() }
                try await group.next()
            }
        } catch let error as IOError {
            throw ServingError(host: settings.host, port: settings.port, code: error.errnoCode)
        }
    }

    /// Wakes open streams at each change, and renders the most requested addresses in advance, until streams end.
    private func watch() async {
        typealias Version = ResponseCache.ContentVersion
        var (notified, prepared, last) = (cache.version, Version.min, Version.min)
        var idleUntil = ContinuousClock.now
        while !Task.isCancelled, !subscribers.isClosed {
            try? await Task.sleep(for: Self.pollInterval)
            let now = cache.version
            if subscribers.count > 0 {
                if now != notified { subscribers.notifyAll() }
                notified = now
            }
            // While history keeps changing, nothing is rendered in advance.
            if now == last, now != prepared, idleUntil <= .now {
                prepared = now
                let duration = await ContinuousClock().measure { await prepare() }
                idleUntil = .now + duration * 20
            }
            last = now
        }
    }

    private func prepare() async {
        for address in [SiteAddress.index, .status] { _ = try? await coordinator.response(at: address) }
    }

    /// Ends all streams: clients see the end of the body.
    package func endStreams() { subscribers.close() }
}

/// The address to listen on is not available.
package struct ServingError: Error, Hashable, CustomStringConvertible {
    /// The requested host.
    package let host: String
    /// The requested port.
    package let port: Int
    /// The system's error number.
    package let code: Int32

    package var description: String {
        """
        cannot listen on `\(host):\(port)`: \(String(cString: strerror(code)).lowercased())
        hint: choose another address with `--host` and `--port`; `--port 0` takes any free port
        """
    }
}

/// Counts the answered requests.
final class RequestCounts: Sendable {
    private let answered = Atomic<Int>(0)

    var total: Int { answered.load(ordering: .relaxed) }

    func increment() { answered.wrappingAdd(1, ordering: .relaxed) }
}
