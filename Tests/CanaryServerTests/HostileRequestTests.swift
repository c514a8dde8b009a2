// SPDX-License-Identifier: Apache-2.0

import CanaryJudge
import CanaryModel
import CanaryServer
import Foundation
import Simulation
import Testing

@Suite("Hostile requests", .serialized) struct HostileRequestTests {
    private static let tricks = [
        "/../canary.sqlite", "/attempts/../../canary.sqlite/log", "/attempts/..%2f..%2fcanary.sqlite/log",
        "/attempts/%2e%2e/log", "/attempts/%00/log", "/attempts/a%0a1/log", "//etc/passwd", "/./status.json",
        "/lkg/../status.json", "/lkg/%2e%2e%2fstatus.json", "/lkg/.json", "/badge/@/head.json", "/badge/a@b/head",
        "/jobs//head", "/%", "/%zz", "/%c0%ae%c0%ae/", "/status.json/", "/status.json%00", "/STATUS.JSON",
        "/\\..\\canary.sqlite", "/runs/'%20OR%201=1--.json", "/attempts/a1'/log", "/?/../x", "*",
        "/" + String(repeating: "a", count: 2000), "/" + String(repeating: "x/", count: 400),
    ]

    @Test func `a malicious path leads nowhere`() async throws {
        try await SiteFixture.with { fixture in
            try await fixture.open("r1")
            try await fixture.attempt("a1", in: "r1")
            try "hello".write(toFile: fixture.log("a1"), atomically: false, encoding: .utf8)
            try await fixture.serving { (client: SiteClient) async throws in
                for path in Self.tricks {
                    let answer = await client.raw("GET \(path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                    let status = answer.split(separator: " ").dropFirst().first ?? ""
                    let isIndex = path.hasPrefix("/?")
                    #expect(
                        isIndex ? status == "200" : ["400", "404"].contains(status), "\(path): \(answer.prefix(200))")
                    #expect(!answer.contains("SQLite format") && !answer.contains("root:"), "\(path)")
                }
                #expect(try await client.get("/healthz").status == 200)
            }
        }
    }

    @Test func `a request that names another host gets nothing`() async throws {
        try await SiteFixture.with(site: "https://canary.example.org/ci/") { fixture in
            try await fixture.run("r1", minute: 0, openexr: .failed, transitions: [(.unknown, .suspected)])
            try await fixture.serving(token: "t") { (client: SiteClient) async throws in
                for path in ["/feed.json", "/status.json", "/", "/lkg/vfx2026.json", "/healthz", "/nothing"] {
                    for host in ["evil.invalid", "evil.invalid:\(client.port)", "10.0.0.1", "x.evil.invalid", "user@x"]
                    {
                        let answer = await client.raw(
                            "GET \(path) HTTP/1.1\r\nHost: \(host)\r\nX-Forwarded-Host: x\r\nConnection: close\r\n\r\n")
                        #expect(answer.hasPrefix("HTTP/1.1 421"), "\(path) \(host): \(answer.prefix(100))")
                        #expect(!answer.contains("openexr") && !answer.lowercased().contains("access-control-allow"))
                    }
                }
                let post = "POST /requests HTTP/1.1\r\nHost: evil.invalid\r\nAuthorization: Bearer t\r\n"
                #expect(await client.raw(post + "Content-Length: 2\r\nConnection: close\r\n\r\n{}").contains(" 421 "))
                for host in [
                    "x", "X.", "localhost:1", "127.0.0.1", "[::1]:80", "canary.example.org", "Canary.Example.ORG:443",
                ] {
                    let answer = await client.raw(
                        "GET /healthz HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n")
                    #expect(answer.hasPrefix("HTTP/1.1 200"), "\(host): \(answer.prefix(100))")
                }
            }
        }
    }

