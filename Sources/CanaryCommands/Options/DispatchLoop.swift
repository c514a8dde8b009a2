// SPDX-License-Identifier: Apache-2.0

import CanaryEngine
import CanaryNotifications
import Foundation

/// Takes notices to their receivers for as long as a daemon lives: when there is something new, and when something
/// that was not taken is due again.
struct DispatchLoop: Sendable {
    private let courier: NoticeDispatcher
    private let isQuiet: Bool
    private let calls: AsyncStream<Void>
    private let call: AsyncStream<Void>.Continuation

    /// Nobody looks at the outbox of a daemon that is not told of anything for longer than this, in seconds.
    private static let longest = 300.0

    init(_ courier: NoticeDispatcher, isQuiet: Bool) {
        self.courier = courier
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
            let report = try await courier.deliver(at: Date())
            for line in report.lines where !isQuiet { Console.note(line) }
            return min(Self.longest, max(1, report.next?.timeIntervalSinceNow ?? Self.longest))
        } catch {
            Console.note("\(error)")
            return 30
        }
    }
}
