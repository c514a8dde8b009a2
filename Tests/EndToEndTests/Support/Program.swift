// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Synchronization
import Testing

/// A program started in a process group of its own, its output in files; neither threads nor pipes are held.
final class Program: Sendable {
    let pid: pid_t
    private let name: String
    private let outPath: String
    private let errPath: String
    private let ended = Mutex<Int32?>(nil)

    /// Starts `words[0]` of `PATH` in `folder` with exactly these variables; standard input is `input` or empty.
    init(_ words: [String], in folder: String, environment: [String: String], logs: String, input: String? = nil) throws
    {
        name = words.joined(separator: " ")
        let id = UUID().uuidString
        (outPath, errPath) = ("\(logs)/\(id).out", "\(logs)/\(id).err")
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, input ?? "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, outPath, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        posix_spawn_file_actions_addopen(&actions, 2, errPath, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Whoever starts the tests may ignore or block signals; the program begins as from a shell.
        var (none, all) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        posix_spawnattr_setflags(&attributes, Int16(flags))
        // `env -C`, because Glibc's spawn action for it is not visible to Swift.
        var arguments = (["/usr/bin/env", "-C", folder] + words).map { strdup($0) }
        var variables = environment.map { strdup("\($0.key)=\($0.value)") }
        defer { (arguments + variables).forEach { free($0) } }
        arguments.append(nil)
        variables.append(nil)
        var pid: pid_t = 0
        let code = posix_spawn(&pid, "/usr/bin/env", &actions, &attributes, arguments, variables)
        try #require(code == 0, "cannot start \(words[0]): \(String(cString: strerror(code)))")
        self.pid = pid
    }

    /// What it printed so far on standard error.
    var errorsSoFar: String { text(errPath) }
    /// What it printed so far on standard output.
    var outputSoFar: String { text(outPath) }

    /// Whether it still runs.
    var isRunning: Bool {
        ended.withLock { ended in
            guard ended == nil else { return false }
            var status: Int32 = 0
            guard waitpid(pid, &status, WNOHANG) == pid else { return true }
            ended = status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
            return false
        }
    }

    /// Waits until `condition` holds while the program runs.
    func until(location: SourceLocation = #_sourceLocation, _ condition: () -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while !condition() {
            let isWaiting = isRunning && ContinuousClock.now < deadline
            try #require(
                isWaiting, "`\(name)` (runs: \(isRunning)) said:\n\(errorsSoFar)\(outputSoFar)",
                sourceLocation: location)
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    func send(_ signal: Int32) { kill(pid, signal) }

    /// Waits for its end; after `seconds` its whole group is killed and the test fails.
    func end(within seconds: Double = 60, location: SourceLocation = #_sourceLocation) async throws -> Ended {
        let deadline = ContinuousClock.now + .seconds(seconds)
        var pause = Duration.milliseconds(1)
        while isRunning {
            if ContinuousClock.now > deadline {
                kill(-pid, SIGKILL)
                while isRunning { try await Task.sleep(for: .milliseconds(5)) }
                Issue.record("`\(name)` did not end within \(seconds) s:\n\(errorsSoFar)", sourceLocation: location)
            } else {
                try await Task.sleep(for: pause)
                pause = min(pause * 2, .milliseconds(10))
            }
        }
        let output = FileManager.default.contents(atPath: outPath) ?? Data()
        return Ended(words: name, status: Int(ended.withLock { $0 ?? -1 }), data: output, errors: errorsSoFar)
    }
}

/// A program that ended.
struct Ended: CustomTestStringConvertible {
    let words: String
    /// The exit status, or 128 + signal.
    let status: Int
    let data: Data
    let errors: String

    var output: String { String(decoding: data, as: UTF8.self) }
    var testDescription: String {
        "`\(words)` exit \(status)\n--- stdout\n\(output.prefix(4000))\n--- stderr\n\(errors.prefix(4000))"
    }

    /// The JSON document on standard output, held against the contract.
    func document(location: SourceLocation = #_sourceLocation) throws -> JSON {
        guard let document = try? JSONDecoder().decode(JSON.self, from: data) else {
            Issue.record("no JSON: \(testDescription)", sourceLocation: location)
            throw NoDocument()
        }
        let problems = Contract.problems(of: document)
        #expect(problems == [], sourceLocation: location)
        return document
    }

    /// Fails the test when the exit status is another one.
    @discardableResult
    func expect(_ status: Int, location: SourceLocation = #_sourceLocation) -> Ended {
        if self.status != status {
            Issue.record("expected exit \(status): \(testDescription)", sourceLocation: location)
        }
        return self
    }

    struct NoDocument: Error {}
}

func text(_ path: String) -> String {
    String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
}

/// The ids of living processes whose environment or command line speaks of `path`.
func processes(speakingOf path: String) -> [pid_t] {
    let needle = Data(path.utf8)
    return ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { pid_t($0) }.filter {
        pid in
        guard pid != getpid(), !text("/proc/\(pid)/stat").contains(") Z ") else { return false }
        return ["environ", "cmdline"].contains { file in
            FileManager.default.contents(atPath: "/proc/\(pid)/\(file)")?.range(of: needle) != nil
        }
    }
}
