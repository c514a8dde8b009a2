// SPDX-License-Identifier: Apache-2.0

package import CanaryEngine
import Logging
import ServiceLifecycle

/// The parts of a server, which run and end together.
package struct ServingGroup: Sendable {
    /// One part; it ends soon after `stop` is raised or the group ends gracefully.
    package typealias Part = @Sendable () async throws -> Void

    private struct Member: Service {
        let part: Part
        let stop: StopSignal

        func run() async throws {
            do { try await part() } catch {
                // The other parts end as usual.
                stop.raise()
                throw error
            }
            // A part that was asked to end waits for the others.
            try? await gracefulShutdown()
        }
    }

    /// Runs `parts` until `stop` is raised, then calls `ending` and waits for all of them; the first error ends all.
    package static func run(
        _ parts: [Part], until stop: StopSignal, ending: @escaping @Sendable () -> Void = {}
    ) async throws {
        var logger = Logger(label: "canary.serve")
        logger.logLevel = .critical
        // No signal handling here: child processes would inherit the ignored signals.
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: parts.map { Member(part: $0, stop: stop) }, logger: logger))
        let raised = AsyncStream.makeStream(of: Void.self)
        try await stop.watching({ raised.continuation.yield() }) {
            async let ended: Void = end(group, when: raised.stream, ending)
            do {
                try await group.run()
            } catch {
                raised.continuation.finish()
                await ended
                throw error
            }
            raised.continuation.finish()
            await ended
        }
    }

    private static func end(
        _ group: ServiceGroup, when raised: AsyncStream<Void>, _ ending: @Sendable () -> Void
    ) async {
        for await _ in raised {
            ending()
            await group.triggerGracefulShutdown()
        }
    }
}