    @Test func `a request that names no host, or two, is refused, unless HTTP/1.0 sends it from this machine`()
        async throws
    {
        try await SiteFixture.with { fixture in
            try await fixture.serving { (client: SiteClient) async throws in
                for head in [
                    "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost:\r\n", "GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n",
                ] {
                    let answer = await client.raw(head + "Connection: close\r\n\r\n")
                    #expect(answer.hasPrefix("HTTP/1.1 400"), "\(head): \(answer.prefix(100))")
                }
                #expect(await client.raw("GET /healthz HTTP/1.0\r\n\r\n").hasPrefix("HTTP/1.0 200"))
                #expect(
                    await client.raw("GET /healthz HTTP/1.0\r\nHost: evil.invalid\r\n\r\n").hasPrefix("HTTP/1.0 421"))
            }
        }
    }

    @Test func `a host in the target of a request counts in place of the field`() async throws {
        try await SiteFixture.with { fixture in
            try await fixture.serving { (client: SiteClient) async throws in
                for (target, status) in [
                    ("http://evil.invalid/healthz", 421), ("HTTP://evil.invalid", 421), ("https://x@evil/healthz", 421),
                    ("http://x@evil.invalid/", 421), ("http://[::2]/healthz", 421), ("http:///healthz", 400),
                    ("http://x/healthz", 200), ("http://localhost:1/healthz?a", 200), ("http://x", 200),
                    ("http://x?a=http://evil.invalid/", 200), ("evil://evil.invalid/healthz", 421),
                ] {
                    let head = "GET \(target) HTTP/1.1\r\nConnection: close\r\n"
                    let answer = await client.raw(head + "Host: x\r\n\r\n")
                    #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(target): \(answer.prefix(100))")
                    #expect(await client.raw(head + "\r\n").hasPrefix("HTTP/1.1 400 "), "\(target)")
                }
                let other = "GET http://x/healthz HTTP/1.1\r\nHost: evil.invalid\r\nConnection: close\r\n\r\n"
                #expect(await client.raw(other).hasPrefix("HTTP/1.1 200 "), "RFC 9112 has the field ignored")
            }
        }
    }

    @Test func `who expects 100 Continue gets it before the body is sent`() async throws {
        let inbox = Inbox { $0 == "{\"a\":1}" ? .accepted("q1") : .full }
        try await SiteFixture.with { fixture in
            try await fixture.serving(token: "t", inbox: inbox) { (client: SiteClient) async throws in
                let head =
                    "POST /requests HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer t\r\nContent-Length: 7\r\n"
                    + "Expect: 100-Continue\r\n"
                let (first, rest) = await RawSocket.blocking {
                    let socket = RawSocket(port: client.port, patience: 10)
                    socket?.send(Array((head + "Connection: close\r\n\r\n").utf8))
                    let first = socket?.receive() ?? []
                    socket?.send(Array("{\"a\":1}".utf8))
                    return (first, socket?.receiveAll() ?? [])
                }
                #expect(String(decoding: first, as: UTF8.self) == "HTTP/1.1 100 Continue\r\n\r\n")
                #expect(String(decoding: rest, as: UTF8.self).hasPrefix("HTTP/1.1 202 "))
                // Two requests in one piece: nothing stands between the parts of a response.
                let both = await client.raw(
                    "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" + head + "Connection: close\r\n\r\n{\"a\":1}")
                #expect(both.hasPrefix("HTTP/1.1 200 ") && both.contains("HTTP/1.1 202 "))
            }
        }
    }

    @Test func `huge and endless headers are refused, and the server survives`() async throws {
        try await SiteFixture.with { fixture in
            try await fixture.serving { (client: SiteClient) async throws in
                let line = "X: " + String(repeating: "y", count: 100_000)
                let many = (0..<2000).map { "H\($0): v\r\n" }.joined()
                for head in [line + "\r\n", many, "Cookie: " + String(repeating: "z", count: 40_000) + "\r\n"] {
                    let answer = await client.raw("GET / HTTP/1.1\r\nHost: x\r\n\(head)\r\n")
                    #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 4"), "\(answer.prefix(100))")
                }
                let path = "GET /" + String(repeating: "p", count: 200_000) + " HTTP/1.1\r\n\r\n"
                let answer = await client.raw(path)
                #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 4"))
                #expect(try await client.get("/healthz").status == 200)
            }
        }
    }

    @Test func `slow bodies and silent connections do not block other clients`() async throws {
        try await SiteFixture.with { fixture in
            try await fixture.serving(token: "t") { (client: SiteClient) async throws in
                var sockets: [RawSocket] = []
                for index in 0..<200 {
                    let socket = try #require(RawSocket(port: client.port, patience: 1))
                    let head =
                        "POST /requests HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer t\r\nContent-Length: 100\r\n\r\n{"
                    socket.send(Array((index % 2 == 0 ? head : "GET / HT").utf8))
                    sockets.append(socket)
                }
                let began = ContinuousClock.now
                #expect(try await client.get("/status.json").status == 200)
                #expect(began.duration(to: .now) < .seconds(60))
                #expect(sockets.count == 200)
            }
        }
    }

    @Test func `connections above the limit wait, and none is lost`() async throws {
        try await SiteFixture.with { fixture in
            try await fixture.serving(connections: 50) { (client: SiteClient) async throws in
                var sockets = (0..<300).compactMap { _ in RawSocket(port: client.port, patience: 1) }
                #expect(sockets.count == 300)
                sockets.removeAll()
                try await until { try await client.get("/healthz").status == 200 }
            }
        }
    }

    @Test(arguments: [1, 2, 3])
    func `for any input it answers in HTTP or closes, leaks nothing and survives`(seed: UInt64) async throws {
        var random = SplitMix64(seed: seed)
        try await SiteFixture.with { fixture in
            let inbox = Inbox { _ in
                Issue.record("a request got in without the token")
                return .full
            }
            let before = Self.openFiles
            try await fixture.serving(token: "the right token", inbox: inbox) { (client: SiteClient) async throws in
                for _ in 0..<150 {
                    let bytes = HostileBytes.request(&random)
                    let answer = String(decoding: await client.raw(bytes, patience: 0.15), as: UTF8.self)
                    let isFine = answer.isEmpty || answer.hasPrefix("HTTP/1.1 ") || answer.hasPrefix("HTTP/1.0 ")
                    #expect(isFine, "\(String(decoding: bytes, as: UTF8.self)): \(answer.prefix(200))")
                    #expect(!answer.dropFirst(8).hasPrefix(" 5"), "\(String(decoding: bytes, as: UTF8.self))")
                }
                #expect(try await client.get("/status.json").status == 200)
            }
            try await until { Self.openFiles <= before + 40 }
        }
    }

    private static var openFiles: Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0
    }

    @Test func `outside text stays text in every document and page`() async throws {
        let text = "</script><script>alert(1)</script>\u{1B}[31m\u{202E}\"'&<b>\u{7}"
        try await SiteFixture.with { fixture in
            let outcome = Outcome.ended(
                in: .build, reason: .buildCompiler, firstError: FirstError(text: text, file: "<i>\(text)", line: 1))
            try await fixture.run(
                "r1", minute: 0, openexr: .init(outcome: outcome), transitions: [(.unknown, .suspected)])
            try await fixture.serving { (client: SiteClient) async throws in
                for path in ["/", "/jobs/openexr@vfx2026/head", "/runs/r1"] {
                    let page = try await client.get(path)
                    #expect(page.status == 200 && !page.text.contains("<script>alert"), "\(path)")
                    #expect(!page.text.contains("\u{1B}") && !page.text.contains("\u{202E}"), "\(path)")
                    #expect(page["Content-Security-Policy"]?.contains("script-src 'self'") == true)
                }
                for path in ["/status.json", "/feed.json", "/runs/r1.json"] {
                    let document = try await client.get(path)
                    #expect(!document.json.isEmpty && document["X-Content-Type-Options"] == "nosniff", "\(path)")
                    #expect(!document.text.contains("\u{1B}"), "\(path)")
                }
            }
        }
    }
}

