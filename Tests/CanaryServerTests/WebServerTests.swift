// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryJudge
import CanaryModel
import CanaryServer
import CanaryTestSupport
import Foundation
import Testing

@Suite("WebServer") struct WebServerTests {
    @Test func `every route answers`() async throws {
        try await SiteFixture.with { fixture in
            try await fixture.run("r1", minute: 0, openexr: .passed, transitions: [(.unknown, .passing)])
            try await fixture.open("r2")
            try await fixture.attempt("a1", in: "r2")
            try "hello\n".write(toFile: fixture.log("a1"), atomically: false, encoding: .utf8)
            try await fixture.finish("a1")
            try await fixture.serving { (client: SiteClient) async throws in
                for (path, type, needle) in Self.routes {
                    let answer = try await client.get(path)
                    #expect(answer.status == 200, "\(path): \(answer.text)")
                    #expect(answer["Content-Type"]?.hasPrefix(type) == true, "\(path)")
                    #expect(answer.text.contains(needle), "\(path): \(answer.text.prefix(500))")
                    #expect(answer["X-Content-Type-Options"] == "nosniff", "\(path)")
                    #expect(answer["Content-Security-Policy"]?.contains("default-src 'none'") == true, "\(path)")
                    let head = try await client.send("HEAD", path)
                    #expect(head.status == 200 && head.body.isEmpty, "\(path)")
                    #expect(head["Content-Type"] == answer["Content-Type"], "\(path)")
                }
            }
        }
    }

    private static let routes = [
        ("/", "text/html", "openexr"), ("/index.html", "text/html", "openexr"), ("/style.css", "text/css", "{"),
        ("/script.js", "text/javascript", "events"), ("/status.json", "application/json", "canary.status/1"),
        ("/feed.json", "application/json", "jsonfeed.org/version/1.1"),
        ("/graph.json", "application/json", "canary.graph/1"),
        ("/lkg/vfx2026.json", "application/json", "canary.lkg/1"),
        ("/badge/openexr@vfx2026/head.json", "application/json", "schemaVersion"),
        ("/badge/openexr%40vfx2026/head.json", "application/json", "schemaVersion"),
        ("/runs/r1.json", "application/json", "canary.run/1"), ("/runs/r1", "text/html", "r1"),
        ("/jobs/openexr@vfx2026/head", "text/html", "openexr@vfx2026/head"),
        ("/jobs/openexr@vfx2026/head.html", "text/html", "openexr@vfx2026/head"),
        ("/attempts/a1", "text/html", "hello"), ("/attempts/a1/log", "text/plain", "hello"),
        ("/metrics", "text/plain", "canary_job_verdict"), ("/healthz", "text/plain", "fine"),
    ]

    @Test(arguments: [
        "/nothing", "/lkg/vfx2026.json", "/lkg/vfx2099.json", "/badge/nobody@vfx2026/head.json", "/runs/r9.json",
        "/attempts/a9/log", "/attempts/a9", "/jobs/nobody@vfx2026/head", "/searches/s1", "/requests/q9.json",
    ])
    func `a missing document is 404, as a document`(path: String) async throws {
        try await SiteFixture.with { fixture in
            try await fixture.serving { (client: SiteClient) async throws in
                let answer = try await client.get(path)
                #expect(answer.status == 404)
                #expect(answer.json["schema"] as? String == "canary.problem/1" && answer.json["status"] as? Int == 404)
                #expect(answer["X-Content-Type-Options"] == "nosniff")
            }
        }
    }

    @Test func `people get an error page`() async throws {
        try await SiteFixture.with { fixture in
            try await fixture.serving { (client: SiteClient) async throws in
                for path in ["/jobs/nobody@vfx2026/head", "/nothing/<script>", "/runs/r9"] {
                    let encoded = path.replacing("<", with: "%3C").replacing(">", with: "%3E")
                    let answer = try await client.get(encoded, ["Accept": "text/html,*/*;q=0.8"])
                    #expect(answer.status == 404 && answer["Content-Type"]?.hasPrefix("text/html") == true, "\(path)")
                    #expect(answer["Content-Security-Policy"]?.contains("script-src 'self'") == true)
                    #expect(answer.text.contains("../style.css"), "\(answer.text.prefix(400))")
                }
            }
        }
    }

