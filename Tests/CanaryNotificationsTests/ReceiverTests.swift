// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryJudge
import CanaryModel
import CanaryNotifications
import CanaryTestSupport
import Foundation
import Glibc
import Testing

@Suite("Receivers", .timeLimit(.minutes(1)))
struct ReceiverTests {
    // MARK: - Secrets

    @Test func `report all secrets that are not set or not usable, by name and never by value`() throws {
        let targets: [NotifyTarget] = [
            .webhook(), .issues, NotifyTarget(name: "file", kind: .file("x")),
            NotifyTarget(name: "second", kind: .webhook(format: .slack, urlVariable: "SLACK_URL")),
        ]
        let receivers = Receivers(
            folder: "/", environment: ["SLACK_URL": "https://not.a.secret"],
            secrets: ["CHAT_URL": "s3cret", "GITHUB_TOKEN": ""])
        let error = #expect(throws: MissingSecrets.self) { try receivers.open(targets) }
        #expect(
            error?.description == """
                the receiver `chat` needs `CHAT_URL`: its value does not begin with `https://` or `http://`
                the receiver `issues` needs `GITHUB_TOKEN`: it is not set
                the receiver `second` needs `SLACK_URL`: it is not set
                hint: set it in the environment of this process; manifests only name it
                """)
    }

    @Test func `refuse a token that would end its header`() throws {
        let receivers = Receivers(folder: "/", environment: [:], secrets: ["GITHUB_TOKEN": "a\r\nX: y"])
        #expect(throws: MissingSecrets.self) { try receivers.open([.issues]) }
    }

    // MARK: - Webhooks

    @Test func `of Slack get text without mentions`() async throws {
        let server = try LocalServer { _, _ in .status(200, body: "ok") }
        let box = try Outbox([.webhook(.slack)], server: server)
        try await box.put([try notice(error: FirstError(text: "<!channel> & <@U1>"))])
        try await box.deliver()
        let json = try #require(server.requests.first?.json)
        let text = try #require(json["text"] as? String)
        #expect(text.contains("first error: &lt;!channel&gt; &amp; &lt;@U1&gt;"))
        #expect(json["mrkdwn"] as? Bool == false && json["link_names"] as? Bool == false)
    }

    @Test func `of Discord get at most 2000 characters without mentions`() async throws {
        let server = try LocalServer { _, _ in .status(204) }
        let box = try Outbox([.webhook(.discord)], server: server)
        try await box.put([try notice(error: FirstError(text: String(repeating: "@everyone ", count: 1000)))])
        try await box.put(try (1...40).map { try notice(.suspected, run: "r\($0)") })
        try await box.deliver()
        try await box.deliver(1440)
        #expect(server.requests.count == 2)
        for request in server.requests {
            let content = try #require(request.json["content"] as? String)
            #expect(content.unicodeScalars.count <= 2000)
            #expect((request.json["allowed_mentions"] as? [String: [String]])?["parse"] == [])
        }
    }

    // MARK: - Files

    @Test func `of kind file get a line per batch, even after an incomplete line`() async throws {
        let folder = TemporaryFolder()
        let path = folder.path + "/notices.jsonl"
        try Data("{\"torn".utf8).write(to: URL(fileURLWithPath: path))
        let target = NotifyTarget(name: "file", kind: .file("notices.jsonl"))
        let box = try Outbox([target], folder: folder.path)
        try await box.put([try notice(), try notice(.stale, run: "r2")])
        try await box.deliver()
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 3)
        let keys = try lines.dropFirst().map { line in
            try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])["key"] as? String
        }
        #expect(keys == ["aswf:page:e1-n1", "aswf:stale:openusd@vfx2026/head:r2"])
    }

    @Test func `of kind file that cannot be written are tried again`() async throws {
        let box = try Outbox([NotifyTarget(name: "file", kind: .file("/nowhere/x"))])
        try await box.put([try notice()])
        #expect(try await box.deliver().errors == ["`/nowhere/x` cannot be opened: No such file or directory"])
    }

    // MARK: - Commands

    private func command(_ script: String, in folder: TemporaryFolder, timeout: Duration = .seconds(30)) throws
        -> Outbox
    {
        let target = NotifyTarget(name: "local", kind: .command(["/bin/sh", "-c", script]))
        return try Outbox([target, .webhook()], folder: folder.path, timeout: timeout)
    }

    private func deliverOne(_ box: Outbox) async throws -> DeliveryAttempt? {
        try await box.history.outbox.put([OutboxEntry(receiver: "local", notice: try notice())])
        return try await box.deliver().attempts.first
    }

    @Test func `of kind command get JSON on standard input, the stack's folder, and no secret`() async throws {
        let folder = TemporaryFolder()
        let box = try command("cat > got.json; env > env; exec sleep 0", in: folder)
        #expect(try await deliverOne(box)?.error == nil)
        let data = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/got.json"))
        let json = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(json["key"] as? String == "aswf:page:e1-n1")
        let environment = try String(contentsOfFile: folder.path + "/env", encoding: .utf8)
        #expect(environment.contains("CANARY_NOTICE_KEY=aswf:page:e1-n1") && environment.contains("PATH="))
        #expect(!environment.contains("CHAT_URL"))
    }

    @Test func `of kind command may read nothing and print a lot`() async throws {
        let folder = TemporaryFolder()
        let box = try command("head -c 1000000 /dev/zero; head -c 1000000 /dev/zero >&2", in: folder)
        #expect(try await deliverOne(box)?.error == nil)
    }

    @Test func `of kind command that fail are tried again`() async throws {
        let folder = TemporaryFolder()
        let box = try command("printf 'no \\033[31mroute\\n' >&2; exit 75", in: folder)
        #expect(try await deliverOne(box)?.error == "`/bin/sh` ended with 75: no route")
    }

    @Test func `of kind command that do not exist are refused`() async throws {
        let target = NotifyTarget(name: "local", kind: .command(["no-such-program"]))
        let box = try Outbox([target])
        let error = try await deliverOne(box)?.error
        #expect(error?.hasPrefix("`no-such-program` ended with 127: ") == true)
    }

    @Test func `of kind command may finish in the background, as mailers do`() async throws {
        let folder = TemporaryFolder()
        let box = try command("(sleep 0.3; touch sent) & exit 0", in: folder)
        #expect(try await deliverOne(box)?.error == nil)
        #expect(FileManager.default.fileExists(atPath: folder.path + "/sent"))
    }

    @Test func `of kind command that hang are killed, with everything they started`() async throws {
        let folder = TemporaryFolder()
        let box = try command("trap '' TERM; sleep 60 & echo $! > child; wait; wait", in: folder, timeout: .seconds(1))
        #expect(try await deliverOne(box)?.error == "`/bin/sh` did not end within 1 s")
        let child = try String(contentsOfFile: folder.path + "/child", encoding: .utf8)
        let pid = try #require(pid_t(child.trimmingCharacters(in: .whitespacesAndNewlines)))
        let state = (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)) ?? " Z "
        #expect(state.contains(" Z "), "nothing of it runs")
    }
}
