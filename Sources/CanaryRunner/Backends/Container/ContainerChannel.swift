// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import Dispatch
import Foundation
import Glibc
import Synchronization

/// Our ends of the pipes to the entry point in a container.
///
/// What a stage prints is logged before its end is reported, because the entry point reports it after the last byte. None
/// of this goes through the engine.
final class ContainerChannel: Sendable {
    /// A message.
    enum Word: Hashable, Sendable {
        /// The entry point waits for orders.
        case hello
        /// A stage ended with this status of the shell; `oomKills` counts from the container's start.
        case ended(status: Int, oomKills: Int)
        /// The engine reports that the container is gone; nothing follows.
        case gone
        /// A wait timed out.
        case late(Wait)
    }

    /// What is waited for.
    enum Wait: Hashable, Sendable {
        case start
        case end
    }

    private struct Sending {
        var orders: Int32
        var signals: Int32
        var stage: Int?
        var isEnding = false
    }

    /// The messages, in order.
    let words = AsyncMailbox<Word>()
    private let sending: Mutex<Sending>
    private let ending: Int32
    private let log: LogWriter
    private let clock: OutputClock

    /// Makes the pipes in `folder`, which exists, and listens until `engineEnded`.
    ///
    /// - Throws: `RunnerFailure`.
    init(folder: String, log: LogWriter, clock: OutputClock) throws(RunnerFailure) {
        var files: [ContainerEntrypoint.Pipe: Int32] = [:]
        for pipe in ContainerEntrypoint.Pipe.allCases { files[pipe] = try Self.open("\(folder)/\(pipe.rawValue)") }
        ending = try Self.open(folder + ".gone")
        self.log = log
        self.clock = clock
        sending = Mutex(Sending(orders: files[.orders] ?? -1, signals: files[.signals] ?? -1))
        let listener = Listener(
            output: files[.output] ?? -1, answers: files[.answers] ?? -1, gone: ending, channel: self)
        // A thread, because a flood of output must not block the threads of tasks.
        Thread.detachNewThread { listener.listen() }
    }

    /// For reading and writing, so that neither side waits for the other, and so that what is written stays.
    private static func open(_ path: String) throws(RunnerFailure) -> Int32 {
        guard mkfifo(path, 0o600) == 0 else { throw failure("cannot create the pipe `\(path)`") }
        let file = Glibc.open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else { throw failure("cannot open the pipe `\(path)`") }
        _ = fcntl(file, setPipeSize, Int32(Listener.pipeCapacity))
        return file
    }

    /// Takes the pipes' names away: who has them open keeps them, and nobody else can open them.
    static func removeNames(in folder: String) {
        for pipe in ContainerEntrypoint.Pipe.allCases { unlink("\(folder)/\(pipe.rawValue)") }
    }

    /// `F_SETPIPE_SZ`, which has no name here.
    private static let setPipeSize: Int32 = 1031

    private static func failure(_ what: String) -> RunnerFailure {
        let code = errno
        return RunnerFailure(
            reason: code == ENOSPC ? .environmentDiskFull : .environmentEngine,
            detail: "\(what): \(String(cString: strerror(code)).lowercased())")
    }

    // MARK: Sending

    /// Lets the entry point start the next stage.
    func go() {
        sending.withLock { sending in
            sending.stage = nil
            Self.write("go\n", to: sending.orders)
        }
    }

    /// Asks the stage to end, and ends the container if the stage has not ended after `grace`.
    func end(after grace: Duration) {
        sending.withLock { sending in
            sending.isEnding = true
            Self.terminate(sending)
        }
        let time = grace.components
        let seconds = Double(time.seconds) + Double(time.attoseconds) / 1e18
        DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { [weak self] in self?.hangUp() }
    }

    /// Makes the entry point end, and the container with it.
    func hangUp() {
        sending.withLock { sending in
            for file in [sending.orders, sending.signals] where file >= 0 { close(file) }
            sending.orders = -1
            sending.signals = -1
        }
    }

    /// Call once, when the container is gone: reads what is still in the pipes, then posts `gone`.
    func engineEnded() {
        Self.write("gone", to: ending)
    }

    /// Posts `late` if `wait` lasts longer than `limit`.
    func limit(_ wait: Wait, to limit: Duration) {
        let seconds = Double(limit.components.seconds) + Double(limit.components.attoseconds) / 1e18
        DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { [weak self] in self?.words.post(.late(wait)) }
    }

    private static func terminate(_ sending: Sending) {
        if let stage = sending.stage { write("TERM \(stage)\n", to: sending.signals) }
    }

    private static func write(_ text: String, to file: Int32) {
        if file >= 0 { _ = Glibc.write(file, text, text.utf8.count) }
    }

    // MARK: Hearing

    fileprivate func printed(_ bytes: UnsafeRawBufferPointer) {
        log.append(bytes)
        clock.touch()
    }

    /// Handles one answer of the entry point.
    fileprivate func answered(_ line: some StringProtocol, drain: () -> Void) {
        let parts = line.split(separator: " ")
        let numbers = parts.dropFirst().compactMap { Int($0) }
        switch (parts.first, numbers.count) {
        case ("hello", 0): words.post(.hello)
        case ("began", 1):
            sending.withLock { sending in
                sending.stage = numbers[0]
                if sending.isEnding { Self.terminate(sending) }
            }
        case ("ended", 1...):
            drain()
            words.post(.ended(status: numbers[0], oomKills: numbers.dropFirst().max() ?? 0))
        default: break
        }
    }
}

/// Reads the pipes on a thread of its own.
private final class Listener: Sendable {
    /// What can have been printed before the end of a stage and not be read yet; what flows on has no end.
    static let pipeCapacity = 1 << 20

    private let output: Int32
    private let answers: Int32
    private let gone: Int32
    private let channel: ContainerChannel

    init(output: Int32, answers: Int32, gone: Int32, channel: ContainerChannel) {
        self.output = output
        self.answers = answers
        self.gone = gone
        self.channel = channel
    }

    func listen() {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 1)
        defer { buffer.deallocate() }
        var line = ""
        while true {
            var waits = [output, answers, gone].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            guard poll(&waits, nfds_t(waits.count), -1) >= 0 || errno == EINTR else { break }
            if waits[0].revents != 0 { _ = read(into: buffer) }
            if waits[1].revents != 0 { hear(&line, buffer) }
            if waits[2].revents != 0 {
                while hear(&line, buffer) {}
                drain(buffer)
                break
            }
        }
        for file in [output, answers, gone] { close(file) }
        channel.words.post(.gone)
    }

    private func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = Glibc.read(output, buffer.baseAddress, buffer.count)
        if count > 0 { channel.printed(UnsafeRawBufferPointer(rebasing: buffer[..<count])) }
        return count
    }

    private func drain(_ buffer: UnsafeMutableRawBufferPointer) {
        var rest = Self.pipeCapacity
        while rest > 0 {
            let count = read(into: buffer)
            guard count > 0 else { return }
            rest -= count
        }
    }

    /// Reads answers; true when there were some.
    @discardableResult
    private func hear(_ line: inout String, _ buffer: UnsafeMutableRawBufferPointer) -> Bool {
        var answer = [UInt8](repeating: 0, count: 4096)
        let count = Glibc.read(answers, &answer, answer.count)
        guard count > 0 else { return false }
        line += String(decoding: answer[..<count], as: UTF8.self)
        while let end = line.firstIndex(of: "\n") {
            channel.answered(line[..<end]) { drain(buffer) }
            line = String(line[line.index(after: end)...])
        }
        line = String(line.suffix(100))
        return true
    }
}