    @Test func `an unchanged document is 304, a changed one is 200`() async throws {
        try await SiteFixture.with { fixture in
            try await fixture.run("r1", minute: 0, openexr: .passed)
            try await fixture.serving { (client: SiteClient) async throws in
                for path in ["/status.json", "/feed.json", "/lkg/vfx2026.json", "/runs/r1.json", "/graph.json", "/"] {
                    let tag = try #require(try await client.get(path)["ETag"], "\(path)")
                    for known in [tag, "W/\(tag)", "\"x\", \(tag)", "*"] {
                        let again = try await client.get(path, ["If-None-Match": known])
                        #expect(again.status == 304 && again.body.isEmpty && again["ETag"] == tag, "\(path) \(known)")
                    }
                    #expect(try await client.get(path, ["If-None-Match": "\"other\""]).status == 200)
                }
                let tag = try #require(try await client.get("/status.json")["ETag"])
                try await fixture.run("r2", minute: 5, openexr: .failed, transitions: [(.unknown, .suspected)])
                // History is looked at again after 10 ms at the latest.
                try await eventually {
                    let changed = try await client.get("/status.json", ["If-None-Match": tag])
                    return changed.status == 200 && changed["ETag"] != tag && changed.text.contains("suspected")
                }
            }
        }
    }

    @Test func `a change by another process is served`() async throws {
        try await SiteFixture.with { fixture in
            try await fixture.run("r1", minute: 0, openexr: .passed)
            let other = SiteFixture(
                root: fixture.root, stack: fixture.stack,
                history: try History.open(path: "\(fixture.root)/canary.sqlite", stack: "aswf"))
            try await fixture.serving { (client: SiteClient) async throws in
                #expect(try await client.get("/status.json").text.contains("suspected") == false)
                try await other.run("r2", minute: 5, openexr: .failed, transitions: [(.unknown, .suspected)])
                try await until { try await client.get("/status.json").text.contains("suspected") }
            }
        }
    }

    @Test func `bodies are compressed for clients that accept it`() async throws {
        try await SiteFixture.with { fixture in
            try await fixture.run("r1", minute: 0, openexr: .passed)
            try await fixture.serving { (client: SiteClient) async throws in
                let plain = try await client.get("/status.json", ["Accept-Encoding": "identity"])
                #expect(plain["Content-Encoding"] == nil)
                let request =
                    "GET /status.json HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAccept-Encoding: br, gzip\r\n\r\n"
                let bytes = await client.raw(Array(request.utf8))
                let end = try #require(bytes.firstRange(of: Array("\r\n\r\n".utf8)))
                let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
                #expect(head.lowercased().contains("content-encoding: gzip"))
                #expect(head.lowercased().contains("vary: accept-encoding"))
                let body = Array(bytes[end.upperBound...])
                #expect(body.starts(with: [0x1F, 0x8B]) && body.count < plain.body.count / 2)
                // URLSession decompresses it.
                let whole = try await client.get("/status.json", ["Accept-Encoding": "gzip"])
                #expect(whole.body == plain.body)
                for refusal in ["gzip;q=0", "identity", "br", ""] {
                    let answer = await client.raw(request.replacing("br, gzip", with: refusal))
                    #expect(!answer.lowercased().contains("content-encoding"), "\(refusal)")
                }
            }
        }
    }

    @Test func `other sites may read documents and nothing else`() async throws {
        try await SiteFixture.with { fixture in
            try await fixture.run("r1", minute: 0, openexr: .passed)
            try await fixture.serving(token: "secret") { (client: SiteClient) async throws in
                for path in ["/status.json", "/feed.json", "/badge/imath@vfx2026/head.json", "/runs/r1.json"] {
                    #expect(try await client.get(path)["Access-Control-Allow-Origin"] == "*", "\(path)")
                    let options = try await client.send("OPTIONS", path)
                    #expect(options.status == 204 && options["Access-Control-Allow-Origin"] == "*")
                }
                for path in ["/", "/jobs/imath@vfx2026/head", "/metrics"] {
                    #expect(try await client.get(path)["Access-Control-Allow-Origin"] == nil, "\(path)")
                }
                let options = try await client.send("OPTIONS", "/requests")
                #expect(options["Access-Control-Allow-Origin"] == nil && options["Allow"] == "POST, OPTIONS")
            }
        }
    }

