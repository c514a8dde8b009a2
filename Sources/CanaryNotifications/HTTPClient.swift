// SPDX-License-Identifier: Apache-2.0

import Foundation
import FoundationNetworking
import Synchronization

/// The response of a server.
struct HTTPResponse: Sendable {
    let status: Int
    /// By lower-case name.
    let headers: [String: String]
    let body: Data
}

/// Why there is no response; without the address, which can be a secret.
struct HTTPFailure: Error, Hashable {
    let text: String
}

/// Sends one request at a time, each over a connection of its own, in a bounded time.
///
/// Redirects are not followed: they would carry a secret to another server.
struct HTTPClient: Sendable {
    let timeout: Duration
    /// The maximum number of bytes of a response; a longer one is a failure.
    var bodyLimit = 8 << 20

    /// The response to a request, whatever its status.
    func send(
        _ method: String, _ address: URL, headers: [String: String], body: Data? = nil
    ) async throws(HTTPFailure) -> HTTPResponse {
        var request = URLRequest(url: address)
        request.httpMethod = method
        request.httpBody = body
        // One second more than `timeout`: this one is measured between packets and does not limit the whole.
        request.timeoutInterval = TimeInterval(timeout.components.seconds + 1)
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        request.setValue("canary", forHTTPHeaderField: "User-Agent")
        if body != nil { request.setValue("application/json", forHTTPHeaderField: "Content-Type") }
        return try await HTTPExchange(request, bodyLimit: bodyLimit).response(within: timeout).get()
    }
}

/// One request and its response.
private final class HTTPExchange: NSObject, URLSessionDataDelegate {
    private struct State {
        var continuation: CheckedContinuation<Result<HTTPResponse, HTTPFailure>, Never>?
        var session: URLSession?
        var body = Data()
        var end: Result<HTTPResponse, HTTPFailure>?
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

    func response(within limit: Duration) async -> Result<HTTPResponse, HTTPFailure> {
        let timer = Task {
            try await Task.sleep(for: limit)
            end(.failure(HTTPFailure(text: "no answer within \(limit.components.seconds) s")))
        }
        defer { timer.cancel() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { begin($0) }
        } onCancel: {
            end(.failure(HTTPFailure(text: "cancelled")))
        }
    }

    private func begin(_ continuation: CheckedContinuation<Result<HTTPResponse, HTTPFailure>, Never>) {
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

    /// Only the first result counts.
    private func end(_ result: Result<HTTPResponse, HTTPFailure>) {
        let (continuation, session) = state.withLock { state in
            let open = (state.continuation, state.session)
            if state.end == nil { state.end = result }
            (state.continuation, state.session) = (nil, nil)
            return open
        }
        continuation?.resume(returning: result)
        // In the queue of the callbacks: a redirect in progress must be answered before.
        if let session { callbacks.addOperation { session.invalidateAndCancel() } }
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        let isTooMuch = state.withLock { state in
            state.body.append(data)
            return state.body.count > bodyLimit
        }
        if isTooMuch { end(.failure(HTTPFailure(text: "the response is longer than \(bodyLimit) bytes"))) }
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping (URLRequest?) -> Void
    ) {
        // FoundationNetworking crashes if a redirect is answered after its request was cancelled.
        guard state.withLock({ $0.end == nil }) else { return }
        completionHandler(nil)
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        if let error {
            end(.failure(HTTPFailure(text: Self.text(of: error))))
        } else if let response = task.response as? HTTPURLResponse {
            end(.success(self.response(response, state.withLock { $0.body })))
        } else {
            end(.failure(HTTPFailure(text: "the response is not HTTP")))
        }
    }

    private func response(_ response: HTTPURLResponse, _ body: Data) -> HTTPResponse {
        var headers: [String: String] = [:]
        for (name, value) in response.allHeaderFields {
            if let name = name as? String, let value = value as? String { headers[name.lowercased()] = value }
        }
        return HTTPResponse(status: response.statusCode, headers: headers, body: body)
    }

    /// Our own texts, because those of the error contain the address.
    private static func text(of error: any Error) -> String {
        switch (error as? URLError)?.code {
        case .timedOut?: "no answer in time"
        case .cannotFindHost?, .dnsLookupFailed?: "the host is not known"
        case .cannotConnectToHost?: "the host refuses connections"
        case .networkConnectionLost?, .badServerResponse?, .cannotParseResponse?, .zeroByteResource?:
            "the connection was dropped before an answer"
        case .secureConnectionFailed?, .serverCertificateUntrusted?, .serverCertificateHasBadDate?,
            .serverCertificateHasUnknownRoot?, .serverCertificateNotYetValid?, .clientCertificateRejected?:
            "no secure connection"
        // FoundationNetworking has no code for a request that was cut, or for a failed handshake.
        case .unknown?: "the connection failed"
        case let code?: "no answer (network error \(code.rawValue))"
        case nil: "no answer"
        }
    }
}