/// Malformed requests.
enum HostileBytes {
    private static let methods = ["GET", "POST", "HEAD", "OPTIONS", "get", "", "G\u{0}T", "CONNECT", "PRI", "🐤"]
    private static let paths = [
        "/", "/status.json", "/events?", "/attempts/a1/log?follow=1&follow=0", "/requests", "/metrics", "*", "//", "/%",
        "/badge/%FF@x/head.json", "/lkg/\u{202E}.json", "/jobs/<script>@x/head", "", "http://x:y@z/", "/a b", "/\t",
    ]
    private static let headers = [
        "Host: x", "Host:", "Content-Length: -1", "Content-Length: 99999999999999999999", "Content-Length: 5",
        "Transfer-Encoding: chunked", "Transfer-Encoding: chunked, identity", "Expect: 100-continue",
        "Authorization: Bearer ", "Authorization: Bearer the right toke", "If-None-Match: *", "If-None-Match: \"",
        "Accept-Encoding: gzip;q=zzz, *;q=", "Range: bytes=0-0", "Upgrade: h2c", "Connection: upgrade, keep-alive",
        ": empty", " folded", "X\u{0}: y", "Origin: null", "Connection: close",
    ]
    private static let bodies = [
        "", "hello", "{}", "0\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n", "FFFFFFFFFFFFFFFF\r\n", "{\"kind\": \"run\"}",
        String(repeating: "[", count: 5000),
    ]

    static func request(_ random: inout SplitMix64) -> [UInt8] {
        var lines = [
            "\(methods.pick(&random)) \(paths.pick(&random)) \(["HTTP/1.1", "HTTP/1.0", "HTTP/9", ""].pick(&random))"
        ]
        for _ in 0..<Int.random(in: 0...6, using: &random) { lines.append(headers.pick(&random)) }
        let newline = random.chance(90) ? "\r\n" : "\n"
        var bytes = Array((lines.joined(separator: newline) + newline + newline + bodies.pick(&random)).utf8)
        for _ in 0..<Int.random(in: 0...3, using: &random) where !bytes.isEmpty && random.chance(40) {
            bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        return random.chance(10) ? Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random))) : bytes
    }
}
