// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization
import Testing

@testable import CanaryServer

@Suite("Requests over HTTP") struct RequestTests {
    private func submit(_ client: SiteClient, token: String?, _ body: String = "{}") async throws -> SiteClient.Answer {
        try await client.send(
            "POST", "/requests", headers: token.map { ["Authorization": $0] } ?? [:], body: body)
    }

    @Test func `without a token on the server every request is refused`() async throws {
        for token in [nil, ""] {
            try await SiteFixture.with { fixture in
                try await fixture.serving(token: token) { (client: SiteClient) async throws in
                    for given in [nil, "Bearer ", "Bearer x", "Bearer"] {
                        #expect(try await submit(client, token: given).status == 403)
                    }
                }
            }
        }
    }

    @Test func `only the right token is accepted`() async throws {
        let accepted = Mutex(0)
        let inbox = Inbox { _ in
            accepted.withLock { $0 += 1 }
            return .accepted("q1")
        }
        try await SiteFixture.with { fixture in
            try await fixture.serving(token: "secret", inbox: inbox) { (client: SiteClient) async throws in
                for wrong in [
                    nil, "Bearer", "Bearer ", "Bearer secre", "Bearer secret2", "Bearer SECRET", "Basic secret",
                    "secret",
                ] {
                    let answer = try await submit(client, token: wrong)
                    #expect(answer.status == 401 && answer["WWW-Authenticate"] == "Bearer", "\(wrong ?? "-")")
                }
                #expect(accepted.withLock { $0 } == 0)
                let answer = try await submit(client, token: "Bearer secret")
                #expect(answer.status == 202 && answer.json["request"] as? String == "q1")
                #expect(try await submit(client, token: "bearer secret").status == 202)
                #expect(accepted.withLock { $0 } == 2)
            }
        }
    }

    @Test func `a body is passed on complete, refused with a reason, or too long`() async throws {
        let bodies = Mutex<[String]>([])
        let inbox = Inbox { body in
            bodies.withLock { $0.append(body) }
            return body == "full" ? .full : .refused("there is no `x`", hint: "did you mean `y`?")
        }
        try await SiteFixture.with { fixture in
            try await fixture.serving(token: "t", inbox: inbox) { (client: SiteClient) async throws in
                let refused = try await submit(client, token: "Bearer t", #"{"kind": "ü"}"#)
                #expect(refused.status == 400 && refused.json["error"] as? String == "there is no `x`")
                #expect(refused.json["hint"] as? String == "did you mean `y`?")
                #expect(bodies.withLock { $0 } == [#"{"kind": "ü"}"#])
                #expect(try await submit(client, token: "Bearer t", "\u{FEFF}full").status == 503, "no byte order mark")
                #expect(try await submit(client, token: "Bearer t", "full").status == 503)
                let long = String(repeating: "x", count: 70_000)
                #expect(try await submit(client, token: "Bearer t", long).status == 413)
                #expect(bodies.withLock { Array($0.dropFirst()) } == ["full", "full"])
            }
        }
    }

    @Test func `an address that sends too many wrong tokens must wait, and the right one is accepted meanwhile`()
        async throws
    {
        try await SiteFixture.with { fixture in
            try await fixture.serving(token: "t") { (client: SiteClient) async throws in
                let head = "POST /requests HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nAuthorization: Bearer wrong\r\n"
                let all = String(repeating: "\(head)\r\n{}", count: 50) + "\(head)Connection: close\r\n\r\n{}"
                let answers = await client.raw(all)
                #expect(answers.components(separatedBy: "HTTP/1.1 401").count > 30)
                #expect(answers.contains("HTTP/1.1 429"))
                #expect(try await submit(client, token: "Bearer wrong").status == 429)
                #expect(try await submit(client, token: "Bearer t").status == 202, "the right token is not locked out")
                #expect(try await client.get("/status.json").status == 200, "reading is not limited")
            }
        }
    }

    @Test func `each address has thirty wrong tokens at once, then one a second`() {
        let start = ContinuousClock.now
        let second = Mutex(0.0)
        let authenticator = BearerAuthenticator(token: "t") { start + .seconds(second.withLock { $0 }) }
        func tries(_ count: Int, from address: String = "a", _ word: String = "wrong") -> [BearerAuthenticator.Decision]
        {
            (0..<count).map { _ in authenticator.check("Bearer \(word)", from: address) }
        }
        #expect(tries(31) == Array(repeating: .invalidToken, count: 30) + [.tooManyTries])
        #expect(tries(100, from: "a", "t") == Array(repeating: .accepted, count: 100))
        #expect(tries(1, from: "a") == [.tooManyTries])
        #expect(tries(1, from: "b") == [.invalidToken])
        second.withLock { $0 = 2.5 }
        #expect(tries(3) == [.invalidToken, .invalidToken, .tooManyTries])
        second.withLock { $0 = 3600 }
        #expect(tries(31).filter { $0 == .tooManyTries }.count == 1)
    }

    @Test func `tokens are compared completely`() {
        func same(_ left: String, _ right: String) -> Bool {
            BearerAuthenticator.areEqual(Array(left.utf8), Array(right.utf8))
        }
        #expect(same("abc", "abc") && same("", ""))
        for other in ["", "a", "ab", "abd", "abcd", "xbc", "ABC"] { #expect(!same(other, "abc"), "\(other)") }
    }
}