    @Test func `scripts of other sites may send conditional requests, and read validators and errors`() async throws {
        try await SiteFixture.with { fixture in
            try await fixture.run("r1", minute: 0, openexr: .passed)
            try await fixture.serving { (client: SiteClient) async throws in
                let found = try await client.get("/status.json")
                #expect(found["Access-Control-Expose-Headers"] == "ETag")
                let options = try await client.send("OPTIONS", "/status.json")
                #expect(options["Access-Control-Allow-Headers"] == "If-None-Match")
                for path in ["/lkg/nothing.json", "/badge/zz@local/head.json", "/runs/r0.json"] {
                    let missing = try await client.get(path)
                    #expect(missing.status == 404 && missing["Access-Control-Allow-Origin"] == "*", "\(path)")
                }
                #expect(try await client.get("/attempts/a0")["Access-Control-Allow-Origin"] == nil)
            }
        }
    }

    @Test func `HTTP/1.0 gets whole bodies on a connection that ends with them`() async throws {
        try await SiteFixture.with { fixture in
            try await fixture.open("r1")
            try await fixture.attempt("a1", in: "r1")
            try "hello\nworld\n".write(toFile: fixture.log("a1"), atomically: false, encoding: .utf8)
            try await fixture.finish("a1")
            try await fixture.serving { (client: SiteClient) async throws in
                for path in ["/healthz", "/attempts/a1/log", "/status.json"] {
                    let began = ContinuousClock.now
                    let answer = await client.raw("GET \(path) HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                    #expect(began.duration(to: .now) < .seconds(5), "the connection stays open: \(path)")
                    #expect(answer.hasPrefix("HTTP/1.0 200") && !answer.lowercased().contains("transfer-encoding"))
                }
                let log = await client.raw("GET /attempts/a1/log HTTP/1.0\r\n\r\n")
                #expect(log.hasSuffix("\r\n\r\nhello\nworld\n"))
            }
        }
    }

    @Test func `HEAD announces the length that GET has, or none`() async throws {
        try await SiteFixture.with { fixture in
            try await fixture.open("r1")
            try await fixture.attempt("a1", in: "r1")
            try "hello\n".write(toFile: fixture.log("a1"), atomically: false, encoding: .utf8)
            try await fixture.finish("a1")
            try await fixture.serving { (client: SiteClient) async throws in
                for path in ["/attempts/a1/log", "/events"] {
                    let answer = await client.raw("HEAD \(path) HTTP/1.1\r\nHost: x\r\n\r\n")
                    #expect(answer.hasSuffix("\r\n\r\n") && !answer.contains("\r\n\r\n0"), "\(answer)")
                    #expect(!answer.lowercased().contains("content-length"), "\(path)")
                }
                let whole = try await client.get("/status.json", ["Accept-Encoding": "identity"])
                let head = await client.raw("HEAD /status.json HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                #expect(head.lowercased().contains("content-length: \(whole.body.count)\r\n"))
            }
        }
    }

    @Test(arguments: ["POST", "PUT", "DELETE", "PATCH", "TRACE"])
    func `a method that does not read is refused`(method: String) async throws {
        try await SiteFixture.with { fixture in
            try await fixture.serving { (client: SiteClient) async throws in
                let answer = try await client.send(method, "/status.json")
                #expect(answer.status == 405 && answer["Allow"] == "GET, HEAD, OPTIONS")
            }
        }
    }

    @Test func `a port in use is reported`() async throws {
        try await SiteFixture.with { fixture in
            try await fixture.serving { (client: SiteClient) async throws in
                var settings = WebServer.Settings()
                settings.port = client.port
                let logs = AttemptLogs(path: { $0 }, stageStarts: { _ in [] })
                let second = try WebServer(
                    stack: fixture.stack, history: fixture.history.reader, logs: logs, inbox: nil, settings: settings)
                let error = await #expect(throws: ServingError.self) { try await second.run { _ in } }
                #expect(
                    error?.description.hasPrefix(
                        "cannot listen on `127.0.0.1:\(client.port)`: address already in use\nhint: ") == true)
            }
        }
    }
}

/// Waits until `condition` holds, for a minute at most.
func until(location: SourceLocation = #_sourceLocation, _ condition: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while try await !condition() {
        try #require(ContinuousClock.now < deadline, sourceLocation: location)
        try await Task.sleep(for: .milliseconds(10))
    }
}
