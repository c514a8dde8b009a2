// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryModel
import Foundation
import Testing

@Suite("Streams") struct StreamTests {
    /// The log of `attempt` as `count` clients see it that follow it at the same time.
    private func follow(_ attempt: String, times count: Int, _ client: SiteClient) async throws -> [String] {
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<count { group.addTask { try await client.get("/attempts/\(attempt)/log?follow=1").text } }
            return try await group.reduce(into: [String]()) { $0.append($1) }
        }
    }

    private func get(_ path: String) -> [UInt8] { Array("GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n".utf8) }

    @Test func `each change of history sends an event`() async throws {
        try await SiteFixture.with { fixture in
            try await fixture.serving { (client: SiteClient) async throws in
                let socket = try #require(RawSocket(port: client.port, patience: 60))
                socket.send(get("/events"))
                var received = ""
                func receive(_ count: Int) async {
                    while received.components(separatedBy: "data: ").count - 1 < count {
                        let bytes = await RawSocket.blocking { socket.receive() ?? [] }
                        guard !bytes.isEmpty else { return }
                        received += String(decoding: bytes, as: UTF8.self)
                    }
                }
                await receive(1)
                #expect(received.contains("text/event-stream") && received.contains("data: {\"changedAt\": null}"))
                try await fixture.run("r1", minute: 0, openexr: .passed)
                await receive(2)
                #expect(received.contains("data: {\"changedAt\": \"2027-01-15T"))
            }
        }
    }

    @Test func `a finished log is sent without escapes`() async throws {
        try await SiteFixture.with { fixture in
            try await fixture.open("r1")
            try await fixture.attempt("a1", in: "r1")
            let text =
                "one\n\u{1B}[31mred\u{1B}[0m <script>\r\ntwo\u{202E}\n" + String(repeating: "x", count: 600_000)
                + "\nend"
            try text.write(toFile: fixture.log("a1"), atomically: false, encoding: .utf8)
            try await fixture.finish("a1")
            try await fixture.serving { (client: SiteClient) async throws in
                let expected = text.replacing("\u{1B}[31m", with: "").replacing("\u{1B}[0m", with: "")
                    .replacing("\r\n", with: "\n")
                #expect(try await client.get("/attempts/a1/log").text == expected)
                #expect(try await client.get("/attempts/a1/log?follow=1").text == expected)
                let bytes = Array(expected.utf8)
                for skip in [1, 4, 70_000, bytes.count - 3, bytes.count, bytes.count + 1, -1] {
                    let rest = try await client.get("/attempts/a1/log?follow=1&skip=\(skip)").body
                    #expect(Array(rest) == Array(bytes.dropFirst(max(0, skip))), "\(skip)")
                }
            }
        }
    }

    @Test func `a followed log grows until its attempt ends, for all clients`() async throws {
        try await SiteFixture.with { fixture in
            try await fixture.open("r1")
            try await fixture.attempt("a1", in: "r1")
            try "first\nhalf".write(toFile: fixture.log("a1"), atomically: false, encoding: .utf8)
            try await fixture.serving { (client: SiteClient) async throws in
                let now = try await client.get("/attempts/a1/log")
                #expect(now.text == "first\n", "whole lines only while it runs")
                async let answers = follow("a1", times: 20, client)
                try await until { try await client.get("/metrics").text.contains("canary_http_streams 20") }
                let file = try #require(FileHandle(forWritingAtPath: fixture.log("a1")))
                try file.seekToEnd()
                for line in 0..<50 { try file.write(contentsOf: Data(" line \(line)\n".utf8)) }
                try file.close()
                try await fixture.finish("a1")
                let expected = try String(contentsOfFile: fixture.log("a1"), encoding: .utf8)
                for text in try await answers { #expect(text == expected) }
                try await until { try await client.get("/metrics").text.contains("canary_http_streams 0") }
            }
        }
    }

    @Test func `streams end when the server stops`() async throws {
        try await SiteFixture.with { fixture in
            try await fixture.open("r1")
            try await fixture.attempt("a1", in: "r1")
            try await fixture.serving { (client: SiteClient) async throws in
                let events = try #require(RawSocket(port: client.port, patience: 60))
                events.send(get("/events"))
                let log = try #require(RawSocket(port: client.port, patience: 60))
                log.send(get("/attempts/a1/log?follow=1"))
                try await until { try await client.get("/metrics").text.contains("canary_http_streams 2") }
            }
        }
    }

    @Test func `a missing log says why`() async throws {
        try await SiteFixture.with { fixture in
            try await fixture.open("r1")
            try await fixture.attempt("a1", in: "r1")
            try await fixture.finish("a1")
            try await fixture.serving { (client: SiteClient) async throws in
                #expect(
                    try await client.get("/attempts/a1/log").json["error"] as? String
                        == "the log of `a1` does not exist: nothing was printed")
                try await fixture.history.recorder.retention.forgetLogs(["a1"])
                let answer = try await client.get("/attempts/a1/log")
                #expect(answer.status == 404 && answer.text.contains("was removed at"))
            }
        }
    }
}
