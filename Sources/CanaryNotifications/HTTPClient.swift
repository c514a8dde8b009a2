// SPDX-License-Identifier: Apache-2.0

import Foundation
import FoundationNetworking
import Synchronization

/// What a server answered.
struct HTTPAnswer: Sendable {
    let status: Int
    /// By lower-case name.
    let headers: [String: String]
    let body: Data
}

/// Why there is no answer; the address, which may be a secret, is never told.
struct HTTPTrouble: Error, Hashable {
    let text: String
}

/// Sends one request at a time, each over a connection of its own, in a bounded time.
///
/// Redirects are not followed: they would carry a secret to somebody else.
struct HTTPClient: Sendable {
    let timeout: Duration
    /// Bytes of an answer; more is not read.
    var bodyLimit = 8 << 20

    /// The answer to a request, whatever its status.
    func send(
        _ method: String, _ address: URL, headers: [String: String], body: Data? = nil
    ) async throws(HTTPTrouble) -> HTTPAnswer {
        var request = URLRequest(url: address)
        request.httpMethod = method
        request.httpBody = body
        // One more than ours: it is measured between packets and does not bound the whole.
        request.timeoutInterval = TimeInterval(timeout.components.seconds + 1)
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        request.setValue("canary", forHTTPHeaderField: "User-Agent")
        if body != nil { request.setValue("application/json", forHTTPHeaderField: "Content-Type") }
        return try await HTTPExchange(request, bodyLimit: bodyLimit).answer(within: timeout).get()
    }
}

/// One request and its answer.
private final class HTTPExchange: NSObject, URLSessionDataDelegate {
    private struct State {
        var continuation: CheckedContinuation<Result<HTTPAnswer, HTTPTrouble>, Never>?
        var session: URLSession?
        var body = Data()
        var end: Result<HTTPAnswer, HTTPTrouble>?
    }

    private let request: URLRequest
    private let bodyLimit: Int
    private let state = Mutex(State())
    private let callbacks = OperationQueue()

    init(_ request: URLRequest, bodyLimit: Int) {
        self.request = request
        self.bodyLimit = bodyLimit
        callbacks.maxConcurrentOperationCount = 1
    }

    func answer(within limit: Duration) async -> Result<HTTPAnswer, HTTPTrouble> {
        let bell = Task {
            try await Task.sleep(for: limit)
            end(.failure(HTTPTrouble(text: "no answer within \(limit.components.seconds) s")))
        }
        defer { bell.cancel() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { begin($0) }
        } onCancel: {
            end(.failure(HTTPTrouble(text: "cancelled")))
        }
    }

    private func begin(_ continuation: CheckedContinuation<Result<HTTPAnswer, HTTPTrouble>, Never>) {
        let session = URLSession(configuration: .ephemeral, delegate: self, delegateQueue: callbacks)
        let task = session.dataTask(with: request)
        let isOver = state.withLock { state in
            if let end = state.end {
                continuation.resume(returning: end)
                return true
            }
            (state.continuation, state.session) = (continuation, session)
            return false
        }
        if isOver { session.invalidateAndCancel() } else { task.resume() }
    }

    /// The first end counts.
    private func end(_ result: Result<HTTPAnswer, HTTPTrouble>) {
        let (continuation, session) = state.withLock { state in
            let open = (state.continuation, state.session)
            if state.end == nil { state.end = result }
            (state.continuation, state.session) = (nil, nil)
            return open
        }
        continuation?.resume(returning: result)
        // In the callbacks' queue: a redirect that is under way must have been answered before.
        if let session { callbacks.addOperation { session.invalidateAndCancel() } }
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        let isTooMuch = state.withLock { state in
            state.body.append(data)
            return state.body.count > bodyLimit
        }
        if isTooMuch { end(.failure(HTTPTrouble(text: "the answer is longer than \(bodyLimit) bytes"))) }
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping (URLRequest?) -> Void
    ) {
        // FoundationNetworking stops the program when a request that was cancelled is answered.
        guard state.withLock({ $0.end == nil }) else { return }
        completionHandler(nil)
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        if let error {
            end(.failure(HTTPTrouble(text: Self.words(error))))
        } else if let response = task.response as? HTTPURLResponse {
            end(.success(answer(response, state.withLock { $0.body })))
        } else {
            end(.failure(HTTPTrouble(text: "the answer is not HTTP")))
        }
    }

    private func answer(_ response: HTTPURLResponse, _ body: Data) -> HTTPAnswer {
        var headers: [String: String] = [:]
        for (name, value) in response.allHeaderFields {
            if let name = name as? String, let value = value as? String { headers[name.lowercased()] = value }
        }
        return HTTPAnswer(status: response.statusCode, headers: headers, body: body)
    }

    /// Our own words: the error's hold the address.
    private static func words(_ error: any Error) -> String {
        switch (error as? URLError)?.code {
        case .timedOut?: "no answer in time"
        case .cannotFindHost?, .dnsLookupFailed?: "the host is not known"
        case .cannotConnectToHost?: "the host takes no connection"
        case .networkConnectionLost?, .badServerResponse?, .cannotParseResponse?, .zeroByteResource?:
            "the connection was dropped before an answer"
        case .secureConnectionFailed?, .serverCertificateUntrusted?, .serverCertificateHasBadDate?,
            .serverCertificateHasUnknownRoot?, .serverCertificateNotYetValid?, .clientCertificateRejected?:
            "no secure connection"
        // What FoundationNetworking has no word for: a request that was cut, a handshake that failed.
        case .unknown?: "the connection failed"
        case let code?: "no answer (network error \(code.rawValue))"
        case nil: "no answer"
        }
    }
}
