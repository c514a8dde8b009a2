// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Synchronization
import Testing

/// What came in over one connection.
struct ReceivedRequest: Sendable {
    let method: String
    let path: String
    let query: [String: String]
    /// By lower-case name.
    let headers: [String: String]
    let body: Data

    var json: [String: Any] { (try? JSONSerialization.jsonObject(with: body)) as? [String: Any] ?? [:] }
    var text: String { String(decoding: body, as: UTF8.self) }
    var key: String? { headers["idempotency-key"] }
}

/// What the server does with a request that it has read.
enum Answer: Sendable {
    case status(Int, headers: [String: String] = [:], body: String = "")
    /// Closes the connection without a word.
    case drop
    /// Says nothing and keeps the connection open until the server ends.
    case hang
    /// Begins an answer and never ends it.
    case drip
}

/// An HTTP server on a port of its own that answers as a test says, one connection at a time each.
final class LocalServer: Sendable {
    private struct State {
        var requests: [ReceivedRequest] = []
        var open: [CInt] = []
        var isOver = false
    }

    let port: UInt16
    private let listener: CInt
    private let state = Mutex(State())
    private let answer: @Sendable (ReceivedRequest, Int) -> Answer
    private let readsAll: Bool

    /// Serves until it is released; `answer` gets the request and how many came before it.
    ///
    /// Without `readsAll` every connection is dropped while the request is still being sent.
    init(readsAll: Bool = true, _ answer: @escaping @Sendable (_ request: ReceivedRequest, _ earlier: Int) -> Answer)
        throws
    {
        self.answer = answer
        self.readsAll = readsAll
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        try #require(listener >= 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(listener, raw, length) == 0 && listen(listener, 64) == 0
                    && getsockname(listener, raw, &length) == 0
            }
        }
        try #require(isBound)
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread { [weak self] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                guard let server = self else {
                    close(connection)
                    return
                }
                Thread.detachNewThread { server.talk(over: connection) }
            }
        }
    }

    deinit { stop() }

    var url: String { "http://127.0.0.1:\(port)" }

    /// What came in so far.
    var requests: [ReceivedRequest] { state.withLock { $0.requests } }

    /// Closes all connections and takes no more.
    func stop() {
        let open = state.withLock { state in
            defer { (state.open, state.isOver) = ([], true) }
            return state.isOver ? [] : state.open + [listener]
        }
        for descriptor in open {
            shutdown(descriptor, Int32(SHUT_RDWR))
            close(descriptor)
        }
    }

    private func talk(over connection: CInt) {
        let isOver = state.withLock { state in
            if !state.isOver { state.open.append(connection) }
            return state.isOver
        }
        guard !isOver, readsAll, let request = Self.read(connection) else { return finish(connection) }
        let earlier = state.withLock { state in
            state.requests.append(request)
            return state.requests.count - 1
        }
        switch answer(request, earlier) {
        case .status(let code, let headers, let body):
            let all = headers.merging(["Content-Length": "\(body.utf8.count)", "Connection": "close"]) { $1 }
            let lines = ["HTTP/1.1 \(code) said"] + all.map { "\($0.key): \($0.value)" }
            send(lines.joined(separator: "\r\n") + "\r\n\r\n" + body, over: connection)
            finish(connection)
        case .drop: finish(connection)
        case .drip: send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{", over: connection)
        case .hang: break
        }
    }

    private func send(_ text: String, over connection: CInt) {
        let bytes = Array(text.utf8)
        _ = Glibc.send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    private func finish(_ connection: CInt) {
        let isOurs = state.withLock { state in
            guard let index = state.open.firstIndex(of: connection) else { return false }
            state.open.remove(at: index)
            return true
        }
        guard isOurs else { return }
        shutdown(connection, Int32(SHUT_RDWR))
        close(connection)
    }

    /// One request, whole; nil when the connection ends before that.
    private static func read(_ connection: CInt) -> ReceivedRequest? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            if let request = parse(bytes) { return request }
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            bytes += buffer.prefix(count)
        }
    }

    private static func parse(_ bytes: [UInt8]) -> ReceivedRequest? {
        let data = Data(bytes)
        guard let end = data.range(of: Data("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: data[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            headers[line[..<colon].lowercased()] = value
        }
        let body = data[end.upperBound...]
        let words = lines[0].split(separator: " ").map(String.init)
        guard words.count >= 2, body.count >= Int(headers["content-length"] ?? "0") ?? 0 else { return nil }
        let parts = URLComponents(string: words[1])
        let query = (parts?.queryItems ?? []).map { ($0.name, $0.value ?? "") }
        return ReceivedRequest(
            method: words[0], path: parts?.path ?? words[1], query: Dictionary(query) { $1 }, headers: headers,
            body: Data(body))
    }
}
