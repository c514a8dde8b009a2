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

/// The dashboard and the API of one stack, over HTTP/1.1.
///
/// Reads history through a connection of its own and makes each document once a change; writes nothing but requests.
package struct WebServer: Sendable {
    /// Where to listen, and whom to let in.
    package struct Settings: Sendable {
        /// A name or an address of this machine.
        package var host = "127.0.0.1"
        /// 0 takes any that is free.
        package var port = 8080
        /// The token that changes something; nil or empty: nobody may.
        package var token: String?
        /// Connections at a time; more wait in the kernel.
        package var connections = 2000

        /// Makes the defaults.
        package init() {}
    }

    private let settings: Settings
    private let responder: Responder
    private let subscribers: Subscribers
    private let shelf: ResponseCache
    private let pressroom: RenderCoordinator

    /// How often history is looked at for those who listen.
    private static let beat = Duration.milliseconds(250)
    /// For so long connections may take to close when the server ends.
    private static let patience = Duration.milliseconds(1500)
    /// For so long a connection may say nothing.
    private static let idle = TimeAmount.seconds(30)

    /// Makes a server of `history`; `inbox` is nil where requests are not taken.
    ///
    /// - Throws: `HistoryError` when history cannot be watched.
    package init(
        stack: Stack, history: HistoryReader, logs: AttemptLogs, inbox: Inbox?, settings: Settings
    ) throws(HistoryError) {
        self.settings = settings
        subscribers = Subscribers()
        shelf = ResponseCache(watch: try HistoryWatch(history))
        let feed = Feed(stack: stack, history: history)
        pressroom = RenderCoordinator(feed: feed, logs: logs, shelf: shelf)
        responder = Responder(
            pressroom: pressroom,
            streams: Streams(
                subscribers: subscribers, history: history, desk: LogReaderPool(logs: logs, history: history)),
            gate: BearerAuthenticator(token: settings.token), inbox: inbox, counts: RequestCounts())
    }

    /// Listens until the surrounding service group ends gracefully or the task is cancelled.
    ///
    /// - Parameter listening: called with the port once connections are taken.
    /// - Throws: `ServingError` when the address cannot be had.
    package func run(listening: @escaping @Sendable (_ port: Int) -> Void) async throws {
        var logger = Logger(label: "canary.http")
        logger.logLevel = .critical
        var http = HTTP1Channel.Configuration(idleTimeout: Self.idle)
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
                    try? await Task.sleep(for: Self.patience)
                }
                // Whoever is slow to close when the server ends is cut off.
                defer { group.cancelAll() }
                try await group.next()
            }
        } catch let error as IOError {
            throw ServingError(host: settings.host, port: settings.port, code: error.errnoCode)
        }
    }

    /// Tells those who listen of every change, and makes what most will ask for before they do, until streams end.
    private func watch() async {
        var (told, prepared, last) = (shelf.edition, ResponseCache.ContentVersion.min, ResponseCache.ContentVersion.min)
        var rested = ContinuousClock.now
        while !Task.isCancelled, !subscribers.isClosed {
            try? await Task.sleep(for: Self.beat)
            let now = shelf.edition
            if subscribers.count > 0 {
                if now != told { subscribers.ring() }
                told = now
            }
            // While history changes all the time nothing is made that nobody asked for.
            if now == last, now != prepared, rested <= .now {
                prepared = now
                let taken = await ContinuousClock().measure { await prepare() }
                rested = .now + taken * 20
            }
            last = now
        }
    }

    private func prepare() async {
        for address in [SiteAddress.index, .status] { _ = try? await pressroom.rendition(at: address) }
    }

    /// Ends all streams; those who follow see the end of the body.
    package func endStreams() { subscribers.close() }
}

/// The address to listen on cannot be had.
package struct ServingError: Error, Hashable, CustomStringConvertible {
    /// The host asked for.
    package let host: String
    /// The port asked for.
    package let port: Int
    /// The number the system gave.
    package let code: Int32

    package var description: String {
        """
        cannot listen on `\(host):\(port)`: \(String(cString: strerror(code)).lowercased())
        hint: `--host` and `--port` name another address; `--port 0` takes any that is free
        """
    }
}

/// How many requests were answered.
final class RequestCounts: Sendable {
    private let answered = Atomic<Int>(0)

    var total: Int { answered.load(ordering: .relaxed) }

    func note() { answered.wrappingAdd(1, ordering: .relaxed) }
}
