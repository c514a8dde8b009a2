// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

/// One run of a receiver's program, with all the processes it starts.
enum NoticeProcess {
    /// What came of a run.
    struct End: Sendable {
        /// The exit status; 128 and the signal for one that was killed.
        let status: Int32
        let isOutOfTime: Bool
        /// The last words on standard error.
        let errors: String
    }

    /// Why a program could not be started.
    struct Trouble: Error {
        let text: String
    }

    private static let grace = Duration.milliseconds(500)
    private static let errorsKept = 2000

    /// Runs `words` in a process group of its own with `input` as standard input.
    ///
    /// What it leaves in the background may go on until `limit`, as mailers do; then the whole group ends.
    static func run(
        _ words: [String], in folder: String, environment: [String: String], input: [UInt8], within limit: Duration
    ) async throws(Trouble) -> End {
        // Files, not pipes: a program that reads nothing or prints much blocks nobody.
        let (stdin, stderr) = (try scratch(input), try scratch([]))
        defer {
            close(stdin)
            close(stderr)
        }
        let leader = try start(words, in: folder, environment: environment, stdin: stdin, stderr: stderr)
        let isOutOfTime = await supervise(leader, within: limit)
        var status: Int32 = 0
        while waitpid(leader, &status, 0) < 0 && errno == EINTR {}
        let code = status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
        return End(status: code, isOutOfTime: isOutOfTime, errors: tail(stderr))
    }

    private static func start(
        _ words: [String], in folder: String, environment: [String: String], stdin: CInt, stderr: CInt
    ) throws(Trouble) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, stdin, 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, stderr, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var (none, all) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        // The words are arguments: the shell only goes to the folder.
        var arguments = (["/bin/sh", "-c", #"cd -- "$0" && exec "$@""#, folder] + words).map { strdup($0) }
        var variables = environment.map { strdup("\($0.key)=\($0.value)") }
        defer { (arguments + variables).forEach { free($0) } }
        arguments.append(nil)
        variables.append(nil)
        var pid: pid_t = 0
        let code = posix_spawn(&pid, "/bin/sh", &actions, &attributes, arguments, variables)
        guard code == 0 else {
            throw Trouble(text: "`\(words.first ?? "")` cannot be started: \(String(cString: strerror(code)))")
        }
        return pid
    }

    /// Returns when the group of `leader` has ended, by itself or by us, and its leader is not reaped yet.
    ///
    /// - Returns: whether the leader had to be ended.
    private static func supervise(_ leader: pid_t, within limit: Duration) async -> Bool {
        let deadline = ContinuousClock.now + limit
        var isOutOfTime = false
        var killsAt: ContinuousClock.Instant?
        while true {
            let hasEnded = hasEnded(leader)
            if hasEnded && !isAlive(group: leader) { break }
            let now = ContinuousClock.now
            if let killsAt, now >= killsAt {
                kill(-leader, SIGKILL)
            } else if killsAt == nil && (now >= deadline || Task.isCancelled) {
                isOutOfTime = !hasEnded
                kill(-leader, SIGTERM)
                killsAt = now + grace
            }
            await pause()
        }
        // Its number is still ours: the leader is not reaped.
        kill(-leader, SIGKILL)
        return isOutOfTime
    }

    private static func pause() async {
        // A cancelled task does not sleep.
        if Task.isCancelled { usleep(5000) } else { try? await Task.sleep(for: .milliseconds(10)) }
    }

    private static func hasEnded(_ leader: pid_t) -> Bool {
        var state = siginfo_t()
        return waitid(P_PID, id_t(leader), &state, WEXITED | WNOWAIT | WNOHANG) != 0 || state.si_signo == SIGCHLD
    }

    /// Whether any process of the group runs; one that only waits to be reaped does not.
    private static func isAlive(group: pid_t) -> Bool {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.contains { name in
            guard pid_t(name) != nil, let text = try? String(contentsOfFile: "/proc/\(name)/stat", encoding: .utf8),
                let end = text.lastIndex(of: ")")
            else { return false }
            let fields = text[text.index(after: end)...].split(separator: " ")
            return fields.count > 2 && fields[2] == "\(group)" && fields[0] != "Z" && fields[0] != "X"
        }
    }

    /// A file without a name that holds `content`, to be read from its beginning.
    private static func scratch(_ content: [UInt8]) throws(Trouble) -> CInt {
        let folder = NSTemporaryDirectory()
        let path = "\(folder)/canary-notice-\(UUID().uuidString)"
        let file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            let why = String(cString: strerror(errno))
            throw Trouble(text: "no temporary file can be made in `\(folder)`: \(why); make room, or set TMPDIR")
        }
        unlink(path)
        var rest = content[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
            guard count > 0 else {
                let why = String(cString: strerror(errno))
                close(file)
                throw Trouble(text: "a file in `\(folder)` cannot be written: \(why); make room, or set TMPDIR")
            }
            rest.removeFirst(count)
        }
        lseek(file, 0, SEEK_SET)
        return file
    }

    private static func tail(_ file: CInt) -> String {
        let size = lseek(file, 0, SEEK_END)
        var bytes = [UInt8](repeating: 0, count: errorsKept)
        let count = pread(file, &bytes, errorsKept, max(0, size - off_t(errorsKept)))
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
}
