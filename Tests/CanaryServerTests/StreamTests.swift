// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryModel
import Foundation
import Testing

@Suite("Streams") struct StreamTests {
    private func get(_ path: String) -> [UInt8] { Array("GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n".utf8) }

    @Test func `an event comes with each change of history`() async throws {
        try await SiteFixture.with { bench in
            try await bench.serving { (client: SiteClient) async throws in
                let socket = try #require(RawSocket(port: client.port, patience: 60))
                socket.send(get("/events"))
                var heard = ""
                func hear(_ count: Int) async {
                    while heard.components(separatedBy: "data: ").count - 1 < count {
                        let bytes = await RawSocket.blocking { socket.receive() ?? [] }
                        guard !bytes.isEmpty else { return }
                        heard += String(decoding: bytes, as: UTF8.self)
                    }
                }
                await hear(1)
                #expect(heard.contains("text/event-stream") && heard.contains("data: {\"changedAt\": null}"))
                try await bench.run("r1", minute: 0, openexr: .passed)
                await hear(2)
                #expect(heard.contains("data: {\"changedAt\": \"2027-01-15T"))
            }
        }
    }

    @Test func `a finished log is sent without escapes`() async throws {
        try await SiteFixture.with { bench in
            try await bench.open("r1")
            try await bench.attempt("a1", in: "r1")
            let text =
                "one\n\u{1B}[31mred\u{1B}[0m <script>\r\ntwo\u{202E}\n" + String(repeating: "x", count: 600_000)
                + "\nend"
            try text.write(toFile: bench.log("a1"), atomically: false, encoding: .utf8)
            try await bench.finish("a1")
            try await bench.serving { (client: SiteClient) async throws in
                let expected = text.replacing("\u{1B}[31m", with: "").replacing("\u{1B}[0m", with: "")
                    .replacing("\r\n", with: "\n")
                #expect(try await client.get("/attempts/a1/log").text == expected)
                #expect(try await client.get("/attempts/a1/log?follow=1").text == expected)
            }
        }
    }

    @Test func `a followed log grows until its attempt ends, for all who follow`() async throws {
        try await SiteFixture.with { bench in
            try await bench.open("r1")
            try await bench.attempt("a1", in: "r1")
            try "first\nhalf".write(toFile: bench.log("a1"), atomically: false, encoding: .utf8)
            try await bench.serving { (client: SiteClient) async throws in
                let now = try await client.get("/attempts/a1/log")
                #expect(now.text == "first\n", "whole lines only while it runs")
                async let answers = withThrowingTaskGroup(of: String.self) { group in
                    for _ in 0..<20 { group.addTask { try await client.get("/attempts/a1/log?follow=1").text } }
                    return try await group.reduce(into: [String]()) { $0.append($1) }
                }
                try await until { try await client.get("/metrics").text.contains("canary_http_streams 20") }
                let file = try #require(FileHandle(forWritingAtPath: bench.log("a1")))
                try file.seekToEnd()
                for line in 0..<50 { try file.write(contentsOf: Data(" line \(line)\n".utf8)) }
                try file.close()
                try await bench.finish("a1")
                let expected = try String(contentsOfFile: bench.log("a1"), encoding: .utf8)
                for text in try await answers { #expect(text == expected) }
                try await until { try await client.get("/metrics").text.contains("canary_http_streams 0") }
            }
        }
    }

    @Test func `streams end when the server does`() async throws {
        try await SiteFixture.with { bench in
            try await bench.open("r1")
            try await bench.attempt("a1", in: "r1")
            try await bench.serving { (client: SiteClient) async throws in
                let events = try #require(RawSocket(port: client.port, patience: 60))
                events.send(get("/events"))
                let log = try #require(RawSocket(port: client.port, patience: 60))
                log.send(get("/attempts/a1/log?follow=1"))
                try await until { try await client.get("/metrics").text.contains("canary_http_streams 2") }
            }
        }
    }

    @Test func `a log that is gone says why`() async throws {
        try await SiteFixture.with { bench in
            try await bench.open("r1")
            try await bench.attempt("a1", in: "r1")
            try await bench.finish("a1")
            try await bench.serving { (client: SiteClient) async throws in
                #expect(
                    try await client.get("/attempts/a1/log").json["error"] as? String
                        == "the log of `a1` is not there: nothing was printed")
                try await bench.history.recorder.retention.forgetLogs(["a1"])
                let answer = try await client.get("/attempts/a1/log")
                #expect(answer.status == 404 && answer.text.contains("was removed at"))
            }
        }
    }
}
