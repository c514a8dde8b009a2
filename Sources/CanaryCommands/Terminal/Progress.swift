// SPDX-License-Identifier: Apache-2.0

import CanaryEngine
import CanaryHistory
import CanaryJudge
import CanaryModel
import CanaryText
import Foundation

/// Shows a run in progress: one live line per running attempt on a terminal, plain lines elsewhere.
actor Progress {
    private struct Line {
        let attempt: RunningAttempt
        var stage: Stage = .fetch
    }

    private let isQuiet: Bool
    private let isLive: Bool
    private let hasColour: Bool
    private var running: [Line] = []
    private var drawn = 0
    private var isOver = false

    init(isQuiet: Bool, isLive: Bool, hasColour: Bool) {
        self.isQuiet = isQuiet
        self.isLive = isLive && !isQuiet
        self.hasColour = hasColour
    }

    /// Shows `events` until they end.
    func show(_ events: AsyncStream<RunEvent>) async {
        async let ticking: Void = tick()
        for await event in events { note(event) }
        isOver = true
        erase()
        await ticking
    }

    /// Redraws the elapsed times on a terminal, five times a second.
    private func tick() async {
        guard isLive else { return }
        while !isOver {
            redraw()
            try? await Task.sleep(for: .milliseconds(200))
        }
    }

    private func note(_ event: RunEvent) {
        switch event {
        case .began(let run, let projects): say("run \(run): resolving \(projects.counting("project"))")
        case .planned(let plan):
            say("\(plan.builds.count.counting("build")) to make for \(plan.jobs.count.counting("job"))")
        case .attemptStarted(let attempt): start(attempt)
        case .stageStarted(let id, let stage): enter(stage, of: id)
        case .attemptFinished(let id, let outcome, let seconds): finish(id, outcome, seconds)
        case .decided(let job): decide(job)
        case .retrying(let count): say("retrying \(count.counting("build")) that failed for infrastructure reasons")
        case .moved(let transition): say("\(transition.job): \(transition.from.rawValue) -> \(transition.to.rawValue)")
        case .ended: break
        }
    }

    private func start(_ attempt: RunningAttempt) {
        running.append(Line(attempt: attempt))
        let expected = attempt.expected.map { ", expected \($0.durationText)" } ?? ""
        let (purpose, reason) = (attempt.purpose.rawValue, attempt.reason.code.rawValue)
        let why = attempt.purpose == .first || purpose == reason ? reason : "\(purpose), \(reason)"
        say("\(name(of: attempt)): building (\(why)\(expected)) \(attempt.attempt)")
    }

    private func enter(_ stage: Stage, of id: String) {
        guard let index = running.firstIndex(where: { $0.attempt.attempt == id }) else { return }
        running[index].stage = stage
    }

    private func finish(_ id: String, _ outcome: Outcome, _ seconds: Double) {
        guard let index = running.firstIndex(where: { $0.attempt.attempt == id }) else { return }
        let attempt = running.remove(at: index).attempt
        let error = outcome.firstError.map { ": \($0.spoken)" } ?? ""
        let stage = outcome.stage.map { " in \($0.rawValue)" } ?? ""
        let result = coloured(outcome.result.rawValue, outcome.result)
        say("\(name(of: attempt)): \(result)\(stage) after \(seconds.durationText)\(error)")
    }

    private func decide(_ job: PlannedJob) {
        guard job.reason.code != .notSelected, job.action == .blocked || job.action == .skip else { return }
        say("\(job.job): \(job.action.rawValue): \(job.reason.detail)")
    }

    private func name(of attempt: RunningAttempt) -> String {
        guard let job = attempt.jobs.first else { return "\(attempt.project)@\(attempt.variant) (support)" }
        return attempt.jobs.count == 1 ? job.description : "\(job) (+\(attempt.jobs.count - 1))"
    }

    // MARK: - Drawing

    private func say(_ text: String) {
        guard !isQuiet else { return }
        erase()
        Console.note(text)
        if isLive { redraw() }
    }

    private func erase() {
        guard drawn > 0 else { return }
        Console.write(String(repeating: "\u{1B}[1A\u{1B}[2K", count: drawn))
        drawn = 0
    }

    private func redraw() {
        erase()
        let lines = running.map { String(live($0).prefix(Console.width - 1)) }
        guard !lines.isEmpty else { return }
        Console.write(lines.joined(separator: "\n") + "\n")
        drawn = lines.count
    }

    private func live(_ line: Line) -> String {
        let elapsed = Date().timeIntervalSince(line.attempt.startedAt).durationText
        let expected = line.attempt.expected.map { " of about \($0.durationText)" } ?? ""
        return "  \(name(of: line.attempt))  \(line.stage.rawValue)  \(elapsed)\(expected)"
    }

    private func coloured(_ text: String, _ result: Result) -> String {
        guard hasColour else { return text }
        let colour = result == .passed ? 32 : result.isFailure ? 31 : 33
        return "\u{1B}[\(colour)m\(text)\u{1B}[0m"
    }
}
