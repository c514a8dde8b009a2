// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import Foundation
import FoundationNetworking
import Testing

/// A running `canary serve`, and its HTTP.
struct Site: Sendable {
    let program: Program
    let port: Int

    static let token = "a token"

    /// Starts the daemon of `forge` and waits until it listens.
    static func start(_ forge: MiniForge, location: SourceLocation = #_sourceLocation) async throws -> Site {
        let program = try forge.start(
            "serve", "--port", "0", environment: ["CANARY_API_TOKEN": Self.token])
        try await program.until(location: location) { program.errorsSoFar.contains("serving `") }
        let found = program.errorsSoFar.firstMatch(of: /127\.0\.0\.1:([0-9]+)/)
        return Site(program: program, port: try #require(found.flatMap { Int($0.1) }))
    }

    /// Serves while `body` runs, then ends it as a service manager does.
    static func with(
        _ forge: MiniForge, location: SourceLocation = #_sourceLocation, _ body: (Site) async throws -> Void
    ) async throws {
        let site = try await start(forge, location: location)
        do {
            try await body(site)
        } catch {
            site.program.send(SIGKILL)
            _ = try await site.program.end()
            throw error
        }
        site.program.send(SIGTERM)
        try await site.program.end(within: 5, location: location).expect(0, location: location)
    }

    private static let session: URLSession = {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.urlCache = nil
        configuration.timeoutIntervalForRequest = 30
        return URLSession(configuration: configuration)
    }()

    func get(_ path: String) async throws -> (status: Int, text: String) {
        let url = try #require(URL(string: "http://127.0.0.1:\(port)\(path)"))
        let (data, response) = try await Self.session.data(from: url)
        return ((response as? HTTPURLResponse)?.statusCode ?? 0, String(decoding: data, as: UTF8.self))
    }

    func document(_ path: String) async throws -> JSON {
        let text = try await get(path).text
        return try JSONDecoder().decode(JSON.self, from: Data(text.utf8))
    }

    /// Asks for something; the id of the request.
    func ask(_ body: String) async throws -> String {
        var request = URLRequest(url: try #require(URL(string: "http://127.0.0.1:\(port)/requests")))
        request.httpMethod = "POST"
        request.httpBody = Data(body.utf8)
        request.setValue("Bearer \(Self.token)", forHTTPHeaderField: "Authorization")
        let (data, response) = try await Self.session.data(for: request)
        let document = try JSONDecoder().decode(JSON.self, from: data)
        #expect((response as? HTTPURLResponse)?.statusCode == 202, "\(document)")
        return try #require(document["request"].text)
    }

    /// Waits until the request `id` is in `state`: its document.
    @discardableResult
    func request(_ id: String, is state: String, location: SourceLocation = #_sourceLocation) async throws -> JSON {
        var last = JSON.missing
        try await until(location: location, "`\(id)` is \(state)") {
            last = try await document("/requests/\(id).json")
            return last["state"] == .text(state)
        }
        return last
    }

    /// Waits until `condition` holds.
    func until(
        location: SourceLocation = #_sourceLocation, _ what: String, _ condition: () async throws -> Bool
    ) async throws {
        try await eventually(
            "not in time: \(what)\n\(program.errorsSoFar)", every: .milliseconds(20), while: program.isRunning,
            location: location, condition)
    }
}
