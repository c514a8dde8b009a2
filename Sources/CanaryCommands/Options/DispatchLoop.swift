// SPDX-License-Identifier: Apache-2.0

import CanaryEngine
import CanaryNotifications
import Foundation

/// Delivers notices for as long as a daemon runs: when there are new ones, and when a failed delivery is due again.
struct DispatchLoop: Sendable {
    private let dispatcher: NoticeDispatcher
    private let isQuiet: Bool
    private let calls: AsyncStream<Void>
    private let call: AsyncStream<Void>.Continuation

    /// The maximum number of seconds between two rounds.
    private static let longest = 300.0

    init(_ dispatcher: NoticeDispatcher, isQuiet: Bool) {
        self.dispatcher = dispatcher
        self.isQuiet = isQuiet
        (calls, call) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Something may be due.
    func wake() { call.yield() }

    /// Works until `stop` is raised.
    func run(until stop: StopSignal) async throws {
        await stop.watching({ call.finish() }) {
            wake()
            var alarm: Task<Void, Never>?
            for await _ in calls {
                alarm?.cancel()
                let pause = await round()
                alarm = Task {
                    // A cancelled alarm must not ring.
                    if (try? await Task.sleep(for: .seconds(pause))) != nil { wake() }
                }
            }
            alarm?.cancel()
        }
    }

    /// - Returns: seconds until the next round.
    private func round() async -> Double {
        do {
            let report = try await dispatcher.deliver(at: Date())
            for line in report.lines where !isQuiet { Console.note(line) }
            return min(Self.longest, max(1, report.next?.timeIntervalSinceNow ?? Self.longest))
        } catch {
            Console.note("\(error)")
            return 30
        }
    }
}
