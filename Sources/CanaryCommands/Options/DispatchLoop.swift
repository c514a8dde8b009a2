// SPDX-License-Identifier: Apache-2.0

import CanaryEngine
import CanaryNotifications
import Foundation

/// Delivers notices for as long as a daemon runs: whenever `wake` is called, and when a failed delivery is due again.
struct DispatchLoop: Sendable {
    private let dispatcher: NoticeDispatcher
    private let isQuiet: Bool
    private let wakeUps: AsyncStream<Void>
    private let wakeUp: AsyncStream<Void>.Continuation

    /// The longest pause between two deliveries, in seconds.
    private static let longestPause = 300.0

    init(_ dispatcher: NoticeDispatcher, isQuiet: Bool) {
        self.dispatcher = dispatcher
        self.isQuiet = isQuiet
        (wakeUps, wakeUp) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Delivers soon, because a notice may be due.
    func wake() { wakeUp.yield() }

    /// Delivers until `stop` is raised.
    func run(until stop: StopSignal) async throws {
        await stop.watching({ wakeUp.finish() }) {
            wake()
            var timer: Task<Void, Never>?
            for await _ in wakeUps {
                timer?.cancel()
                let pause = await deliver()
                timer = Task {
                    // A cancelled timer must not wake the loop.
                    if (try? await Task.sleep(for: .seconds(pause))) != nil { wake() }
                }
            }
            timer?.cancel()
        }
    }

    /// Delivers what is due, and returns the seconds until the next delivery.
    private func deliver() async -> Double {
        do {
            let report = try await dispatcher.deliver(at: Date())
            for line in report.lines where !isQuiet { Console.note(line) }
            return min(Self.longestPause, max(1, report.next?.timeIntervalSinceNow ?? Self.longestPause))
        } catch {
            Console.note("\(error)")
            return 30
        }
    }
}
